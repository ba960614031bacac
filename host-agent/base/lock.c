/* SPDX-License-Identifier: ISC */
#include "lock.h"

#include "fail.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int open_file(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int take(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        fputs("host-agent: waiting for another host-agent to finish\n", stderr);
    return TEMP_FAILURE_RETRY(flock(fd, LOCK_EX));
}

/* Takes FD, which may be -1. */
static int give_up(int fd, const char *path, GError **error)
{
    fail(error, "cannot lock %s: %s", path, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int lock_take(GError **error)
{
    g_autofree char *dir = paths_runtime_dir();
    g_autofree char *path = g_build_filename(dir, "lock", NULL);

    return paths_make_private(dir, error) ? lock_wait(path, error) : -1;
}

int lock_wait(const char *path, GError **error)
{
    int fd = open_file(path);

    return fd >= 0 && take(fd) == 0 ? fd : give_up(fd, path, error);
}

int lock_tags(GError **error)
{
    g_autofree char *dir = paths_state_dir();
    g_autofree char *path = g_build_filename(dir, "tags.lock", NULL);

    if (!paths_make_private(dir, error))
        return -1;
    int fd = open_file(path);
    return fd >= 0 && TEMP_FAILURE_RETRY(flock(fd, LOCK_EX)) == 0 ? fd : give_up(fd, path, error);
}

int lock_try(const char *path, GError **error)
{
    int fd = open_file(path);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd < 0 || errno != EWOULDBLOCK)
        return give_up(fd, path, error);
    close(fd);
    return -1;
}

void lock_drop(int lock)
{
    if (lock >= 0)
        close(lock);
}
