/* SPDX-License-Identifier: ISC */
#include "askdir.h"

#include "base/fail.h"
#include "base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "ask"
enum { BACKLOG = 16 };
enum { ATTEMPTS = 3 };

char *askdir_path(const char *sandbox)
{
    return paths_runtime(sandbox, "ask");
}

static int open_dir(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int askdir_open(const char *path, GError **error)
{
    struct stat st;
    int fd = open_dir(path);

    if (fd < 0) {
        int e = errno;
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(e), "cannot open the directory %s: %s",
                    path, g_strerror(e));
        return -1;
    }
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077))
        return fd;
    fail(error, "%s is not a directory of yours alone: remove it", path);
    close(fd);
    return -1;
}

gboolean askdir_ensure(const char *sandbox, GError **error)
{
    g_autofree char *path = askdir_path(sandbox);

    if (!paths_make_private(path, error))
        return FALSE;
    int fd = askdir_open(path, error);
    if (fd < 0)
        return FALSE;
    close(fd);
    return TRUE;
}

/* A bridge that starts just now may bind its socket between the two steps, once. */
void askdir_remove(const char *sandbox)
{
    g_autofree char *path = askdir_path(sandbox);
    int fd = open_dir(path);

    if (fd < 0) {
        unlink(path);
        return;
    }
    for (int i = 0; i < ATTEMPTS; i++) {
        unlinkat(fd, SOCKET, 0);
        if (rmdir(path) == 0 || (errno != ENOTEMPTY && errno != EEXIST))
            break;
    }
    close(fd);
}

static gboolean make_room(int dir)
{
    struct stat st;

    if (fstatat(dir, SOCKET, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT;
    if (S_ISSOCK(st.st_mode) && st.st_uid == geteuid())
        return unlinkat(dir, SOCKET, 0) == 0;
    errno = EEXIST;
    return FALSE;
}

/* By the descriptor: a path of any length fits into sun_path, and no link on the way counts. Linux
 * gives the file the socket's own mode. */
static gboolean bind_in(int dir, int fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SOCKET, dir);
    return fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
           listen(fd, BACKLOG) == 0;
}

int askdir_listen(int dir, GError **error)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && make_room(dir) && bind_in(dir, fd))
        return fd;
    fail(error, "cannot listen on the socket " SOCKET ": %s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
