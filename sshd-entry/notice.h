/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_NOTICE_H
#define SSHD_ENTRY_NOTICE_H

#include <stddef.h>

#include "osc.h"

/* A program's message as a line for the FIFO, host-agent-message(5). Pure: no I/O. */

#define NOTICE_MAX 4096     /* bytes: PIPE_BUF, what a pipe takes in one piece, pipe(7) */
#define NOTICE_TITLE_MAX 80 /* characters */
#define NOTICE_TEXT_MAX 400 /* characters */

struct notice {
    size_t length; /* 0: there is nothing to say */
    char line[NOTICE_MAX];
};

/* MESSAGE as a line, its newline included; PORT is the client's, in digits. What is no valid UTF-8
 * and what controls a terminal is left out; what is longer ends in `…`. */
void notice_of_message(struct notice *notice, const struct osc_message *message, const char *port);

/* A bell's: a later one takes its place on the desktop. */
void notice_of_bell(struct notice *notice, const char *port);

#endif
