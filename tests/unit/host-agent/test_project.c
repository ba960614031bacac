/* SPDX-License-Identifier: ISC */
#include "sandbox/project.h"
#include "trust/treefile.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const homes[] = {"/home/me", "/data/people/me", NULL};
static const char *const secrets[] = {"/home/me/.ssh", "/home/me/.config/host-agent", NULL};
static const char *const own[] = {"/data/ha/bin/host-agent", "/data/ha/share/host-agent", NULL};
static const ProjectLimits limits = {homes, secrets, own};

static void allows(const char *dir)
{
    g_autoptr(GError) error = NULL;

    if (!project_check(dir, &limits, &error))
        fail_msg("%s was refused: %s", dir, error->message);
}

/* WHY is a part of the message. */
static void refuses(const char *dir, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (project_check(dir, &limits, &error))
        fail_msg("%s was allowed", dir);
    if (!strstr(error->message, why))
        fail_msg("%s was refused with: %s", dir, error->message);
}

static void allows_projects(void **state)
{
    (void)state;
    allows("/home/me/src/web");
    allows("/home/me/src/it's, \"all\" right: é");
    allows("/home/other/src");
    allows("/home/me/.sshx");
    allows("/srv/web");
    allows("/opt/web");
    allows("/tmp/web");
    allows("/var/www");
    allows("/usr/local/src/web");
    allows("/run/media/me/disk");
    allows("/etcetera");
}

static void refuses_the_home_and_what_holds_it(void **state)
{
    (void)state;
    refuses("/home/me", "is your home directory");
    refuses("/data/people/me", "is your home directory");
    refuses("/data/people", "holds your home directory");
    refuses("/data", "holds your home directory");
    refuses("/home", "holds your home directory");
    refuses("/", "whole host");
}

static void refuses_the_system(void **state)
{
    static const char *const dirs[] = {"/etc",        "/etc/ssh",       "/usr",
                                       "/usr/bin",    "/usr/lib/x",     "/bin",
                                       "/sbin",       "/lib",           "/proc",
                                       "/proc/1",     "/sys",           "/sys/fs",
                                       "/dev",        "/dev/shm",       "/run",
                                       "/run/user/1", "/boot",          "/boot/efi",
                                       "/var",        "/root",          "/tmp",
                                       "/opt",        "/lib64",         "/home/agent",
                                       "/usr/local",  "/usr/local/bin", "/usr/local/lib/x"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
        refuses(dirs[i], "would hide the container's own");
}

static void refuses_secrets(void **state)
{
    (void)state;
    refuses("/home/me/.ssh", "would hand /home/me/.ssh to the agent");
    refuses("/home/me/.ssh/keys", "would hand /home/me/.ssh to the agent");
    refuses("/home/me/.config", "would hand /home/me/.config/host-agent to the agent");
    refuses("/home/me/.config/host-agent/x", "would hand /home/me/.config/host-agent");
}

static void refuses_what_runs_on_the_host(void **state)
{
    (void)state;
    refuses("/data/ha", "would hand /data/ha/bin/host-agent to the agent");
    refuses("/data/ha/bin", "what host-agent runs on this host");
    refuses("/data/ha/share", "would hand /data/ha/share/host-agent to the agent");
    refuses("/data/ha/share/host-agent/image", "what host-agent runs on this host");
    allows("/data/ha/share/other");
    allows("/data/hat");
}

static void refuses_what_cannot_be_told(void **state)
{
    (void)state;
    refuses("/home/me/a\nb", "rename the directory");
    refuses("/home/me/a\033b", "rename the directory");
    refuses("/home/me/\xff", "rename the directory");
}

static void knows_what_lies_where(void **state)
{
    (void)state;
    assert_true(project_contains("/a/b", "/a/b"));
    assert_true(project_contains("/a/b", "/a/b/c"));
    assert_true(project_contains("/a/b/", "/a/b/c"));
    assert_true(project_contains("/", "/a"));
    assert_false(project_contains("/a/b", "/a/bc"));
    assert_false(project_contains("/a/b", "/a"));
}

/* --- Through links -------------------------------------------------------------------------------
 */

static char *root; /* GLib reads XDG_STATE_HOME once */

static char *in_root(const char *name)
{
    return g_build_filename(root, name, NULL);
}

static void make(const char *name)
{
    g_autofree char *path = in_root(name);

    assert_int_equal(g_mkdir(path, 0755), 0);
}

static void point(const char *name, const char *target)
{
    g_autofree char *path = in_root(name);

    assert_int_equal(symlink(target, path), 0);
}

static int make_root(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("host-agent-XXXXXX", NULL);

    (void)state;
    root = realpath(dir, NULL);
    g_autofree char *states = in_root("state");
    g_autofree char *data = in_root("data");
    g_autofree char *cache = in_root("cache");
    /* The cache may hold this very program. */
    return g_setenv("XDG_STATE_HOME", states, TRUE) && g_setenv("XDG_CACHE_HOME", cache, TRUE) &&
                   g_setenv("HOST_AGENT_DATADIR", data, TRUE)
               ? 0
               : -1;
}

static int remove_root(void **state)
{
    (void)state;
    gboolean good = treefile_remove(root, NULL);
    free(root);
    return good ? 0 : -1;
}

/* WHY: NULL where it is allowed. */
static void resolving(const char *name, const char *why)
{
    g_autofree char *dir = in_root(name);
    g_autoptr(GError) error = NULL;
    g_autofree char *project = project_resolve(dir, &error);

    if (!why && !project)
        fail_msg("%s was refused with: %s", dir, error->message);
    if (why && project)
        fail_msg("%s was allowed", dir);
    if (why && !strstr(error->message, why))
        fail_msg("%s was refused with: %s", dir, error->message);
}

/* Who may write to one of the links on the way decides where it leads. */
static void refuses_what_a_link_leads_over(void **state)
{
    (void)state;
    make("first");
    make("second");
    make("last");
    make("last/there");
    make("free");
    point("data", "first/link");
    point("first/link", "../second/./link");
    g_autofree char *last = in_root("last/there");
    point("second/link", last);
    resolving("first", "what host-agent runs on this host");
    resolving("second", "what host-agent runs on this host");
    resolving("last", "what host-agent runs on this host");
    resolving("last/there", "what host-agent runs on this host");
    resolving("free", NULL);
}

static void refuses_where_what_is_missing_would_come_to_be(void **state)
{
    (void)state;
    make("disk");
    point("state", "disk");
    resolving("disk", "widen its own limits");
    make("disk/project");
    resolving("disk/project", NULL);
}

static void a_ring_of_links_has_an_end(void **state)
{
    g_autofree char *data = in_root("ring");

    (void)state;
    make("inside");
    point("ring", "inside/link");
    point("inside/link", "../ring");
    assert_true(g_setenv("HOST_AGENT_DATADIR", data, TRUE));
    resolving("inside", "what host-agent runs on this host");
    resolving("free", NULL);
}

/* As in a checkout: what runs this test is the program. */
static void refuses_what_holds_the_program(void **state)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = g_path_get_dirname(self);
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(project_resolve(dir, &error));
    assert_non_null(strstr(error->message, "what host-agent runs on this host"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_projects),
        cmocka_unit_test(refuses_the_home_and_what_holds_it),
        cmocka_unit_test(refuses_the_system),
        cmocka_unit_test(refuses_secrets),
        cmocka_unit_test(refuses_what_runs_on_the_host),
        cmocka_unit_test(refuses_what_cannot_be_told),
        cmocka_unit_test(knows_what_lies_where),
        cmocka_unit_test(refuses_what_a_link_leads_over),
        cmocka_unit_test(refuses_where_what_is_missing_would_come_to_be),
        cmocka_unit_test(a_ring_of_links_has_an_end),
        cmocka_unit_test(refuses_what_holds_the_program),
    };

    return cmocka_run_group_tests(tests, make_root, remove_root);
}
