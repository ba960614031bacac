/* SPDX-License-Identifier: ISC */
#include "notify/quiet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Summer time from 2026-03-29 02:00 to 2026-10-25 03:00. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

/* NOW as "2026-11-22T23:00:00", or with an offset where the local time comes twice. */
static gint64 left(int from, int to, const char *now)
{
    const ConfigNotify notify = {.quiet_from = from, .quiet_to = to};
    g_autoptr(GTimeZone) berlin = g_time_zone_new_identifier(BERLIN);
    g_autoptr(GDateTime) parsed = g_date_time_new_from_iso8601(now, berlin);
    assert_non_null(parsed);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(parsed, berlin);

    return quiet_left(&notify, local);
}

enum { MINUTE = 60, HOUR = 3600 };
#define AT(hour, minute) ((hour)*60 + (minute))

static void no_hours_are_never_quiet(void **state)
{
    (void)state;
    assert_int_equal(left(-1, -1, "2026-11-22T00:00:00"), 0);
    assert_int_equal(left(-1, -1, "2026-11-22T23:59:59"), 0);
}

static void hours_of_one_day(void **state)
{
    (void)state;
    assert_int_equal(left(AT(12, 30), AT(14, 0), "2026-11-22T12:29:59"), 0);
    assert_int_equal(left(AT(12, 30), AT(14, 0), "2026-11-22T12:30:00"), 90 * MINUTE);
    assert_int_equal(left(AT(12, 30), AT(14, 0), "2026-11-22T13:59:59"), 1);
    assert_int_equal(left(AT(12, 30), AT(14, 0), "2026-11-22T14:00:00"), 0);
    assert_int_equal(left(AT(12, 30), AT(14, 0), "2026-11-22T14:00:59"), 0);
    assert_int_equal(left(0, 1, "2026-11-22T00:00:00"), MINUTE);
    assert_int_equal(left(0, AT(23, 59), "2026-11-22T23:59:00"), 0);
}

static void hours_over_midnight(void **state)
{
    (void)state;
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-11-22T21:59:59"), 0);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-11-22T22:00:00"), 9 * HOUR);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-12-31T23:59:59"), 7 * HOUR + 1);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-11-23T00:00:00"), 7 * HOUR);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-11-23T06:59:59.5"), 1);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-11-23T07:00:00"), 0);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-11-23T07:00:59"), 0);
    assert_int_equal(left(AT(22, 0), 0, "2026-11-22T23:00:00"), HOUR);
    assert_int_equal(left(AT(22, 0), 0, "2026-11-23T00:00:00"), 0);
}

static void the_end_is_a_local_time(void **state)
{
    (void)state;
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-03-28T22:00:00"), 8 * HOUR);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-10-24T22:00:00"), 10 * HOUR);
    assert_int_equal(left(AT(22, 0), AT(7, 0), "2026-03-29T01:59:00"), 4 * HOUR + MINUTE);
}

/* 02:30 does not come on the day that is short; it is over by 03:30. */
static void an_end_that_does_not_come(void **state)
{
    gint64 seconds = left(AT(22, 0), AT(2, 30), "2026-03-29T01:50:00");

    (void)state;
    assert_in_range(seconds, 10 * MINUTE, 40 * MINUTE);
    assert_int_equal(left(AT(22, 0), AT(2, 30), "2026-03-29T03:30:00"), 0);
}

static void an_end_that_comes_twice(void **state)
{
    (void)state;
    assert_int_equal(left(AT(22, 0), AT(2, 30), "2026-10-25T02:10:00+02:00"), 20 * MINUTE);
    assert_int_equal(left(AT(22, 0), AT(2, 30), "2026-10-25T02:40:00+02:00"), 0);
    assert_int_equal(left(AT(22, 0), AT(2, 30), "2026-10-25T02:10:20+01:00"), 20 * MINUTE - 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_hours_are_never_quiet),  cmocka_unit_test(hours_of_one_day),
        cmocka_unit_test(hours_over_midnight),       cmocka_unit_test(the_end_is_a_local_time),
        cmocka_unit_test(an_end_that_does_not_come), cmocka_unit_test(an_end_that_comes_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
