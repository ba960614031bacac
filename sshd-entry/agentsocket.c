/* SPDX-License-Identifier: ISC */
#include "agentsocket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cleanup.h"
#include "log.h"

#define BACKLOG 64

static int bind_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0600) < 0 ||
        listen(fd, BACKLOG) < 0)
        return -1;
    return steal_fd(&fd);
}

/* Any process of the user may have removed the name, or put another in its place. */
static bool still_stands(const struct agentsocket *socket)
{
    struct stat st;

    return socket->fd >= 0 && lstat(socket->path, &st) == 0 && st.st_dev == socket->device &&
           st.st_ino == socket->inode;
}

int agentsocket_open(struct agentsocket *socket)
{
    cleanup_free char *temporary = NULL;
    struct stat st;

    if (still_stands(socket))
        return 0;
    if (asprintf(&temporary, "%s.new", socket->path) < 0) {
        temporary = NULL;
        return -1;
    }
    /* It listens before it gets the name, so that no client meets a name that refuses. */
    cleanup_fd int fd = bind_at(temporary);
    if (fd < 0 || lstat(temporary, &st) < 0 || rename(temporary, socket->path) < 0) {
        log_error("no agent forwarding: cannot listen at %s: %s", socket->path, strerror(errno));
        return -1;
    }
    agentsocket_close(socket);
    socket->fd = steal_fd(&fd);
    socket->device = st.st_dev;
    socket->inode = st.st_ino;
    return 0;
}

void agentsocket_close(struct agentsocket *socket)
{
    close_fd(&socket->fd);
}

int agentsocket_accept(const struct agentsocket *socket)
{
    return accept4(socket->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
