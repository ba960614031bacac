/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_REVERSE_H
#define SSHD_ENTRY_REVERSE_H

#include <libssh/server.h>

#include "connection.h"
#include "pollset.h"

/* What a client has us listen on for it: tcpip-forward and its cancel, RFC 4254 section 7.1. Unless
 * --gateway-ports says otherwise only the loopback is bound, whatever address it asks for. */

#define REVERSE_MAX 32     /* listeners of one connection */
#define REVERSE_FAMILIES 2 /* IPv4 and IPv6 */

struct reverse_listener {
    int fds[REVERSE_FAMILIES]; /* -1: none; the first is used first */
    int places[REVERSE_FAMILIES];
    char host[256]; /* as the client asked for it */
    int port;       /* that was bound */
};

/* Serves a tcpip-forward or cancel-tcpip-forward. -1: refused, MESSAGE is not answered yet. */
int reverse_request(struct connection *connection, ssh_message message);

void reverse_init(struct reverse_listener listeners[static REVERSE_MAX]);

/* One turn of the connection's loop. */
void reverse_prepare(struct connection *connection, struct pollset *set);
void reverse_serve(struct connection *connection, const struct pollset *set);

#endif
