/* SPDX-License-Identifier: ISC */
#include "project.h"

#include "base/fail.h"
#include "base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum { ONLY, BELOW } Extent;
enum { LINKS_MAX = 40 }; /* the kernel follows no more */

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

static gboolean overlaps(const char *dir, const char *other)
{
    return project_contains(dir, other) || project_contains(other, dir);
}

gboolean project_check(const char *dir, const ProjectLimits *limits, GError **error)
{
    const char *const *homes = limits->homes;

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
    for (const char *const *secret = limits->secrets; *secret; secret++) {
        if (overlaps(dir, *secret))
            return fail(error,
                        "%s would hand %s to the agent, which could take your keys or widen its "
                        "own limits: choose another directory",
                        dir, *secret);
    }
    for (const char *const *own = limits->own; *own; own++) {
        if (overlaps(dir, *own))
            return fail(error,
                        "%s would hand %s to the agent, which could change what host-agent runs on "
                        "this host: use one that is installed elsewhere, as `make up` does, or "
                        "choose another directory",
                        dir, *own);
    }
    return TRUE;
}

static void add_once(GPtrArray *dirs, const char *dir)
{
    if (!g_ptr_array_find_with_equal_func(dirs, dir, g_str_equal, NULL))
        g_ptr_array_add(dirs, g_strdup(dir));
}

/* One step on the way of *REST, which begins with /, from AT, whose links are resolved: the next
 * AT. Of a link, *REST is then what it leads to, and what came after it. */
static char *step(const char *at, char **rest, char **link)
{
    const char *name = *rest + strspn(*rest, "/");
    g_autofree char *part = g_strndup(name, strcspn(name, "/"));
    g_autofree char *after = g_strdup(name + strlen(part));

    *link = NULL;
    g_free(*rest);
    *rest = g_steal_pointer(&after);
    if (!*part || strcmp(part, ".") == 0)
        return g_strdup(at);
    if (strcmp(part, "..") == 0)
        return g_path_get_dirname(at);
    char *next = g_build_filename(at, part, NULL);
    g_autofree char *target = g_file_read_link(next, NULL);
    if (!target)
        return next;
    *link = next;
    char *way = g_strconcat("/", target, *rest, NULL);
    g_free(*rest);
    *rest = way;
    return g_strdup(g_path_is_absolute(target) ? "/" : at);
}

/* Each link on the way of PATH, and where it leads: who may write to one of those decides what lies
 * there. ~/.ssh may be a link into a directory of dotfiles. What is missing may yet come to be.
 * Takes PATH. */
static void add_dir(GPtrArray *dirs, char *path)
{
    g_autofree char *here = g_path_is_absolute(path) ? g_strdup("/") : g_get_current_dir();
    g_autofree char *rest = g_build_filename(here, path, NULL);
    g_autofree char *at = g_strdup("/");

    g_free(path);
    for (int links = 0; *rest && links <= LINKS_MAX;) {
        g_autofree char *link = NULL;
        char *next = step(at, &rest, &link);
        g_free(at);
        at = next;
        if (link) {
            add_once(dirs, link);
            links++;
        }
    }
    if (!*rest)
        add_once(dirs, at);
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

/* The program, and what it is built with and builds from. */
static GPtrArray *own_dirs(void)
{
    GPtrArray *own = g_ptr_array_new_with_free_func(g_free);
    char *self = g_file_read_link("/proc/self/exe", NULL);

    if (self)
        add_dir(own, self);
    add_dir(own, paths_data_dir());
    g_ptr_array_add(own, NULL);
    return own;
}

char *project_resolve(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) homes = home_dirs();
    g_autoptr(GPtrArray) secrets = secret_dirs();
    g_autoptr(GPtrArray) own = own_dirs();
    const ProjectLimits limits = {(const char *const *)homes->pdata,
                                  (const char *const *)secrets->pdata,
                                  (const char *const *)own->pdata};
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
    if (!project_check(project, &limits, error))
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
