/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/backlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW (1000 * G_TIME_SPAN_SECOND)

/* Takes what may be shown at NOW, as `SANDBOX:TEXT` or `SANDBOX:+LOST`, `-` for nothing. */
static char *taken(Backlog *b, gint64 now, gint64 *wait)
{
    BacklogItem *item = backlog_take(b, now, wait);

    if (!item)
        return g_strdup("-");
    char *told = item->text ? g_strdup_printf("%s:%s", item->sandbox, item->text)
                            : g_strdup_printf("%s:+%u", item->sandbox, item->lost);
    backlog_item_free(item);
    return told;
}

static void assert_take(Backlog *b, gint64 now, const char *want)
{
    gint64 wait;
    g_autofree char *got = taken(b, now, &wait);

    assert_string_equal(got, want);
}

static void assert_wait(Backlog *b, gint64 now, gint64 want)
{
    gint64 wait;
    g_autofree char *got = taken(b, now, &wait);

    assert_string_equal(got, "-");
    assert_int_equal(wait, want);
}

static void add_numbers(Backlog *b, const char *sandbox, int first, int last)
{
    for (int i = first; i <= last; i++) {
        g_autofree char *text = g_strdup_printf("%d", i);
        backlog_add(b, sandbox, text);
    }
}

static int new_backlog(void **state)
{
    *state = backlog_new();
    return 0;
}

static int free_backlog(void **state)
{
    backlog_free(*state);
    return 0;
}

static void nothing_is_no_reason_to_wait(void **state)
{
    assert_wait(*state, NOW, -1);
    assert_int_equal(backlog_count(*state), 0);
}

static void a_sandbox_keeps_its_order(void **state)
{
    add_numbers(*state, "a", 1, 3);
    assert_int_equal(backlog_count(*state), 3);
    assert_take(*state, NOW, "a:1");
    assert_take(*state, NOW, "a:2");
    assert_take(*state, NOW, "a:3");
    assert_wait(*state, NOW, -1);
}

static void sandboxes_take_turns(void **state)
{
    add_numbers(*state, "loud", 1, 1000);
    add_numbers(*state, "quiet", 1, 1);
    g_autofree char *oldest = g_strdup_printf("loud:%d", 1000 - BACKLOG_LANE_MAX + 1);
    assert_take(*state, NOW, oldest);
    assert_take(*state, NOW, "quiet:1");
}

static void a_full_lane_loses_the_oldest_and_counts_them(void **state)
{
    add_numbers(*state, "a", 1, BACKLOG_LANE_MAX + 7);
    assert_int_equal(backlog_count(*state), BACKLOG_LANE_MAX + 7);
    for (int i = 8; i <= BACKLOG_LANE_MAX + 7; i++) {
        g_autofree char *want = g_strdup_printf("a:%d", i);
        assert_take(*state, NOW, want);
    }
    assert_wait(*state, NOW, BACKLOG_INTERVAL);
    assert_take(*state, NOW + BACKLOG_INTERVAL, "a:+7");
    assert_int_equal(backlog_count(*state), 0);
}

static void after_a_burst_only_the_newest_goes(void **state)
{
    for (int i = 0; i < BACKLOG_BURST; i++) {
        backlog_add(*state, "a", "burst");
        assert_take(*state, NOW, "a:burst");
    }
    add_numbers(*state, "a", 1, 10);
    assert_wait(*state, NOW, BACKLOG_INTERVAL);
    assert_take(*state, NOW + BACKLOG_INTERVAL, "a:10");
    assert_wait(*state, NOW + BACKLOG_INTERVAL, BACKLOG_INTERVAL);
    assert_take(*state, NOW + 2 * BACKLOG_INTERVAL, "a:+9");
}

static void a_burst_is_allowed_anew_after_a_rest(void **state)
{
    const gint64 times[] = {NOW, NOW + (BACKLOG_BURST + 1) * BACKLOG_INTERVAL};

    for (guint t = 0; t < G_N_ELEMENTS(times); t++) {
        for (int i = 0; i < BACKLOG_BURST; i++) {
            backlog_add(*state, "a", "burst");
            assert_take(*state, times[t], "a:burst");
        }
        backlog_add(*state, "a", "more");
        assert_wait(*state, times[t], BACKLOG_INTERVAL);
        assert_take(*state, times[t] + BACKLOG_INTERVAL, "a:more");
    }
}

static void what_is_given_back_is_next_again(void **state)
{
    gint64 wait;

    add_numbers(*state, "a", 1, 2);
    BacklogItem *item = backlog_take(*state, NOW, &wait);
    item->tries = 1;
    backlog_return(*state, item);
    item = backlog_take(*state, NOW, &wait);
    assert_string_equal(item->text, "1");
    assert_int_equal(item->tries, 1);
    backlog_item_free(item);
    assert_take(*state, NOW, "a:2");
}

static void a_count_that_is_given_back_grows(void **state)
{
    gint64 wait, now = NOW;
    BacklogItem *item;

    add_numbers(*state, "a", 1, BACKLOG_LANE_MAX + 1);
    for (int i = 0; i < BACKLOG_LANE_MAX; i++)
        backlog_item_free(backlog_take(*state, now, &wait));
    now += BACKLOG_LANE_MAX * BACKLOG_INTERVAL;
    item = backlog_take(*state, now, &wait);
    assert_null(item->text);
    backlog_return(*state, item);
    assert_int_equal(backlog_count(*state), 1);
    add_numbers(*state, "a", 1, BACKLOG_LANE_MAX + 1);
    assert_int_equal(backlog_count(*state), BACKLOG_LANE_MAX + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_no_reason_to_wait, new_backlog, free_backlog),
        cmocka_unit_test_setup_teardown(a_sandbox_keeps_its_order, new_backlog, free_backlog),
        cmocka_unit_test_setup_teardown(sandboxes_take_turns, new_backlog, free_backlog),
        cmocka_unit_test_setup_teardown(a_full_lane_loses_the_oldest_and_counts_them, new_backlog,
                                        free_backlog),
        cmocka_unit_test_setup_teardown(after_a_burst_only_the_newest_goes, new_backlog,
                                        free_backlog),
        cmocka_unit_test_setup_teardown(a_burst_is_allowed_anew_after_a_rest, new_backlog,
                                        free_backlog),
        cmocka_unit_test_setup_teardown(what_is_given_back_is_next_again, new_backlog,
                                        free_backlog),
        cmocka_unit_test_setup_teardown(a_count_that_is_given_back_grows, new_backlog,
                                        free_backlog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
