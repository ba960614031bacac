/* SPDX-License-Identifier: ISC */
#include "focus/procstat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static void tells_parent_and_terminal(void **state)
{
    Procstat process;

    (void)state;
    assert_true(procstat_parse("77 (ssh) S 42 77 42 34817 77 4194304 1", &process));
    assert_int_equal(process.parent, 42);
    assert_int_equal(process.terminal, makedev(136, 1));
    assert_true(procstat_parse("77 (ssh) S 1 77 77 0 -1 4194304 1", &process));
    assert_int_equal(process.terminal, 0);
}

/* A minor beyond 255 has its high bits apart, up to where the number turns negative. */
static void tells_every_terminal(void **state)
{
    Procstat process;

    (void)state;
    assert_true(procstat_parse("1 (x) S 0 1 1 1083393 ", &process)); /* 0x00108801 */
    assert_int_equal(process.terminal, makedev(136, 257));
    assert_true(procstat_parse("1 (x) S 0 1 1 -2147448831", &process)); /* 0x80008801 */
    assert_int_equal(process.terminal, makedev(136, 0x80001));
}

/* A process has the name it gave itself. */
static void is_not_led_by_a_name(void **state)
{
    Procstat process;

    (void)state;
    assert_true(procstat_parse("77 (a) S 1 1 1 34816 () S 42 77 42 34817 77", &process));
    assert_int_equal(process.parent, 42);
    assert_int_equal(process.terminal, makedev(136, 1));
}

static void refuses_other_texts(void **state)
{
    static const char *const texts[] = {
        "",
        ")",
        ") ",
        ") S",
        "77 (ssh) S 42 77 42",
        "77 (ssh) S 42 77 42 ",
        "77 (ssh) S 42 77 42 x",
        "77 (ssh) S -42 77 42 34817",
        "77 (ssh) S 42 77 42 99999999999",
        "77 (ssh)S 42 77 42 34817",
        "77 ssh S 42 77 42 34817",
    };
    Procstat process;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (procstat_parse(texts[i], &process))
            fail_msg("accepted: %s", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_parent_and_terminal),
        cmocka_unit_test(tells_every_terminal),
        cmocka_unit_test(is_not_led_by_a_name),
        cmocka_unit_test(refuses_other_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
