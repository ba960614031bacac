/* SPDX-License-Identifier: ISC */
#include "base/lock.h"
#include "base/paths.h"
#include "cmd.h"
#include "notify/daemon.h"

#include <unistd.h>

int cmd_notify(int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {{0}};
    g_autofree char *dir = paths_runtime_dir();
    g_autofree char *path = g_build_filename(dir, "notify.lock", NULL);

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 1) {
        cmd_usage(error, "notify: takes no argument, not %s", argv[1]);
        return CMD_USAGE;
    }
    if (!paths_make_private(dir, error))
        return CMD_FAILED;
    int lock = lock_try(path, error);
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
