/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_MODES_H
#define SSHD_ENTRY_MODES_H

#include <stddef.h>
#include <termios.h>

/* The terminal modes of a pty-req, RFC 4254 section 8 and RFC 8160. Pure.
 *
 * Applies ENCODED (LENGTH bytes) to *MODES. What is not known here, or has a value that makes no
 * sense, changes nothing. -1: the list breaks off in the middle; *MODES is as it was. */
int modes_apply(const unsigned char *encoded, size_t length, struct termios *modes);

#endif
