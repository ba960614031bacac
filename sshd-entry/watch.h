/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_WATCH_H
#define SSHD_ENTRY_WATCH_H

#include <stddef.h>

/* Looks at what programs write to a terminal, and tells the host by the FIFO what they have to say
 * to their user: --terminal-messages. Waits for nothing: what the FIFO does not take at once, and
 * what is more than a few a second, is dropped. */
struct watch;

/* WORDS is a set of enum options_terminal; FIFO, which is non-blocking, and PORT, the client's, are
 * borrowed. NULL: no memory. Free with free(3). */
struct watch *watch_new(int fifo, unsigned words, const char *port);

/* BYTES follow those of earlier calls. */
void watch_output(struct watch *watch, const char *bytes, size_t size);

#endif
