/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_CHANNEL_H
#define SSHD_ENTRY_CHANNEL_H

#include <libssh/callbacks.h>
#include <stdbool.h>

#include "connection.h"
#include "pollset.h"
#include "relay.h"

/* Of one kind on one connection. libssh looks channels up one by one; and what a program inside
 * opens must not take the user's own places. */
#define CHANNELS_MAX 256

/* What every kind of channel has: a place in its connection's list, a relay, and an end. A kind
 * begins its struct with this one.
 *
 * libssh calls back from within nearly any call on the session. A callback may add a channel and
 * set flags; channels are freed in the loop alone. */
struct channel {
    struct channel *next;
    struct connection *connection;
    const struct channel_kind *kind;
    ssh_channel ssh;
    struct ssh_channel_callbacks_struct callbacks;
    struct relay relay;
    bool peer_closed; /* the peer wants no more of it */
    bool refused;     /* by the peer, when we offered it: it will never close it */
    bool over;        /* may be freed once the peer has closed it */
    bool ended;       /* over, and nothing is left but its place */
};

struct channel_kind {
    const char *name;
    unsigned most; /* at one time, on one connection */
    /* Adds what it waits for besides the relay's descriptors. May be NULL. */
    void (*prepare)(struct channel *channel, struct pollset *set);
    /* One turn, after the relay's; sets `over` at the end. */
    void (*serve)(struct channel *channel, const struct pollset *set);
    /* The client is gone, or the channel over: lets go of everything at once. */
    void (*hang_up)(struct channel *channel);
    /* After hang_up: frees what the kind owns, then the struct. */
    void (*free)(struct channel *channel);
};

/* Gives CHANNEL (zeroed, of KIND, to be freed by it) a libssh channel, the callbacks that its kind
 * set beforehand, and a place in the list. -1: too many of its kind, or no memory; nothing was
 * added. */
int channel_add(struct channel *channel, struct connection *connection,
                const struct channel_kind *kind);

/* Turns over all channels of a connection. */
void channels_prepare(struct connection *connection, struct pollset *set, bool can_send);
void channels_serve(struct connection *connection, const struct pollset *set, bool can_send);
void channels_hang_up(struct connection *connection);

#endif
