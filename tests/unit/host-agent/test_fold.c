/* SPDX-License-Identifier: ISC */
#include "notify/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS ((gint64)G_TIME_SPAN_MILLISECOND)
#define START (123456789 * MS) /* any time */
#define RATE 5

static int setup(void **state)
{
    *state = fold_new();
    return 0;
}

static int teardown(void **state)
{
    fold_free(*state);
    return 0;
}

/* How many of COUNT messages are told that come every STEP from NOW on. */
static int admitted(Fold *fold, const char *sandbox, guint rate, gint64 now, int count, gint64 step)
{
    int told = 0;

    for (int i = 0; i < count; i++)
        told += fold_admits(fold, sandbox, rate, now + i * step);
    return told;
}

static void a_burst_as_large_as_the_rate_is_told(void **state)
{
    assert_int_equal(admitted(*state, "a", RATE, START, RATE, 0), RATE);
    assert_false(fold_admits(*state, "a", RATE, START));
}

static void a_pace_within_the_rate_is_told_for_ever(void **state)
{
    assert_int_equal(admitted(*state, "a", RATE, START, 1000, 200 * MS), 1000);
}

static void a_flood_is_told_up_to_the_rate_and_then_counted_to_its_end(void **state)
{
    /* Not one more, however long it goes on. */
    assert_in_range(admitted(*state, "a", RATE, START, 10000, 10 * MS), RATE, RATE + 1);
}

static void just_over_the_rate_is_a_flood_in_the_end(void **state)
{
    int told = admitted(*state, "a", RATE, START, 1000, 190 * MS);

    assert_in_range(told, RATE, 200);
    assert_false(fold_admits(*state, "a", RATE, START + 1000 * 190 * MS));
}

static void a_flood_ends_after_a_quiet_second(void **state)
{
    gint64 last = START + 99;

    assert_int_equal(admitted(*state, "a", RATE, START, 100, 1), RATE);
    assert_false(fold_admits(*state, "a", RATE, last + 999 * MS));
    assert_true(fold_admits(*state, "a", RATE, last + 999 * MS + 1000 * MS));
    assert_int_equal(admitted(*state, "a", RATE, last + 5000 * MS, 100, 0), RATE);
}

static void a_slower_pace_ends_it_too(void **state)
{
    admitted(*state, "a", RATE, START, 100, 0);
    /* Each half second earns 500 ms and costs 200: the third finds a whole second. */
    for (int i = 1; i <= 2; i++)
        assert_false(fold_admits(*state, "a", RATE, START + i * 500 * MS));
    assert_true(fold_admits(*state, "a", RATE, START + 3 * 500 * MS));
}

static void silence_earns_no_more_than_a_second(void **state)
{
    assert_true(fold_admits(*state, "a", RATE, START));
    assert_int_equal(admitted(*state, "a", RATE, START + 3600 * 1000 * MS, 100, 0), RATE);
}

static void a_flood_is_its_sandbox_s_alone(void **state)
{
    char name[8];

    admitted(*state, "loud", RATE, START, 1000, 0);
    for (int i = 0; i < 1000; i++) {
        g_snprintf(name, sizeof(name), "q%d", i);
        assert_true(fold_admits(*state, name, RATE, START));
    }
    assert_false(fold_admits(*state, "loud", RATE, START));
}

static void each_rate_holds(void **state)
{
    assert_int_equal(admitted(*state, "one", 1, START, 50, 0), 1);
    assert_int_equal(admitted(*state, "three", 3, START, 50, 0), 3);
    assert_int_equal(admitted(*state, "many", 1000, START, 5000, 0), 1000);
}

static void who_is_forgotten_starts_anew(void **state)
{
    admitted(*state, "a", RATE, START, 100, 0);
    fold_forget(*state, "a");
    fold_forget(*state, "nobody");
    assert_true(fold_admits(*state, "a", RATE, START));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_burst_as_large_as_the_rate_is_told),
        TEST(a_pace_within_the_rate_is_told_for_ever),
        TEST(a_flood_is_told_up_to_the_rate_and_then_counted_to_its_end),
        TEST(just_over_the_rate_is_a_flood_in_the_end),
        TEST(a_flood_ends_after_a_quiet_second),
        TEST(a_slower_pace_ends_it_too),
        TEST(silence_earns_no_more_than_a_second),
        TEST(a_flood_is_its_sandbox_s_alone),
        TEST(each_rate_holds),
        TEST(who_is_forgotten_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
