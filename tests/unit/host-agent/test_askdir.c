/* SPDX-License-Identifier: ISC */
#include "ask/askdir.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char *runtime;

/* As a shell would do it, in the sandbox's directory. */
static void shell(const char *script)
{
    g_autofree char *line = g_strdup_printf("cd '%s/host-agent/web' && { %s; }", runtime, script);

    assert_int_equal(system(line), 0);
}

static void is_for_the_user_alone(void **state)
{
    (void)state;
    assert_true(askdir_ensure("web", NULL));
    shell("[ \"$(stat -c %a:%F ask)\" = 700:directory ]");
    shell("stat -c %i ask >inode");
    assert_true(askdir_ensure("web", NULL)); /* a container has it */
    shell("[ \"$(stat -c %i ask)\" = \"$(cat inode)\" ]; s=$?; rm inode; exit $s");
    askdir_remove("web");
    shell("[ -z \"$(ls -A)\" ]");
    askdir_remove("web");
}

static void goes_with_its_socket(void **state)
{
    g_autofree char *path = askdir_path("web");

    (void)state;
    assert_true(askdir_ensure("web", NULL));
    int dir = askdir_open(path, NULL);
    int fd = askdir_listen(dir, NULL);
    assert_true(fd >= 0);
    shell("[ -S ask/ask ]");
    askdir_remove("web");
    shell("[ -z \"$(ls -A)\" ]");
    close(fd);
    close(dir);
}

static void is_refused_where_it_is_foreign(void **state)
{
    static const char *const scripts[] = {"mkdir -m 700 other; ln -s other ask", "touch ask",
                                          "ln -s /nonexistent ask", "mkdir -m 755 ask"};
    g_autofree char *path = askdir_path("web");

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autoptr(GError) error = NULL;
        shell(scripts[i]);
        assert_false(askdir_ensure("web", &error));
        assert_non_null(strstr(error->message, path));
        assert_int_equal(askdir_open(path, NULL), -1);
        /* `down` takes it away all the same, and not what a link leads to. */
        shell("[ ! -d other ] || touch other/ask");
        askdir_remove("web");
        shell("[ ! -d other ] || rm other/ask; rm -rf other; [ -z \"$(ls -A)\" ]");
    }
}

static void tells_that_there_is_none(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = askdir_path("web");

    (void)state;
    assert_int_equal(askdir_open(path, &error), -1);
    assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_for_the_user_alone),
        cmocka_unit_test(goes_with_its_socket),
        cmocka_unit_test(is_refused_where_it_is_foreign),
        cmocka_unit_test(tells_that_there_is_none),
    };

    runtime = g_dir_make_tmp("askdir-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    g_autofree char *web = g_build_filename(runtime, "host-agent", "web", NULL);
    g_autofree char *all = g_build_filename(runtime, "host-agent", NULL);
    g_rmdir(web);
    g_rmdir(all);
    g_rmdir(runtime);
    g_free(runtime);
    return failed;
}
