/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../../sshd-entry/environment.h"

static void test_set_and_get(void **state)
{
    struct environment env = {0};

    (void)state;
    assert_int_equal(environment_set(&env, "A", "1"), 0);
    assert_int_equal(environment_set(&env, "AB", "2"), 0);
    assert_int_equal(environment_put(&env, "A=3=4"), 0);
    assert_int_equal(env.count, 2);
    assert_string_equal(environment_get(&env, "A"), "3=4");
    assert_string_equal(environment_get(&env, "AB"), "2");
    assert_null(environment_get(&env, "B"));
    assert_null(env.entries[env.count]);
    environment_free(&env);
    assert_int_equal(env.count, 0);
}

static void test_bad_names(void **state)
{
    static const char *const names[] = {"", "1A", "A B", "A=B", "A-B", "\xc3\xa4", "A\n"};
    struct environment env = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(environment_set(&env, names[i], "x"), -1);
        assert_false(environment_admits("*", names[i], "x"));
    }
    assert_int_equal(environment_put(&env, "NOVALUE"), -1);
    assert_int_equal(environment_put(&env, "=x"), -1);
    assert_int_equal(env.count, 0);
}

/* A cluster gives its containers hundreds. */
static void test_many(void **state)
{
    struct environment env = {0};
    char name[16];

    (void)state;
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "V%d", i);
        assert_int_equal(environment_set(&env, name, name), 0);
    }
    assert_int_equal(env.count, 2000);
    assert_null(env.entries[2000]);
    assert_string_equal(environment_get(&env, "V1999"), "V1999");
    environment_free(&env);
    assert_null(env.entries);
}

static void test_admits(void **state)
{
    static const char list[] = "TERM, LANG,LC_* TERM_PROGRAM*";
    char *big = malloc(ENVIRONMENT_VALUE_MAX + 2);

    (void)state;
    assert_true(environment_admits(list, "TERM", "xterm"));
    assert_true(environment_admits(list, "LC_ALL", "C"));
    assert_true(environment_admits(list, "TERM_PROGRAM_VERSION", "1"));
    assert_false(environment_admits(list, "TERMINFO", "/tmp"));
    assert_false(environment_admits(list, "LD_PRELOAD", "x.so"));
    assert_false(environment_admits(list, "XLC_ALL", "C"));
    assert_false(environment_admits("", "TERM", "xterm"));
    assert_false(environment_admits(" ,, ", "TERM", "xterm"));

    assert_non_null(big);
    memset(big, 'x', ENVIRONMENT_VALUE_MAX + 1);
    big[ENVIRONMENT_VALUE_MAX + 1] = '\0';
    assert_false(environment_admits(list, "TERM", big));
    big[ENVIRONMENT_VALUE_MAX] = '\0';
    assert_true(environment_admits(list, "TERM", big));
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_get),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_admits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
