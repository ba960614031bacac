/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_TUNNEL_H
#define SSHD_ENTRY_TUNNEL_H

#include <libssh/server.h>

#include "connection.h"

/* Channels whose local end is a socket: the forwarded ssh-agent, TCP forwarding both ways, RFC 4254
 * section 7, and direct-streamlocal@openssh.com. */

/* Forwards FD, a client of the agent socket, to the ssh-agent of the connection's client. Owns FD.
 */
void tunnel_agent(struct connection *connection, int fd);

/* Where a connection came in, and from where, for the client to tell them apart. */
struct tunnel_origin {
    char listen_host[256]; /* as the client asked for it */
    int listen_port;
    char peer_host[64];
    int peer_port;
};

/* Forwards FD, which was accepted for the client's tcpip-forward. Owns FD. */
void tunnel_forwarded_tcpip(struct connection *connection, int fd,
                            const struct tunnel_origin *origin);

/* Serves a direct-tcpip open, or the direct-streamlocal that stands behind it, see extension.h. -1:
 * refused, MESSAGE is not answered yet. */
int tunnel_direct(struct connection *connection, ssh_message message);

#endif
