/* SPDX-License-Identifier: ISC */
#include "channel.h"

#include <libssh/libssh.h>
#include <libssh/server.h>

#include "log.h"

/* What all channels of one connection may hold for programs that do not read: some 200 full
 * windows. libssh's are of 1.28 MB, and 0.10 does not enforce them. */
#define HELD_MAX (256U << 20)

static int on_data(ssh_session session, ssh_channel ssh, void *data, uint32_t length, int is_stderr,
                   void *userdata)
{
    struct channel *channel = userdata;

    (void)session;
    (void)ssh;
    /* A client has no use for extended data, RFC 4254 section 5.2: dropped. */
    return (int)(is_stderr ? length : relay_take(&channel->relay, data, length));
}

static void on_eof(ssh_session session, ssh_channel ssh, void *userdata)
{
    struct channel *channel = userdata;

    (void)session;
    (void)ssh;
    channel->relay.peer_eof = true;
    channel->connection->touched = true;
}

static void on_close(ssh_session session, ssh_channel ssh, void *userdata)
{
    struct channel *channel = userdata;

    (void)session;
    (void)ssh;
    channel->relay.peer_eof = true;
    channel->peer_closed = true;
    channel->connection->touched = true;
}

static unsigned count_kind(const struct connection *connection, const struct channel_kind *kind)
{
    unsigned count = 0;

    for (const struct channel *c = connection->channels; c; c = c->next)
        count += c->kind == kind && !(c->ended && c->peer_closed);
    return count;
}

int channel_add(struct channel *channel, struct connection *connection,
                const struct channel_kind *kind)
{
    struct channel **end = &connection->channels;

    if (count_kind(connection, kind) == kind->most) {
        log_debug("a %s channel is refused: %u are open already", kind->name, kind->most);
        return -1;
    }
    channel->connection = connection;
    channel->kind = kind;
    channel->ssh = ssh_channel_new(connection->ssh);
    if (!channel->ssh)
        return -1;
    relay_init(&channel->relay, channel->ssh);
    channel->callbacks.userdata = channel;
    channel->callbacks.channel_data_function = on_data;
    channel->callbacks.channel_eof_function = on_eof;
    channel->callbacks.channel_close_function = on_close;
    ssh_callbacks_init(&channel->callbacks);
    ssh_set_channel_callbacks(channel->ssh, &channel->callbacks);

    while (*end)
        end = &(*end)->next;
    *end = channel;
    return 0;
}

static void let_go(struct channel *channel)
{
    channel->kind->hang_up(channel);
    relay_stop(&channel->relay);
}

/* The peer may send until its close has come, and libssh keeps what it sends, without limit. So the
 * channel counts until then, with all that is kept, and nothing is taken any more. */
static void end_channel(struct channel *channel)
{
    let_go(channel);
    channel->relay.attached = false;
    channel->ended = true;
}

static void free_channel(struct channel *channel)
{
    /* libssh keeps its half until the peer's close has come, and must not call us any more. */
    ssh_remove_channel_callbacks(channel->ssh, &channel->callbacks);
    ssh_channel_free(channel->ssh);
    channel->kind->free(channel);
}

void channels_prepare(struct connection *connection, struct pollset *set, bool can_send)
{
    if (connection->touched)
        pollset_wake_after(set, 0);
    for (struct channel *c = connection->channels; c; c = c->next) {
        if (c->ended)
            continue;
        relay_prepare(&c->relay, set, can_send);
        if (c->kind->prepare)
            c->kind->prepare(c, set);
    }
}

/* Whoever was served first sends first: the next turn begins with another. */
static void rotate(struct connection *connection)
{
    struct channel *first = connection->channels;
    struct channel **end = &connection->channels;

    if (!first || !first->next)
        return;
    connection->channels = first->next;
    first->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = first;
}

void channels_serve(struct connection *connection, const struct pollset *set, bool can_send)
{
    size_t held = 0;

    /* While one channel sends, libssh may call back for another that has had its turn. */
    connection->touched = false;
    /* Channels that callbacks add on the way come last and wait for nothing yet. */
    for (struct channel *c = connection->channels; c; c = c->next) {
        bool room = can_send && !(ssh_get_status(connection->ssh) & SSH_WRITE_PENDING);
        if (!c->ended) {
            relay_serve(&c->relay, set, room);
            c->kind->serve(c, set);
        }
        if (c->relay.overrun)
            connection_abused(connection, "a channel ignores its window");
        held += relay_held(&c->relay);
    }
    if (held > HELD_MAX)
        connection_abused(connection, "too much waits for its readers");
    for (struct channel **at = &connection->channels; *at;) {
        struct channel *c = *at;
        if (c->over && !c->ended)
            end_channel(c);
        if (c->over && (c->peer_closed || c->refused)) {
            *at = c->next;
            free_channel(c);
        } else {
            at = &c->next;
        }
    }
    rotate(connection);
}

void channels_hang_up(struct connection *connection)
{
    for (struct channel *c = connection->channels; c; c = c->next)
        let_go(c);
}
