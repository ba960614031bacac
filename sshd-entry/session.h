/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_SESSION_H
#define SSHD_ENTRY_SESSION_H

#include <libssh/libssh.h>
#include <stdbool.h>

#include "channel.h"
#include "child.h"
#include "connection.h"
#include "environment.h"

/* A session channel: a shell, a command or a subsystem, RFC 4254 section 6. session.c is its life,
 * request.c what the client asks of it. */
struct session {
    struct channel channel; /* first: a channel of our kind is a session */
    struct environment client;
    int master; /* of the pty, for its size and its signals; -1: none */
    int slave;  /* until the child has it */
    struct watch *watch;
    char terminal[64];
    struct child child;
    int child_place; /* in this turn's pollset */
    bool started, ended, said_eof;
    int64_t started_ms;
    struct child_end end;
};

/* NULL: refused. */
ssh_channel session_open(struct connection *connection);

/* The signal's name in RFC 4254 section 6.10, NULL if it has none; and back, 0 if there is none. */
const char *session_signal_name(int number);
int session_signal_number(const char *name);

#endif
