/* SPDX-License-Identifier: ISC */
#include "reverse.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "cleanup.h"
#include "log.h"
#include "tunnel.h"

#define BACKLOG 128
#define STARVED_MS 100 /* without a descriptor left, listening would only wake us */

static void close_listener(struct reverse_listener *listener)
{
    for (int i = 0; i < REVERSE_FAMILIES; i++)
        close_fd(&listener->fds[i]);
}

/* It has the same place in both families' addresses. */
static in_port_t *port_of(struct sockaddr_storage *address)
{
    return &((struct sockaddr_in *)address)->sin_port;
}

/* Of ADDRESS, with *PORT in place of its own; sets *PORT to what was bound, if it was 0. */
static int listen_at(const struct addrinfo *address, int *port)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof(bound);
    int on = 1;
    cleanup_fd int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        (address->ai_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0))
        return -1;
    memcpy(&bound, address->ai_addr, address->ai_addrlen);
    *port_of(&bound) = htons((uint16_t)*port);
    if (bind(fd, (struct sockaddr *)&bound, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &length) < 0)
        return -1;
    *port = ntohs(*port_of(&bound));
    return steal_fd(&fd);
}

/* Where a client that asked for HOST shall listen. */
static struct addrinfo *addresses_for(enum options_gateway_ports policy, const char *host)
{
    bool any = !*host || strcmp(host, "*") == 0;
    bool literal =
        policy == GATEWAY_PORTS_CLIENTSPECIFIED && !any && strcmp(host, "localhost") != 0;
    bool wildcard = policy == GATEWAY_PORTS_YES || (policy != GATEWAY_PORTS_NO && any);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | (wildcard ? AI_PASSIVE : 0)};
    struct addrinfo *addresses = NULL;

    /* Without a name that is the loopback, getaddrinfo(3). */
    return getaddrinfo(literal ? host : NULL, "0", &hints, &addresses) == 0 ? addresses : NULL;
}

/* One of the two families is enough, unless the other's port is somebody else's. -1: errno. */
static int listen_on(struct reverse_listener *listener, const struct addrinfo *addresses, int port)
{
    int count = 0;
    bool taken = false;

    listener->port = port;
    for (const struct addrinfo *a = addresses; a && count < REVERSE_FAMILIES; a = a->ai_next) {
        int fd = listen_at(a, &listener->port);
        if (fd >= 0)
            listener->fds[count++] = fd;
        else
            taken |= port && errno == EADDRINUSE;
    }
    if (count && !taken)
        return 0;
    close_listener(listener);
    if (taken)
        errno = EADDRINUSE;
    return -1;
}

static struct reverse_listener *find(struct connection *connection, const char *host, int port)
{
    for (int i = 0; i < REVERSE_MAX; i++) {
        struct reverse_listener *l = &connection->listeners[i];
        if (l->fds[0] >= 0 && l->port == port && strcmp(l->host, host) == 0)
            return l;
    }
    return NULL;
}

static int start(struct connection *connection, const char *host, int port, ssh_message message)
{
    struct reverse_listener *place = NULL;

    for (int i = 0; i < REVERSE_MAX && !place; i++)
        if (connection->listeners[i].fds[0] < 0)
            place = &connection->listeners[i];
    if (!keyoptions_permit_listen(&connection->auth.grant, host, port)) {
        log_info("tcpip-forward of port %d refused: the key may not", port);
        return -1;
    }
    struct addrinfo *addresses = addresses_for(connection->options->gateway_ports, host);
    if (!place || !addresses || port < 0 || port > 65535 || strlen(host) >= sizeof(place->host)) {
        log_info("tcpip-forward refused: %s", place ? "no such address" : "too many");
        freeaddrinfo(addresses);
        return -1;
    }
    int rc = listen_on(place, addresses, port);
    freeaddrinfo(addresses);
    if (rc < 0) {
        log_info("tcpip-forward of port %d refused: %s", port, strerror(errno));
        return -1;
    }
    memcpy(place->host, host, strlen(host) + 1);
    ssh_message_global_request_reply_success(message, (uint16_t)place->port);
    log_info("tcpip-forward of port %d", place->port);
    return 0;
}

static int cancel(struct connection *connection, const char *host, int port, ssh_message message)
{
    struct reverse_listener *listener = find(connection, host, port);

    if (!listener)
        return -1;
    close_listener(listener);
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

void reverse_init(struct reverse_listener listeners[static REVERSE_MAX])
{
    for (int i = 0; i < REVERSE_MAX; i++)
        listeners[i] = (struct reverse_listener){.fds = {-1, -1}, .places = {-1, -1}};
}

void reverse_prepare(struct connection *connection, struct pollset *set)
{
    const bool starved = connection->starved;

    connection->starved = false;
    if (starved)
        pollset_wake_after(set, STARVED_MS);
    for (int i = 0; i < REVERSE_MAX; i++) {
        struct reverse_listener *l = &connection->listeners[i];
        for (int j = 0; j < REVERSE_FAMILIES; j++)
            l->places[j] = starved ? -1 : pollset_add(set, l->fds[j], POLLIN);
    }
}

static void accept_one(struct connection *connection, const struct reverse_listener *listener,
                       int listening)
{
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof(peer);
    struct tunnel_origin origin = {.listen_port = listener->port};
    struct address_text text;
    int fd = accept4(listening, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        connection->starved = errno == EMFILE || errno == ENFILE;
        return;
    }
    memcpy(origin.listen_host, listener->host, sizeof(origin.listen_host));
    if (address_print(&text, &peer, length)) {
        memcpy(origin.peer_host, text.host, sizeof(origin.peer_host));
        origin.peer_port = (int)strtol(text.port, NULL, 10);
    }
    tunnel_forwarded_tcpip(connection, fd, &origin);
}

void reverse_serve(struct connection *connection, const struct pollset *set)
{
    for (int i = 0; i < REVERSE_MAX; i++) {
        const struct reverse_listener *l = &connection->listeners[i];
        for (int j = 0; j < REVERSE_FAMILIES; j++)
            if (pollset_events(set, l->places[j]))
                accept_one(connection, l, l->fds[j]);
    }
}
