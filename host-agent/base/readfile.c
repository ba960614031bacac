/* SPDX-License-Identifier: ISC */
#include "readfile.h"

#include "fail.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean fail_errno(GError **error, const char *path)
{
    int e = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(e), "cannot read %s: %s", path,
                g_strerror(e));
    return FALSE;
}

/* O_NONBLOCK so that opening a FIFO does not wait for its writer. */
static int open_regular(const char *path, struct stat *st, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || fstat(fd, st) < 0) {
        fail_errno(error, path);
    } else if (!S_ISREG(st->st_mode)) {
        fail(error, "cannot read %s: it is not a regular file", path);
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Reads up to MAX bytes from FD's place on, and closes it. */
static gboolean read_all(int fd, const char *path, gsize max, char **text, gsize *length,
                         GError **error)
{
    g_autofree char *buffer = g_malloc(max + 1);
    gsize have = 0;
    ssize_t n = 1;

    while (have < max && n != 0) {
        n = TEMP_FAILURE_RETRY(read(fd, buffer + have, max - have));
        if (n < 0) {
            fail_errno(error, path);
            close(fd);
            return FALSE;
        }
        have += (gsize)n;
    }
    close(fd);
    buffer[have] = '\0';
    *text = g_realloc(g_steal_pointer(&buffer), have + 1);
    if (length)
        *length = have;
    return TRUE;
}

static gboolean read_whole(int fd, const char *path, gsize max, char **text, gsize *length,
                           GError **error)
{
    gsize have = 0;

    if (!read_all(fd, path, max + 1, text, &have, error))
        return FALSE;
    if (have > max) {
        g_clear_pointer(text, g_free);
        return fail(error, "cannot read %s: it is larger than %zu bytes", path, max);
    }
    if (length)
        *length = have;
    return TRUE;
}

gboolean readfile(const char *path, gsize max, char **text, gsize *length, GError **error)
{
    struct stat st;
    int fd = open_regular(path, &st, error);

    return fd >= 0 && read_whole(fd, path, max, text, length, error);
}

gboolean readfile_own(const char *path, gsize max, char **text, gsize *length, GError **error)
{
    struct stat st;
    int fd = open_regular(path, &st, error);

    if (fd < 0)
        return FALSE;
    /* Many systems give each user a group of his own and the umask 002. */
    mode_t others = st.st_gid == getgid() ? S_IWOTH : S_IWOTH | S_IWGRP;
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & others)) {
        close(fd);
        return fail(error, "%s can be changed by others: chown it to yourself and chmod go-w it",
                    path);
    }
    return read_whole(fd, path, max, text, length, error);
}

gboolean readfile_head(const char *path, gsize max, char **text, GError **error)
{
    struct stat st;
    int fd = open_regular(path, &st, error);

    return fd >= 0 && read_all(fd, path, max, text, NULL, error);
}

gboolean readfile_tail(const char *path, gsize max, char **text, GError **error)
{
    struct stat st;
    int fd = open_regular(path, &st, error);

    if (fd < 0)
        return FALSE;
    if (st.st_size > (off_t)max && lseek(fd, -(off_t)max, SEEK_END) < 0) {
        close(fd);
        return fail_errno(error, path);
    }
    return read_all(fd, path, max, text, NULL, error);
}
