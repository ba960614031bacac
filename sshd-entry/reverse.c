/* SPDX-License-Identifier: ISC */
#include "reverse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "log.h"
#include "tunnel.h"

#define BACKLOG 32

/* Sets *PORT to what was bound, if it was 0. */
static int listen_on(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)*port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int on = 1;
    cleanup_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return -1;
    *port = ntohs(address.sin_port);
    return steal_fd(&fd);
}

static struct reverse_listener *find(struct connection *connection, const char *host, int port)
{
    for (int i = 0; i < REVERSE_MAX; i++) {
        struct reverse_listener *l = &connection->listeners[i];
        if (l->fd >= 0 && l->port == port && strcmp(l->host, host) == 0)
            return l;
    }
    return NULL;
}

static int start(struct connection *connection, const char *host, int port, ssh_message message)
{
    struct reverse_listener *place = NULL;

    for (int i = 0; i < REVERSE_MAX && !place; i++)
        if (connection->listeners[i].fd < 0)
            place = &connection->listeners[i];
    if (!keyoptions_permit_listen(&connection->auth.grant, host, port)) {
        log_info("tcpip-forward of port %d refused: the key may not", port);
        return -1;
    }
    if (!place || port < 0 || port > 65535 || strlen(host) >= sizeof(place->host)) {
        log_info("tcpip-forward refused: %s", place ? "no such address" : "too many");
        return -1;
    }
    int fd = listen_on(&port);
    if (fd < 0) {
        log_info("tcpip-forward of port %d refused: %s", port, strerror(errno));
        return -1;
    }
    *place = (struct reverse_listener){.fd = fd, .place = -1, .port = port};
    memcpy(place->host, host, strlen(host) + 1);
    ssh_message_global_request_reply_success(message, (uint16_t)port);
    log_info("tcpip-forward of port %d", port);
    return 0;
}

static int cancel(struct connection *connection, const char *host, int port, ssh_message message)
{
    struct reverse_listener *listener = find(connection, host, port);

    if (!listener)
        return -1;
    close_fd(&listener->fd);
    ssh_message_global_request_reply_success(message, 0);
    return 0;
}

int reverse_request(struct connection *connection, ssh_message message)
{
    const char *host = ssh_message_global_request_address(message);
    int port = ssh_message_global_request_port(message);

    switch (ssh_message_subtype(message)) {
    case SSH_GLOBAL_REQUEST_TCPIP_FORWARD:
        return start(connection, host, port, message);
    case SSH_GLOBAL_REQUEST_CANCEL_TCPIP_FORWARD:
        return cancel(connection, host, port, message);
    default:
        return -1;
    }
}

void reverse_prepare(struct connection *connection, struct pollset *set)
{
    for (int i = 0; i < REVERSE_MAX; i++) {
        struct reverse_listener *l = &connection->listeners[i];
        l->place = pollset_add(set, l->fd, POLLIN);
    }
}

static void accept_one(struct connection *connection, const struct reverse_listener *listener)
{
    struct sockaddr_in peer = {0};
    socklen_t length = sizeof(peer);
    struct tunnel_origin origin = {.listen_port = listener->port};
    int fd = accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    memcpy(origin.listen_host, listener->host, sizeof(origin.listen_host));
    inet_ntop(AF_INET, &peer.sin_addr, origin.peer_host, sizeof(origin.peer_host));
    origin.peer_port = ntohs(peer.sin_port);
    tunnel_forwarded_tcpip(connection, fd, &origin);
}

void reverse_serve(struct connection *connection, const struct pollset *set)
{
    for (int i = 0; i < REVERSE_MAX; i++)
        if (pollset_events(set, connection->listeners[i].place))
            accept_one(connection, &connection->listeners[i]);
}
