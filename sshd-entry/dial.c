/* SPDX-License-Identifier: ISC */
#include "dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "control.h"

#define SETTLE_MS 20
#define PATIENCE 30 /* seconds, for a name to be found and to answer */

struct destination {
    const char *host;
    int port;
    const char *path; /* or NULL: host and port */
};

static struct addrinfo *look_up(const char *host, int port, int flags)
{
    const struct addrinfo hints = {.ai_flags = flags | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char service[12];

    snprintf(service, sizeof(service), "%d", port);
    return getaddrinfo(host, service, &hints, &addresses) == 0 ? addresses : NULL;
}

/* After a connect(2) that goes on by itself. The loopback has answered by now, or nearly so, and a
 * refusal must lead to the next address; what takes longer is let go on: reading will tell. */
static int settle(int fd)
{
    struct pollfd pending = {fd, POLLOUT, 0};
    int error = 0;
    socklen_t length = sizeof(error);

    if (poll(&pending, 1, SETTLE_MS) != 1)
        return 0;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return -1;
    errno = error;
    return error ? -1 : 0;
}

/* The first address that takes us. */
static int connect_to_any(const struct addrinfo *addresses, int flags)
{
    for (const struct addrinfo *a = addresses; a; a = a->ai_next) {
        int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
        if (fd < 0)
            continue;
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 ||
            (errno == EINPROGRESS && settle(fd) == 0))
            return fd;
        int saved = errno;
        close(fd);
        errno = saved;
    }
    return -1;
}

static int dial_now(const char *host, int port)
{
    struct addrinfo *addresses = look_up(host, port, AI_NUMERICHOST);

    if (!addresses && strcmp(host, "localhost") == 0)
        addresses = look_up(host, port, 0); /* in /etc/hosts: needs no server */
    if (!addresses) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = connect_to_any(addresses, SOCK_NONBLOCK);
    freeaddrinfo(addresses);
    return fd;
}

static int connect_to_path(const char *path, int flags)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -1;
    return steal_fd(&fd);
}

/* SIGIO ends this process once nobody waits for its socket any more; SIGTERM does, as it did before
 * the login. */
static void end_when_unwanted(int out)
{
    sigset_t none;
    char byte;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (fcntl(out, F_SETOWN, getpid()) < 0 || fcntl(out, F_SETFL, O_ASYNC | O_NONBLOCK) < 0 ||
        recv(out, &byte, 1, MSG_PEEK) == 0)
        _exit(1);
}

/* In a process of its own: it holds no descriptor but where the socket goes. */
_Noreturn static void wait_and_connect(const struct destination *to, int result)
{
    int out = dup2(result, STDIN_FILENO);

    close_range(STDIN_FILENO + 1, ~0U, 0);
    alarm(PATIENCE);
    end_when_unwanted(out);
    int fd =
        to->path ? connect_to_path(to->path, 0) : connect_to_any(look_up(to->host, to->port, 0), 0);
    _exit(fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || control_send_fd(out, fd) < 0);
}

/* Forked twice, so that PID 1 reaps it. */
static int dial_later(const struct destination *to)
{
    int ends[2];

    if (control_pair(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (fork() == 0)
            wait_and_connect(to, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -1;
    }
    waitpid(pid, NULL, 0);
    return ends[0];
}

int dial(const char *host, int port, bool *connected)
{
    if (port <= 0 || port > 65535) {
        errno = EINVAL;
        return -1;
    }
    int fd = dial_now(host, port);
    *connected = fd >= 0;
    return fd < 0 && errno == EADDRNOTAVAIL ? dial_later(&(struct destination){host, port, NULL})
                                            : fd;
}

/* EAGAIN: the server's backlog is full, which no event would say to have changed. */
int dial_path(const char *path, bool *connected)
{
    int fd = connect_to_path(path, SOCK_NONBLOCK);

    *connected = fd >= 0;
    return fd < 0 && errno == EAGAIN ? dial_later(&(struct destination){NULL, 0, path}) : fd;
}
