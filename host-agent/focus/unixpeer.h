/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_UNIXPEER_H
#define HOST_AGENT_UNIXPEER_H

#include <glib.h>

/* The other ends of those of SOCKETS that are connected UNIX sockets: inodes, guint64, both. Empty
 * where the kernel does not tell (sock_diag(7)). Free with g_array_unref(). */
GArray *unixpeer_find(const GArray *sockets);

#endif
