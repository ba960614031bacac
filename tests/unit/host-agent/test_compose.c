/* SPDX-License-Identifier: ISC */
#include "notify/compose.h"
#include "records.h"

#include <stdlib.h>

#define SECOND ((gint64)1000) /* ms */
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define FRIDAY (G_GINT64_CONSTANT(1577458800) * SECOND) /* 2019-12-27 15:00 UTC */

static void expect_body(const Record *record, const char *text, guint64 count, gint64 later,
                        const char *want)
{
    g_autofree char *body = compose_body(record, text, count, record->time + later);

    assert_string_equal(body, want);
}

static void expect_summary(const char *line, guint fold, const char *want)
{
    g_autoptr(Record) record = record_of(1, "demo", line, fold);
    g_autofree char *summary = compose_summary(record);

    assert_string_equal(summary, want);
}

static void the_sandbox_s_name_comes_first(void **state)
{
    (void)state;
    expect_summary("{\"title\":\"Tests\",\"text\":\"x\"}", 0, "demo: Tests");
    expect_summary("{\"title\":\"other: Tests\"}", 0, "demo: other: Tests");
    expect_summary("text", 0, "demo");
}

/* A fold stands for many, with titles of their own. */
static void a_fold_has_no_title(void **state)
{
    (void)state;
    expect_summary("{\"title\":\"Tests\",\"text\":\"x\"}", 3, "demo");
}

static void a_body_is_the_text_and_for_a_fold_how_many(void **state)
{
    g_autoptr(Record) one = record_of(1, "demo", "x", 0);
    g_autoptr(Record) fold = record_of(1, "demo", "x", 3);

    (void)state;
    expect_body(one, "text", 7, 0, "text");
    expect_body(one, NULL, 0, 0, "");
    expect_body(fold, "text", 7, 0, "and 7 more, the last: text");
    expect_body(fold, NULL, 7, 0, "and 7 more");
    expect_body(fold, NULL, G_MAXUINT64, 0, "and 18446744073709551615 more");
}

static void what_is_late_carries_its_time(void **state)
{
    g_autoptr(Record) one = record_of(1, "demo", "x", 0);
    g_autoptr(Record) fold = record_of(1, "demo", "x", 3);

    (void)state;
    one->time = fold->time = FRIDAY;
    expect_body(one, "x", 0, MINUTE - 1, "x");
    expect_body(one, "x", 0, MINUTE, "x (15:00)");
    expect_body(one, "x", 0, 12 * HOUR - 1, "x (15:00)");
    expect_body(one, "x", 0, 12 * HOUR, "x (Fri 15:00)");
    expect_body(fold, "x", 3, HOUR, "and 3 more, the last: x (15:00)");
}

static void a_clock_that_was_set_back_is_no_matter(void **state)
{
    g_autoptr(Record) record = record_of(1, "demo", "x", 0);

    (void)state;
    record->time = FRIDAY;
    expect_body(record, "x", 0, -HOUR, "x");
    record->time = G_MAXINT64 - HOUR;
    expect_body(record, "x", 0, HOUR, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sandbox_s_name_comes_first),
        cmocka_unit_test(a_fold_has_no_title),
        cmocka_unit_test(a_body_is_the_text_and_for_a_fold_how_many),
        cmocka_unit_test(what_is_late_carries_its_time),
        cmocka_unit_test(a_clock_that_was_set_back_is_no_matter),
    };
    g_log_set_always_fatal((GLogLevelFlags)(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL));
    setenv("TZ", "UTC", 1);
    setenv("LC_ALL", "C", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
