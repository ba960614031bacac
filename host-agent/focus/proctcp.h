/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PROCTCP_H
#define HOST_AGENT_PROCTCP_H

#include <glib.h>
#include <sys/types.h>

/* The text of /proc/net/tcp (proc_net_tcp(5)). Pure. */

/* The number of established connections whose local end is 127.0.0.1:PORT. */
unsigned proctcp_sessions(const char *text, int port);

/* The client's end of a connection. */
typedef struct {
    int port;
    guint64 socket; /* its inode */
} ProctcpClient;

/* The ends that UID's processes hold of the established connections from 127.0.0.1 to
 * 127.0.0.1:PORT, as ProctcpClient. Free with g_array_unref(). */
GArray *proctcp_clients(const char *text, int port, uid_t uid);

#endif
