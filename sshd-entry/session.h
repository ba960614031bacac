/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_SESSION_H
#define SSHD_ENTRY_SESSION_H

#include <libssh/libssh.h>

#include "connection.h"

/* A session channel: a shell, a command or a subsystem, RFC 4254 section 6. NULL: refused. */
ssh_channel session_open(struct connection *connection);

#endif
