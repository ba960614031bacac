/* SPDX-License-Identifier: ISC */
#include "teardown.h"

#include "fifo.h"
#include "paths.h"
#include "run.h"
#include "sandbox.h"

#include <glib/gstdio.h>

/* The directory's files and itself, not what lies deeper. */
static void remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
}

static gboolean remove_container(const char *name, GError **error)
{
    g_autofree char *container = sandbox_container(name);
    const char *const argv[] = {"podman", "rm", "--force", "--time=3", "--ignore", container, NULL};

    return run_capture(argv, RUN_PROMPT, 0, NULL, error);
}

gboolean teardown(const char *name, GError **error)
{
    g_autofree char *state = paths_state(name, NULL);
    g_autofree char *etc = paths_state(name, "etc");

    if (!remove_container(name, error))
        return FALSE;
    fifo_remove(name);
    remove_dir(etc);
    remove_dir(state);
    return TRUE;
}

gboolean teardown_stale(GPtrArray *list, GError **error)
{
    for (guint i = list->len; i-- > 0;) {
        const Sandbox *sandbox = list->pdata[i];
        if (!sandbox->stale)
            continue;
        if (!remove_container(sandbox->name, error))
            return FALSE;
        g_ptr_array_remove_index(list, i);
    }
    return TRUE;
}
