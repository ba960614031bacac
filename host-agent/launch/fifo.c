/* SPDX-License-Identifier: ISC */
#include "fifo.h"

#include "base/fail.h"
#include "base/paths.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean fifo_ensure(const char *sandbox, GError **error)
{
    g_autofree char *dir = paths_runtime(sandbox, NULL);
    g_autofree char *fifo = paths_fifo(sandbox);
    struct stat st;

    if (!paths_make_private(dir, error))
        return FALSE;
    if (mkfifo(fifo, 0600) < 0 && errno != EEXIST)
        return fail(error, "cannot make the FIFO %s: %s", fifo, g_strerror(errno));
    if (lstat(fifo, &st) < 0)
        return fail(error, "cannot make the FIFO %s: %s", fifo, g_strerror(errno));
    if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
        return fail(error, "%s is not a FIFO of yours alone: remove it", fifo);
    return TRUE;
}

void fifo_remove(const char *sandbox)
{
    g_autofree char *dir = paths_runtime(sandbox, NULL);
    g_autofree char *fifo = paths_fifo(sandbox);

    unlink(fifo);
    rmdir(dir);
}
