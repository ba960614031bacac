/* SPDX-License-Identifier: ISC */
#include "listen.h"

#include "fail.h"

#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128 /* clients wait here until sshd-entry is up */

static int bind_loopback(int fd, int port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((in_port_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;

    /* Else the connections of the sandbox before, in TIME_WAIT, keep the port busy for a minute. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        return -1;
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -1;
    return listen(fd, BACKLOG);
}

int listen_on(int port, GError **error)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind_loopback(fd, port) == 0)
        return fd;
    int e = errno;
    if (fd >= 0)
        close(fd);
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(e), "cannot listen on 127.0.0.1:%d: %s",
                port, g_strerror(e));
    return -1;
}

int listen_first(int *port, GError **error)
{
    int first = *port, last = MIN(first + LISTEN_PORTS - 1, 65535);

    for (; *port <= last; (*port)++) {
        g_autoptr(GError) local = NULL;
        int fd = listen_on(*port, &local);
        if (fd >= 0)
            return fd;
        if (!g_error_matches(local, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return -1;
        }
    }
    fail(error, "the ports %d to %d are all busy: name a free one with --port", first, last);
    return -1;
}
