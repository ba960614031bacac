/* SPDX-License-Identifier: ISC */
#include "base/fail.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "base/writefile.h"
#include "cmd.h"
#include "sandbox/project.h"
#include "trust/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPLATE_MAX ((gsize)64 * 1024)

static char *template(GError **error)
{
    g_autofree char *dir = paths_data_dir();
    g_autofree char *path = g_build_filename(dir, "image", "project.Containerfile", NULL);
    char *text = NULL;

    return readfile(path, TEMPLATE_MAX, &text, NULL, error) ? text : NULL;
}

static gboolean fail_make(const char *project, const char *name, GError **error)
{
    if (errno == EEXIST)
        return fail(error, "%s/" TRUST_DIR "/" TRUST_FILE " is there already: it stays as it is",
                    project);
    if (errno == ELOOP || errno == ENOTDIR)
        return fail(error, "%s/" TRUST_DIR " is no directory: remove it", project);
    return fail(error, "cannot make %s/%s: %s", project, name, g_strerror(errno));
}

/* By descriptors: an agent may have put a link anywhere in the project. */
static gboolean write_in(int dir, const char *project, const char *text, GError **error)
{
    int fd = openat(dir, TRUST_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

    if (fd < 0)
        return fail_make(project, TRUST_DIR "/" TRUST_FILE, error);
    gboolean good = (writefile_all(fd, text, strlen(text)) && fsync(fd) == 0) ||
                    fail_make(project, TRUST_DIR "/" TRUST_FILE, error);
    close(fd);
    if (!good)
        unlinkat(dir, TRUST_FILE, 0);
    return good;
}

static gboolean write_template(const char *project, const char *text, GError **error)
{
    int top = project_hold(project, error);
    int dir = -1;

    if (top < 0)
        return FALSE;
    if (mkdirat(top, TRUST_DIR, 0755) == 0 || errno == EEXIST)
        dir = openat(top, TRUST_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    gboolean good =
        dir >= 0 ? write_in(dir, project, text, error) : fail_make(project, TRUST_DIR, error);
    if (dir >= 0)
        close(dir);
    close(top);
    return good;
}

int cmd_init(int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {G_OPTION_ENTRY_NULL};

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 2) {
        cmd_usage(error, "init: one directory at a time, not %s too", argv[2]);
        return CMD_USAGE;
    }
    g_autofree char *project = project_resolve(argc > 1 ? argv[1] : ".", error);
    g_autofree char *text = project ? template(error) : NULL;
    if (!text || !write_template(project, text, error))
        return CMD_FAILED;
    printf("%s/" TRUST_DIR "/" TRUST_FILE " is there to be edited; `host-agent trust` comes next\n",
           project);
    return CMD_OK;
}
