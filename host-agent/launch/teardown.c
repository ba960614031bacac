/* SPDX-License-Identifier: ISC */
#include "teardown.h"

#include "ask/askdir.h"
#include "base/name.h"
#include "base/paths.h"
#include "base/run.h"
#include "fifo.h"
#include "sandbox/sandbox.h"

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

/* By its label: a container of the user's own may bear the same name. */
static gboolean remove_container(const char *name, GError **error)
{
    g_autofree char *named = g_strconcat("label=" SANDBOX_LABEL_NAME "=", name, NULL);
    const char *const argv[] = {"podman",   "rm",       "--force", "--time=3",
                                "--ignore", "--filter", named,     NULL};

    return run_capture(argv, RUN_PROMPT, 0, NULL, error);
}

static void remove_files(const char *name)
{
    g_autofree char *state = paths_state(name, NULL);
    g_autofree char *etc = paths_state(name, "etc");

    askdir_remove(name);
    fifo_remove(name);
    remove_dir(etc);
    remove_dir(state);
}

/* The directories of PARENT that bear the name of no sandbox of LIST. */
static void remove_orphans(const char *parent, GPtrArray *list)
{
    g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(parent, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && name_valid(name) && !sandbox_named(list, name))
            remove_files(name);
    }
}

gboolean teardown_left(const char *name)
{
    g_autofree char *state = paths_state(name, NULL);
    g_autofree char *fifo = paths_runtime(name, NULL);

    return g_file_test(state, G_FILE_TEST_IS_DIR) || g_file_test(fifo, G_FILE_TEST_IS_DIR);
}

gboolean teardown(const char *name, GError **error)
{
    if (!remove_container(name, error))
        return FALSE;
    remove_files(name);
    return TRUE;
}

gboolean teardown_stale(GPtrArray *list, GError **error)
{
    g_autofree char *states = paths_state_dir();
    g_autofree char *fifos = paths_runtime_dir();

    for (guint i = list->len; i-- > 0;) {
        const Sandbox *sandbox = list->pdata[i];
        if (!sandbox->stale)
            continue;
        if (!remove_container(sandbox->name, error))
            return FALSE;
        g_ptr_array_remove_index(list, i);
    }
    remove_orphans(states, list);
    remove_orphans(fifos, list);
    return TRUE;
}
