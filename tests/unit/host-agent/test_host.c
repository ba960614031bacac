/* SPDX-License-Identifier: ISC */
#include "base/host.h"
#include "base/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void finds_a_range(void **state)
{
    (void)state;
    assert_true(host_has_subids("me:100000:65536\n", "me", 1000));
    assert_true(host_has_subids("other:1:2\n1000:100000:65536", "me", 1000));
    assert_false(host_has_subids("", "me", 1000));
    assert_false(host_has_subids("me2:100000:65536\n", "me", 1000));
    assert_false(host_has_subids("me:100000:0\n", "me", 1000));
    assert_false(host_has_subids("me:100000\n", "me", 1000));
    assert_false(host_has_subids("#me:100000:65536\n", "me", 1000));
}

static void compares_versions(void **state)
{
    (void)state;
    assert_true(host_version_at_least("4.3.1", 4, 3));
    assert_true(host_version_at_least("5.0", 4, 3));
    assert_true(host_version_at_least("4.10.0-dev", 4, 3));
    assert_false(host_version_at_least("4.2.9", 4, 3));
    assert_false(host_version_at_least("3.9", 4, 3));
    assert_false(host_version_at_least("", 4, 3));
    assert_false(host_version_at_least("podman", 4, 3));
}

static void shows(const char *text, const char *want)
{
    g_autofree char *shown = printable(text);

    assert_string_equal(shown, want);
}

static void lets_nothing_control_the_terminal(void **state)
{
    (void)state;
    shows("plain é 日本", "plain é 日本");
    shows("a\nb\r\tc\033[2Jd\177", "a\\x0ab\\x0d\\x09c\\x1b[2Jd\\x7f");
    shows("\xc2\x9b", "\\xc2\\x9b");          /* CSI in C1 */
    shows("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
    shows("\xff\xc3", "\\xff\\xc3");
}

static void finds_the_last_line(void **state)
{
    g_autofree char *last = printable_last_line("one\n  two \n\n \n");
    g_autofree char *none = printable_last_line("");

    (void)state;
    assert_string_equal(last, "two");
    assert_string_equal(none, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_range),
        cmocka_unit_test(compares_versions),
        cmocka_unit_test(lets_nothing_control_the_terminal),
        cmocka_unit_test(finds_the_last_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
