/* SPDX-License-Identifier: ISC */
#include "host.h"

#include "fail.h"
#include "readfile.h"
#include "run.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUBIDS_MAX ((gsize)1024 * 1024)

/* keep-id:uid=,gid= came with it. */
#define PODMAN_MAJOR 4U
#define PODMAN_MINOR 3U

char *host_login(void)
{
    const struct passwd *pw = getpwuid(getuid());

    return g_strdup(pw ? pw->pw_name : g_get_user_name());
}

char *host_home(void)
{
    const struct passwd *pw = getpwuid(getuid());

    return g_strdup(pw ? pw->pw_dir : g_get_home_dir());
}

gboolean host_has_subids(const char *text, const char *user, unsigned uid)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *number = g_strdup_printf("%u", uid);

    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ":", 4);
        if (g_strv_length(fields) == 3 &&
            (strcmp(fields[0], user) == 0 || strcmp(fields[0], number) == 0) &&
            g_ascii_strtoull(fields[2], NULL, 10) > 0)
            return TRUE;
    }
    return FALSE;
}

gboolean host_version_at_least(const char *version, unsigned major, unsigned minor)
{
    char *end;
    guint64 have_major = g_ascii_strtoull(version, &end, 10);

    if (end == version || *end != '.')
        return FALSE;
    guint64 have_minor = g_ascii_strtoull(end + 1, NULL, 10);
    return have_major > major || (have_major == major && have_minor >= minor);
}

static gboolean check_account(GError **error)
{
    return geteuid() != 0 || fail(error, "run as root, a sandbox could become root of the host: "
                                         "run as a user, or through host-agent/setup/as-user "
                                         "(`make up` does)");
}

/* No fallback to /tmp: others could take our place there, and podman itself needs the real one. */
static gboolean check_runtime_dir(GError **error)
{
    const char *dir = g_getenv("XDG_RUNTIME_DIR");
    struct stat st;

    if (!dir || !g_path_is_absolute(dir))
        return fail(error, "XDG_RUNTIME_DIR is not set: log in on a terminal or over ssh (not by "
                           "su), or use host-agent/setup/as-user");
    if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & 077) || access(dir, W_OK | X_OK) < 0)
        return fail(error,
                    "XDG_RUNTIME_DIR=%s must be a directory of yours with mode 700: log in anew, "
                    "or use host-agent/setup/as-user",
                    dir);
    return TRUE;
}

static gboolean check_installed(GError **error)
{
    g_autofree char *path = g_find_program_in_path("podman");

    return path || fail(error, "podman is not installed: `apt-get install podman uidmap` (`make "
                               "up` does), or put it on PATH");
}

static gboolean check_version(GError **error)
{
    const char *const argv[] = {"podman", "version", "--format={{.Client.Version}}", NULL};
    g_autofree char *version = NULL;

    if (!run_capture(argv, RUN_PROMPT, 64, &version, error))
        return FALSE;
    g_strchomp(version);
    return host_version_at_least(version, PODMAN_MAJOR, PODMAN_MINOR) ||
           fail(error, "podman %s is too old: install %u.%u or later", version, PODMAN_MAJOR,
                PODMAN_MINOR);
}

/* A directory service may hold the ranges instead; podman itself asks it. */
static gboolean ranges_are_elsewhere(void)
{
    g_autofree char *text = NULL;

    return readfile("/etc/nsswitch.conf", SUBIDS_MAX, &text, NULL, NULL) &&
           g_regex_match_simple("^subid:", text, G_REGEX_MULTILINE, 0);
}

static gboolean check_subids(const char *file, const char *option, GError **error)
{
    g_autofree char *user = host_login();
    g_autofree char *text = NULL;

    if (ranges_are_elsewhere())
        return TRUE;
    if (readfile(file, SUBIDS_MAX, &text, NULL, NULL) && host_has_subids(text, user, getuid()))
        return TRUE;
    return fail(error,
                "%s has no range for %s, and rootless podman needs one: `sudo usermod %s "
                "100000-165535 %s && podman system migrate`",
                file, user, option, user);
}

gboolean host_check(GError **error)
{
    return check_account(error) && check_runtime_dir(error) && check_installed(error) &&
           check_subids("/etc/subuid", "--add-subuids", error) &&
           check_subids("/etc/subgid", "--add-subgids", error) && check_version(error);
}
