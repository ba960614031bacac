/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_PTY_H
#define SSHD_ENTRY_PTY_H

#include <stddef.h>

/* Sizes of a terminal as in pty-req and window-change, RFC 4254 sections 6.2 and 6.7. */
struct pty_size {
    unsigned columns, rows;
    unsigned width, height; /* pixels */
};

/* A new pseudo-terminal with the kernel's default modes and IUTF8. Sets *MASTER (CLOEXEC,
 * non-blocking) and *SLAVE (CLOEXEC), which the caller owns, and its name in NAME. -1: logged. */
int pty_open(int *master, int *slave, char *name, unsigned name_size, struct pty_size size);

/* Applies the modes of a pty-req, see modes.h. What is wrong with them leaves them as they were. */
void pty_set_modes(int slave, const unsigned char *encoded, size_t length);

void pty_resize(int master, struct pty_size size);

/* Sends signal NUMBER to the terminal's foreground process group. -1: there is none. */
int pty_signal(int master, int number);

/* What a user's ^D would send. */
char pty_eof_character(int master);

#endif
