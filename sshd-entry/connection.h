/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_CONNECTION_H
#define SSHD_ENTRY_CONNECTION_H

#include <libssh/callbacks.h>
#include <libssh/server.h>

#include "account.h"
#include "alive.h"
#include "auth.h"
#include "extension.h"
#include "options.h"
#include "pollset.h"
#include "trim.h"

struct channel;
struct reverse_listener;

/* One client's connection, in a process of its own. */
struct connection {
    const struct options *options;
    const struct account *account;
    ssh_session ssh;
    ssh_event event; /* holds the session alone: libssh must not call back into what we poll */
    int control;     /* to PID 1 */
    int fifo;        /* for a terminal's messages; -1: none are wanted */
    int signals;     /* signalfd: SIGTERM */
    struct ssh_server_callbacks_struct callbacks;
    struct auth auth;
    struct alive alive;
    struct trim trim;
    struct extension extension;
    struct channel *channels;           /* the next to be served first */
    struct reverse_listener *listeners; /* REVERSE_MAX of them */
    bool touched; /* a callback changed a channel; it may have had its turn already */
    bool forwards_agent;
    bool starved;        /* of descriptors: what is listened on waits */
    bool abused;         /* the client broke a rule that keeps memory bounded */
    uint64_t sent;       /* bytes that had been made when all of them were sent last */
    char endpoints[176]; /* as in SSH_CONNECTION: client's address and port, ours */
    char address[64];    /* the client's, numeric */
    char port[8];        /* the client's */
    char client[96];     /* as in SSH_CLIENT: client's address and port, our port */
};

/* What PID 1 hands over. */
struct connection_fds {
    int client;
    int control; /* to PID 1, see control.h */
    int fifo;    /* non-blocking, or -1 */
};

/* Serves the client until it is gone or PID 1 wants us to end. Before login, a refusal takes
 * REFUSAL_DELAY_MS. Never returns: this is all that the process was forked for. */
_Noreturn void connection_serve(const struct options *options, const struct account *account,
                                ssh_bind transport, const struct connection_fds *fds,
                                unsigned refusal_delay_ms);

/* The client broke a rule that keeps memory bounded: HOW goes to the log, and this turn is the
 * last.
 */
void connection_abused(struct connection *connection, const char *how);

#endif
