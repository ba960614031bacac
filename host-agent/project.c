/* SPDX-License-Identifier: ISC */
#include "project.h"

#include "fail.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum { ONLY, BELOW } Extent;

/* Mounted at the same path in the container, these would hide its own system, or show the agent
 * the host's. BELOW: what lies in them too. */
static const struct {
    const char *dir;
    Extent extent;
} system_dirs[] = {
    {"/bin", BELOW},
    {"/boot", BELOW},
    {"/dev", BELOW},
    {"/etc", BELOW},
    {"/home", ONLY},
    {"/home/agent", ONLY},
    {"/lib", BELOW},
    {"/lib32", BELOW},
    {"/lib64", BELOW},
    {"/libx32", BELOW},
    {"/opt", ONLY},
    {"/proc", BELOW},
    {"/root", ONLY},
    {"/run", ONLY},
    {"/run/sshd-entry", BELOW},
    {"/run/user", BELOW},
    {"/sbin", BELOW},
    {"/sys", BELOW},
    {"/tmp", ONLY},
    {"/usr", ONLY},
    {"/usr/bin", BELOW},
    {"/usr/lib", BELOW},
    {"/usr/lib32", BELOW},
    {"/usr/lib64", BELOW},
    {"/usr/local", ONLY},
    {"/usr/local/bin", BELOW},
    {"/usr/local/lib", BELOW},
    {"/usr/local/sbin", BELOW},
    {"/usr/sbin", BELOW},
    {"/usr/share", ONLY},
    {"/var", ONLY},
    {"/var/lib", ONLY},
    {"/var/tmp", ONLY},
};

gboolean project_contains(const char *dir, const char *path)
{
    size_t length = strlen(dir);

    while (length > 0 && dir[length - 1] == '/')
        length--;
    return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

gboolean project_mountable(const char *path)
{
    if (!g_utf8_validate(path, -1, NULL))
        return FALSE;
    for (const char *p = path; *p; p = g_utf8_next_char(p)) {
        if (!g_unichar_isprint(g_utf8_get_char(p)))
            return FALSE;
    }
    return TRUE;
}

static gboolean check_system(const char *dir, GError **error)
{
    if (strcmp(dir, "/") == 0)
        return fail(error,
                    "/ is the whole host, and a sandbox gets one project: name its directory");
    for (size_t i = 0; i < G_N_ELEMENTS(system_dirs); i++) {
        const char *system = system_dirs[i].dir;
        if (strcmp(dir, system) == 0 ||
            (system_dirs[i].extent == BELOW && project_contains(system, dir)))
            return fail(error,
                        "%s would hide the container's own %s: move the project to a directory "
                        "of its own, such as ~/src/NAME",
                        dir, system);
    }
    return TRUE;
}

gboolean project_check(const char *dir, const char *const *homes, const char *const *secrets,
                       GError **error)
{
    if (!project_mountable(dir))
        return fail(error,
                    "%s cannot be mounted: its path is not UTF-8, or holds a control character: "
                    "rename the directory",
                    dir);
    if (strcmp(dir, "/") == 0)
        return fail(error,
                    "/ is the whole host, and a sandbox gets one project: name its directory");
    for (; *homes; homes++) {
        if (strcmp(dir, *homes) == 0)
            return fail(error,
                        "%s is your home directory, and the agent would own all of it: run this "
                        "in a project's directory",
                        dir);
        if (project_contains(dir, *homes))
            return fail(error,
                        "%s holds your home directory %s, and the agent would own all of it: run "
                        "this in a project's directory",
                        dir, *homes);
    }
    if (!check_system(dir, error))
        return FALSE;
    for (; *secrets; secrets++) {
        if (project_contains(dir, *secrets) || project_contains(*secrets, dir))
            return fail(error,
                        "%s would hand %s to the agent, which could take your keys or widen its "
                        "own limits: choose another directory",
                        dir, *secrets);
    }
    return TRUE;
}

/* PATH as it was said and as it is: ~/.ssh may be a link into a directory of dotfiles. */
static void add_dir(GPtrArray *dirs, char *path)
{
    char *real = realpath(path, NULL);

    if (real && strcmp(real, path) != 0)
        g_ptr_array_add(dirs, g_strdup(real));
    free(real);
    g_ptr_array_add(dirs, path);
}

static GPtrArray *home_dirs(void)
{
    GPtrArray *homes = g_ptr_array_new_with_free_func(g_free);
    const struct passwd *pw = getpwuid(getuid());

    add_dir(homes, g_strdup(g_get_home_dir()));
    if (pw && g_path_is_absolute(pw->pw_dir) && strcmp(pw->pw_dir, "/") != 0)
        add_dir(homes, g_strdup(pw->pw_dir));
    g_ptr_array_add(homes, NULL);
    return homes;
}

static GPtrArray *secret_dirs(void)
{
    GPtrArray *secrets = g_ptr_array_new_with_free_func(g_free);

    add_dir(secrets, g_build_filename(g_get_home_dir(), ".ssh", NULL));
    add_dir(secrets, g_build_filename(g_get_home_dir(), ".gnupg", NULL));
    add_dir(secrets, g_build_filename(g_get_user_config_dir(), "containers", NULL));
    add_dir(secrets, g_build_filename(g_get_user_data_dir(), "containers", NULL));
    add_dir(secrets, paths_config_dir());
    add_dir(secrets, paths_state_dir());
    /* What runs on the host, and what images are made of. */
    add_dir(secrets, g_build_filename(g_get_home_dir(), ".local", "bin", NULL));
    add_dir(secrets, g_build_filename(g_get_user_data_dir(), "host-agent", NULL));
    add_dir(secrets, g_build_filename(g_get_user_cache_dir(), "host-agent", NULL));
    add_dir(secrets, g_strdup(g_get_user_runtime_dir()));
    g_ptr_array_add(secrets, NULL);
    return secrets;
}

char *project_resolve(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) homes = home_dirs();
    g_autoptr(GPtrArray) secrets = secret_dirs();
    char *real = realpath(dir, NULL);

    if (!real) {
        fail(error, "cannot use %s as the project: %s", dir, g_strerror(errno));
        return NULL;
    }
    g_autofree char *project = g_strdup(real);
    free(real);
    if (!g_file_test(project, G_FILE_TEST_IS_DIR)) {
        fail(error, "cannot use %s as the project: it is not a directory", project);
        return NULL;
    }
    if (!project_check(project, (const char *const *)homes->pdata,
                       (const char *const *)secrets->pdata, error))
        return NULL;
    return g_steal_pointer(&project);
}

static gboolean fail_swapped(const char *project, GError **error)
{
    return fail(error,
                "%s was swapped for another directory meanwhile, perhaps by an agent: look at it, "
                "then try again",
                project);
}

int project_hold(const char *project, GError **error)
{
    int fd = open(project, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        fail(error, "cannot use %s as the project: %s", project, g_strerror(errno));
        return -1;
    }
    /* Where it really lies: a directory above may be the link. */
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *real = g_file_read_link(link, NULL);
    g_autofree char *checked = NULL;
    if (g_strcmp0(real, project) == 0)
        checked = project_resolve(project, error);
    else
        fail_swapped(project, error);
    if (checked && (strcmp(checked, project) == 0 || fail_swapped(project, error)))
        return fd;
    close(fd);
    return -1;
}

gboolean project_mounted(const char *project, int held, const char *pid, GError **error)
{
    g_autofree char *inside = g_strdup_printf("/proc/%s/root%s", pid, project);
    struct stat want, have;

    if (fstat(held, &want) < 0 || stat(inside, &have) < 0)
        return fail(error, "cannot tell what was mounted at %s: %s", project, g_strerror(errno));
    return (want.st_dev == have.st_dev && want.st_ino == have.st_ino) ||
           fail_swapped(project, error);
}
