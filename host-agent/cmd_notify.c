/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "daemon.h"
#include "fail.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* The lock is the descriptor's, and the daemon's while it lives. -1 when another holds it, or with
 * an error set. */
static int take_lock(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "notify.lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0) {
        fail(error, "cannot make %s: %s", path, g_strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (errno != EWOULDBLOCK)
        fail(error, "cannot lock %s: %s", path, g_strerror(errno));
    close(fd);
    return -1;
}

int cmd_notify(int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {{0}};
    g_autofree char *dir = paths_runtime_dir();

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 1) {
        cmd_usage(error, "notify: takes no argument, not %s", argv[1]);
        return CMD_USAGE;
    }
    if (!paths_make_private(dir, error))
        return CMD_FAILED;
    int lock = take_lock(dir, error);
    if (lock < 0) {
        if (*error)
            return CMD_FAILED;
        g_printerr("host-agent: notify: runs already\n");
        return CMD_OK;
    }
    gboolean ran = daemon_run(dir, lock, error);
    close(lock);
    return ran ? CMD_OK : CMD_FAILED;
}
