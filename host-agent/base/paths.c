/* SPDX-License-Identifier: ISC */
#include "paths.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "host-agent"

char *paths_config_dir(void)
{
    return g_build_filename(g_get_user_config_dir(), PROGRAM, NULL);
}

char *paths_config_file(void)
{
    return g_build_filename(g_get_user_config_dir(), PROGRAM, "config.ini", NULL);
}

char *paths_runtime_dir(void)
{
    return g_build_filename(g_get_user_runtime_dir(), PROGRAM, NULL);
}

char *paths_state_dir(void)
{
    return g_build_filename(g_get_user_state_dir(), PROGRAM, NULL);
}

char *paths_spool_dir(void)
{
    return g_build_filename(g_get_user_state_dir(), PROGRAM, ".notify", NULL);
}

char *paths_trust_dir(void)
{
    return g_build_filename(g_get_user_state_dir(), PROGRAM, ".trust", NULL);
}

char *paths_data_dir(void)
{
    const char *dir = g_getenv("HOST_AGENT_DATADIR");
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = g_path_get_dirname(self ? self : "/usr/bin/host-agent");
    g_autofree char *prefix = g_path_get_dirname(bin);

    return dir && *dir ? g_strdup(dir) : g_build_filename(prefix, "share", PROGRAM, NULL);
}

char *paths_runtime(const char *sandbox, const char *leaf)
{
    return g_build_filename(g_get_user_runtime_dir(), PROGRAM, sandbox, leaf, NULL);
}

char *paths_state(const char *sandbox, const char *leaf)
{
    return g_build_filename(g_get_user_state_dir(), PROGRAM, sandbox, leaf, NULL);
}

char *paths_fifo(const char *sandbox)
{
    return paths_runtime(sandbox, "notify");
}

gboolean paths_make_private(const char *dir, GError **error)
{
    struct stat st;

    if (g_mkdir_with_parents(dir, 0700) < 0 || lstat(dir, &st) < 0) {
        int e = errno;
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(e), "cannot make %s: %s", dir,
                    g_strerror(e));
        return FALSE;
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                    "%s must be a directory of yours that nobody else can write to: remove it, or "
                    "chmod 700 it",
                    dir);
        return FALSE;
    }
    return TRUE;
}
