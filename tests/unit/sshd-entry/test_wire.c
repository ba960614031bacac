/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "../../../sshd-entry/wire.h"

static bool lists(const char *list, const char *name)
{
    return wire_lists(wire_text(list), wire_text(name));
}

static void test_lists(void **state)
{
    const struct wire_string nothing = {NULL, 0};

    (void)state;
    assert_true(lists("a", "a"));
    assert_true(lists("a,bc,d", "a"));
    assert_true(lists("a,bc,d", "bc"));
    assert_true(lists("a,bc,d", "d"));
    assert_true(lists(",,a,", "a"));
    assert_false(lists("a,bc,d", "b"));
    assert_false(lists("a,bc,d", "bcd"));
    assert_false(lists("a,bc,d", "a,bc"));
    assert_false(lists("a,bc,d", ""));
    assert_false(lists("", "a"));
    assert_false(wire_lists(nothing, wire_text("a")));
    assert_false(wire_lists(wire_text("a"), nothing));
}

static void test_same(void **state)
{
    const struct wire_string nothing = {NULL, 0};

    (void)state;
    assert_true(wire_same(nothing, wire_text("")));
    assert_true(wire_equals(wire_text("ab"), "ab"));
    assert_false(wire_equals(wire_text("ab"), "a"));
    assert_false(wire_equals(nothing, "a"));
    assert_false(wire_same((struct wire_string){(const unsigned char *)"a\0b", 3}, wire_text("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
