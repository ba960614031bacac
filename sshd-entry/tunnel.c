/* SPDX-License-Identifier: ISC */
#include "tunnel.h"

#include <errno.h>
#include <libssh/libssh.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "channel.h"
#include "cleanup.h"
#include "control.h"
#include "dial.h"
#include "log.h"

#define AGENTS_MAX 32

struct tunnel {
    struct channel channel; /* first */
    enum {
        TUNNEL_OFFERED, /* the peer has not confirmed the channel yet */
        TUNNEL_DIALLED, /* the peer waits for us to connect */
        TUNNEL_OPEN,
    } state;
    int fd;    /* offered: our socket; dialled: brings the socket, see dial.h; then the relay's */
    int place; /* of FD in this turn's pollset */
    int (*offer)(struct tunnel *tunnel);
    struct tunnel_origin origin; /* of forwarded-tcpip */
    bool said_eof;
};

static int offer_agent(struct tunnel *tunnel)
{
    return ssh_channel_open_auth_agent(tunnel->channel.ssh);
}

static int offer_forwarded_tcpip(struct tunnel *tunnel)
{
    const struct tunnel_origin *o = &tunnel->origin;

    return ssh_channel_open_reverse_forward(tunnel->channel.ssh, o->listen_host, o->listen_port,
                                            o->peer_host, o->peer_port);
}

/* Owns FD. */
static void open_at(struct tunnel *tunnel, int fd)
{
    int on = 1;

    /* The peer's bytes must not wait until earlier ones were acknowledged. Not TCP: refused. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    tunnel->state = TUNNEL_OPEN;
    tunnel->channel.relay.socket = true;
    tunnel->channel.over = relay_attach_both(&tunnel->channel.relay, fd) < 0;
}

static void prepare(struct channel *channel, struct pollset *set)
{
    struct tunnel *t = (struct tunnel *)channel;

    t->place = t->state == TUNNEL_DIALLED ? pollset_add(set, t->fd, POLLIN) : -1;
}

/* The peer's answer comes with some event of the connection. */
static void serve_offer(struct tunnel *t)
{
    int rc = t->offer(t);

    if (rc == SSH_OK)
        open_at(t, steal_fd(&t->fd));
    else if (rc != SSH_AGAIN)
        t->channel.over = t->channel.refused = true;
}

static void serve_dial(struct tunnel *t, const struct pollset *set)
{
    if (t->channel.peer_closed) {
        t->channel.over = true;
    } else if (pollset_events(set, t->place)) {
        int fd = control_receive_fd(t->fd);
        close_fd(&t->fd);
        if (fd >= 0)
            open_at(t, fd);
        else
            t->channel.over = true;
    }
}

static void serve_open(struct tunnel *t)
{
    struct channel *channel = &t->channel;

    if (relay_output_done(&channel->relay) && !t->said_eof && !channel->peer_closed) {
        t->said_eof = true;
        ssh_channel_send_eof(channel->ssh);
    }
    channel->over =
        channel->peer_closed || channel->relay.failed || (t->said_eof && channel->relay.to < 0);
}

static void serve(struct channel *channel, const struct pollset *set)
{
    struct tunnel *t = (struct tunnel *)channel;

    if (t->state == TUNNEL_OFFERED)
        serve_offer(t);
    else if (t->state == TUNNEL_DIALLED)
        serve_dial(t, set);
    else
        serve_open(t);
    if (channel->over && t->state != TUNNEL_OFFERED)
        ssh_channel_close(channel->ssh);
}

static void hang_up(struct channel *channel)
{
    close_fd(&((struct tunnel *)channel)->fd);
}

static void free_tunnel(struct channel *channel)
{
    free(channel);
}

static const struct channel_kind agent = {"agent", AGENTS_MAX, prepare,
                                          serve,   hang_up,    free_tunnel};
static const struct channel_kind forwarded_tcpip = {"forwarded-tcpip", CHANNELS_MAX, prepare, serve,
                                                    hang_up,           free_tunnel};
static const struct channel_kind direct_tcpip = {"direct-tcpip", CHANNELS_MAX, prepare,
                                                 serve,          hang_up,      free_tunnel};
static const struct channel_kind direct_streamlocal = {
    "direct-streamlocal", CHANNELS_MAX, prepare, serve, hang_up, free_tunnel};

/* Owns FD. NULL: it is closed. */
static struct tunnel *tunnel_new(struct connection *connection, const struct channel_kind *kind,
                                 int fd)
{
    struct tunnel *tunnel = calloc(1, sizeof(*tunnel));

    if (tunnel) {
        tunnel->fd = fd;
        tunnel->place = -1;
        if (channel_add(&tunnel->channel, connection, kind) == 0)
            return tunnel;
        free(tunnel);
    }
    close_fd(&fd);
    return NULL;
}

void tunnel_agent(struct connection *connection, int fd)
{
    struct tunnel *tunnel = tunnel_new(connection, &agent, fd);

    if (tunnel)
        tunnel->offer = offer_agent;
}

void tunnel_forwarded_tcpip(struct connection *connection, int fd,
                            const struct tunnel_origin *origin)
{
    struct tunnel *tunnel = tunnel_new(connection, &forwarded_tcpip, fd);

    if (tunnel) {
        tunnel->offer = offer_forwarded_tcpip;
        tunnel->origin = *origin;
    }
}

/* Owns FD, of dial(). */
static int accept_direct(struct connection *connection, const struct channel_kind *direct, int fd,
                         bool connected, ssh_message message)
{
    struct tunnel *tunnel = tunnel_new(connection, direct, fd);

    if (!tunnel)
        return -1;
    tunnel->state = TUNNEL_DIALLED;
    if (connected)
        open_at(tunnel, steal_fd(&tunnel->fd));
    if (ssh_message_channel_request_open_reply_accept_channel(message, tunnel->channel.ssh) < 0)
        tunnel->channel.over = tunnel->channel.refused = true;
    return 0;
}

/* permitopen= names hosts and ports alone: a key that has it may connect to nothing else. */
static int direct_to_path(struct connection *connection, const char *path, ssh_message message)
{
    const struct keyoptions *grant = &connection->auth.grant;
    bool connected;
    bool permitted = grant->port_forwarding && !grant->permit_open.count;
    int fd = permitted ? dial_path(path, &connected) : -1;

    if (!permitted)
        errno = EPERM;
    if (fd < 0) {
        log_info("direct-streamlocal to %s refused: %m", path);
        return -1;
    }
    log_info("direct-streamlocal to %s", path);
    return accept_direct(connection, &direct_streamlocal, fd, connected, message);
}

static int direct_to_port(struct connection *connection, ssh_message message)
{
    const char *host = ssh_message_channel_request_open_destination(message);
    int port = ssh_message_channel_request_open_destination_port(message);
    bool connected;
    bool permitted = keyoptions_permit_open(&connection->auth.grant, host, port);
    int fd = permitted ? dial(host, port, &connected) : -1;

    if (!permitted)
        errno = EPERM;
    if (fd < 0) {
        log_info("direct-tcpip to %.100s port %d refused: %m", host, port);
        return -1;
    }
    log_info("direct-tcpip to %.100s port %d", host, port);
    return accept_direct(connection, &direct_tcpip, fd, connected, message);
}

int tunnel_direct(struct connection *connection, ssh_message message)
{
    const char *path = connection->extension.path;

    return *path ? direct_to_path(connection, path, message) : direct_to_port(connection, message);
}
