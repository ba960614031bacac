/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/project.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const homes[] = {"/home/me", "/data/people/me", NULL};
static const char *const secrets[] = {"/home/me/.ssh", "/home/me/.config/host-agent", NULL};

static void allows(const char *dir)
{
    g_autoptr(GError) error = NULL;

    if (!project_check(dir, homes, secrets, &error))
        fail_msg("%s was refused: %s", dir, error->message);
}

/* WHY is a part of the message. */
static void refuses(const char *dir, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (project_check(dir, homes, secrets, &error))
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_projects),
        cmocka_unit_test(refuses_the_home_and_what_holds_it),
        cmocka_unit_test(refuses_the_system),
        cmocka_unit_test(refuses_secrets),
        cmocka_unit_test(refuses_what_cannot_be_told),
        cmocka_unit_test(knows_what_lies_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
