/* SPDX-License-Identifier: ISC */
#include "base/readfile.h"
#include "base/writefile.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static int make_dir(void **state)
{
    *state = g_dir_make_tmp("host-agent-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
    g_autofree char *dir = *state;
    g_autofree char *file = g_build_filename(dir, "file", NULL);

    g_unlink(file);
    return g_rmdir(dir);
}

static char *file_with(void **state, const char *text, int mode)
{
    char *file = g_build_filename(*state, "file", NULL);

    assert_true(writefile(file, text, mode, NULL));
    return file;
}

static void reads_what_fits(void **state)
{
    g_autofree char *file = file_with(state, "12345", 0600);
    g_autofree char *text = NULL;
    gsize length;

    assert_true(readfile(file, 5, &text, &length, NULL));
    assert_string_equal(text, "12345");
    assert_int_equal(length, 5);
}

static void refuses_what_does_not(void **state)
{
    g_autofree char *file = file_with(state, "12345", 0600);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    assert_false(readfile(file, 4, &text, NULL, &error));
    assert_null(text);
    assert_non_null(strstr(error->message, "larger than 4 bytes"));
}

static void reads_either_end(void **state)
{
    g_autofree char *file = file_with(state, "12345", 0600);
    g_autofree char *head = NULL;
    g_autofree char *tail = NULL;
    g_autofree char *all = NULL;

    assert_true(readfile_head(file, 2, &head, NULL));
    assert_true(readfile_tail(file, 2, &tail, NULL));
    assert_true(readfile_tail(file, 9, &all, NULL));
    assert_string_equal(head, "12");
    assert_string_equal(tail, "45");
    assert_string_equal(all, "12345");
}

static void does_not_wait_for_a_fifo(void **state)
{
    g_autofree char *file = g_build_filename(*state, "file", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    assert_int_equal(mkfifo(file, 0600), 0);
    assert_false(readfile(file, 10, &text, NULL, &error));
    assert_non_null(strstr(error->message, "not a regular file"));
}

static void knows_a_missing_file(void **state)
{
    g_autofree char *file = g_build_filename(*state, "file", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    assert_false(readfile(file, 10, &text, NULL, &error));
    assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
}

static void takes_policy_from_the_user_alone(void **state)
{
    g_autofree char *file = file_with(state, "x", 0644);
    g_autofree char *text = NULL;
    g_autofree char *other = NULL;

    assert_true(readfile_own(file, 10, &text, NULL, NULL));
    assert_int_equal(g_chmod(file, 0646), 0);
    assert_false(readfile_own(file, 10, &other, NULL, NULL));
}

static void writes_the_mode_that_is_asked_for(void **state)
{
    mode_t before = umask(077);
    g_autofree char *file = file_with(state, "x", 0664);
    struct stat st;

    assert_int_equal(umask(before), 077);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0664);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(reads_what_fits),
        IN_DIR(refuses_what_does_not),
        IN_DIR(reads_either_end),
        IN_DIR(does_not_wait_for_a_fifo),
        IN_DIR(knows_a_missing_file),
        IN_DIR(takes_policy_from_the_user_alone),
        IN_DIR(writes_the_mode_that_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
