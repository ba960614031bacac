/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../sshd-entry/terminfo.h"

static void test_names(void **state)
{
    static const char *const good[] = {"xterm",        "xterm-256color", "screen.xterm-new",
                                       "vt100+fnkeys", "Eterm",          "9term"};
    static const char *const bad[] = {"",   ".",   "..",      "../x",    "a/b",
                                      "-x", "a b", "a\033[m", "\xc3\xa4"};
    char longest[66];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(terminfo_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(terminfo_name_is_valid(bad[i]));
    memset(longest, 'x', sizeof(longest));
    longest[65] = '\0';
    assert_false(terminfo_name_is_valid(longest));
    longest[64] = '\0';
    assert_true(terminfo_name_is_valid(longest));
}

static void touch(const char *home, const char *path)
{
    char full[256];

    snprintf(full, sizeof(full), "%s/%s", home, path);
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fclose(file);
}

static void test_home(void **state)
{
    char home[] = "/tmp/terminfo.XXXXXX";
    char path[256];

    (void)state;
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof(path), "%s/.terminfo", home);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/.terminfo/q", home);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/.terminfo/51", home);
    assert_int_equal(mkdir(path, 0700), 0);
    touch(home, ".terminfo/q/qterm-x");
    touch(home, ".terminfo/51/Qterm-y");

    assert_true(terminfo_has("qterm-x", home));
    assert_true(terminfo_has("Qterm-y", home));
    assert_false(terminfo_has("qterm-z", home));
    assert_false(terminfo_has("qterm-x", NULL));
    assert_false(terminfo_has("../q/qterm-x", home));

    snprintf(path, sizeof(path), "rm -r %s", home);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
