/* SPDX-License-Identifier: ISC */
#include "base/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void makes(const char *path, const char *want)
{
    g_autofree char *name = name_from_path(path);

    assert_string_equal(name, want);
    assert_true(name_valid(name));
}

static void makes_names_of_paths(void **state)
{
    (void)state;
    makes("/home/me/web", "web");
    makes("/home/me/Web", "web");
    makes("/home/me/My Project (2)", "my-project-2");
    makes("/home/me/..hidden", "hidden");
    makes("/home/me/a..b", "a.b");
    makes("/home/me/v1.2_x", "v1.2_x");
    makes("/home/me/été", "t");
    makes("/home/me/日本", "sandbox");
    makes("/", "sandbox");
    makes("/home/me/lock", "lock-box");
    makes("/home/me/known_hosts", "known_hosts-box");
    makes("/home/me/no-include", "no-include-box");
    makes("/home/me/id_ed25519.new", "id_ed25519.new-box");
    makes("/home/me/id_ed25519.new.pub", "id_ed25519.new.pub-box");
    makes("/x/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void numbers_the_next_ones(void **state)
{
    g_autofree char *first = name_numbered("web", 1);
    g_autofree char *tenth = name_numbered("web", 10);
    g_autofree char *longest = name_numbered("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 10);

    (void)state;
    assert_string_equal(first, "web");
    assert_string_equal(tenth, "web-10");
    assert_string_equal(longest, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-10");
    assert_true(name_valid(longest));
}

static void refuses_other_names(void **state)
{
    (void)state;
    assert_true(name_valid("a"));
    assert_true(name_valid("0.a_b-c"));
    assert_false(name_valid(""));
    assert_false(name_valid("-a"));
    assert_false(name_valid(".a"));
    assert_false(name_valid("A"));
    assert_false(name_valid("a/b"));
    assert_false(name_valid("a b"));
    assert_false(name_valid("a*"));
    assert_false(name_valid("a\n"));
    assert_false(name_valid("a..b"));
    assert_false(name_valid("notify.lock"));
    assert_false(name_valid("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_names_of_paths),
        cmocka_unit_test(numbers_the_next_ones),
        cmocka_unit_test(refuses_other_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
