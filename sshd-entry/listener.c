/* SPDX-License-Identifier: ISC */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "cleanup.h"
#include "log.h"

#define FIRST_INHERITED 3 /* SD_LISTEN_FDS_START */
#define BACKLOG 128

static int adopt(int fd)
{
    int listening = 0;
    socklen_t length = sizeof(listening);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0 || !listening) {
        log_error("LISTEN_FDS is set, but descriptor %d is no listening socket", fd);
        return -1;
    }
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
        log_error("cannot prepare the inherited socket: %s", strerror(errno));
        return -1;
    }
    return fd;
}

/* -1: none was meant for this process. */
static int inherited_fd(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");

    if (!count || strcmp(count, "0") == 0 || (pid && strtol(pid, NULL, 10) != getpid()))
        return -1;
    return FIRST_INHERITED;
}

static int split_endpoint(char *endpoint, const char **host, const char **port)
{
    char *colon = strrchr(endpoint, ':');
    if (!colon || !colon[1])
        return -1;
    *colon = '\0';
    *port = colon + 1;
    *host = endpoint;
    size_t length = strlen(endpoint);
    if (endpoint[0] == '[' && length > 2 && endpoint[length - 1] == ']') {
        endpoint[length - 1] = '\0';
        *host = endpoint + 1;
    }
    return 0;
}

static int bind_new(const char *endpoint)
{
    static const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                          .ai_socktype = SOCK_STREAM};
    cleanup_free char *copy = strdup(endpoint);
    const char *host, *port;
    struct addrinfo *address = NULL;

    if (!copy || split_endpoint(copy, &host, &port) < 0 ||
        getaddrinfo(host, port, &hints, &address) != 0) {
        log_error("--listen %s: not of the form ADDRESS:PORT, both in digits", endpoint);
        return -1;
    }

    cleanup_fd int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    int failed = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
                 bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0;
    freeaddrinfo(address);
    if (failed) {
        log_error("cannot listen on %s: %s", endpoint, strerror(errno));
        return -1;
    }
    return steal_fd(&fd);
}

int listener_open(const char *endpoint, int *inherited)
{
    int fd = inherited_fd();

    *inherited = fd >= 0;
    fd = *inherited ? adopt(fd) : bind_new(endpoint);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    unsetenv("NOTIFY_SOCKET");
    return fd;
}

const char *listener_name(int fd)
{
    static char name[80];
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    struct address_text text;

    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
        !address_print(&text, &address, length))
        return "an unknown address";
    snprintf(name, sizeof(name), "%s port %s", text.host, text.port);
    return name;
}
