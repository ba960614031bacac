/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_CLOSER_H
#define HOST_AGENT_CLOSER_H

#include <glib.h>

/* Closes sockets that a stranger could send descriptors over (SCM_RIGHTS, unix(7)). What is sent
 * and not received is closed with the socket that it waits in, and that takes as long as its sender
 * likes: a TCP socket with SO_LINGER (socket(7)) waits for a peer that reads nothing. Reading it
 * takes as long. So a thread does both, one for each stranger. */

typedef struct Closer Closer;

Closer *closer_new(GError **error);

/* Whoever is at the other end of FD sees its end now. FD is CLOSER's from here. */
void closer_close(Closer *closer, int fd);

guint closer_pending(const Closer *closer); /* how many are not closed yet */

/* Waits for nothing: what is pending is still closed. */
void closer_free(Closer *closer);

#endif
