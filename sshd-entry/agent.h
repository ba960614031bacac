/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_AGENT_H
#define SSHD_ENTRY_AGENT_H

#include "connection.h"

/* Forwards FD, a client of the agent socket, to the ssh-agent of the connection's client, over a
 * channel of its own. Owns FD. */
void agent_forward(struct connection *connection, int fd);

#endif
