/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_INIT_H
#define SSHD_ENTRY_INIT_H

#include <libssh/server.h>

#include "account.h"
#include "options.h"

/* The work of PID 1: accepts on LISTENER (which it then owns), forks a process a connection, reaps
 * every child, and hands whoever connects to the agent socket to the newest connection that
 * forwards an agent. Parses nothing that comes from the network. Returns after SIGTERM or SIGINT:
 * 0, or -1 if something kept it from starting (logged). */
int init_run(const struct options *options, const struct account *account, ssh_bind transport,
             int listener);

#endif
