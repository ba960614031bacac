/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_NOTICE_H
#define SSHD_ENTRY_NOTICE_H

#include <stddef.h>

#include "osc.h"

/* A program's message as a line for the FIFO, host-agent-message(5). Pure: no I/O. */

#define NOTICE_MAX 4096     /* bytes: PIPE_BUF, what a pipe takes in one piece, pipe(7) */
#define NOTICE_TITLE_MAX 80 /* characters */
#define NOTICE_TEXT_MAX 400 /* characters */

/* Writes the line, its newline included, and returns its length; 0: nothing of MESSAGE is left to
 * say. PORT is the client's, in digits. What is no valid UTF-8 and what controls a terminal is left
 * out; what is longer ends in `…`. */
size_t notice_of_message(char line[static NOTICE_MAX], const struct osc_message *message,
                         const char *port);

/* A bell's line: a later one takes its place on the desktop. */
size_t notice_of_bell(char line[static NOTICE_MAX], const char *port);

#endif
