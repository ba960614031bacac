/* SPDX-License-Identifier: ISC */
#include "notify/queue.h"
#include "records.h"

#define SECOND ((gint64)G_TIME_SPAN_SECOND)
#define RATE 5

static int setup(void **state)
{
    *state = queue_new();
    return 0;
}

static int teardown(void **state)
{
    queue_free(*state);
    return 0;
}

/* Adds a record that pushes nothing out. */
static void add(Queue *queue, guint64 id, const char *sandbox, const char *line, guint fold,
                gint64 now)
{
    assert_null(queue_add(queue, record_of(id, sandbox, line, fold), now));
}

/* What is given at NOW has this ID; 0: nothing is given. */
static gint64 expect(Queue *queue, guint rate, gint64 now, guint64 id)
{
    gint64 wait = -2;
    g_autoptr(Record) record = queue_take(queue, rate, now, &wait);

    assert_int_equal(record ? record->id : 0, id);
    return wait;
}

static void an_empty_one_gives_nothing_and_waits_for_nothing(void **state)
{
    assert_int_equal(expect(*state, RATE, 0, 0), -1);
    assert_int_equal(queue_count(*state), 0);
}

static void a_sandbox_is_told_in_order(void **state)
{
    for (guint64 id = 1; id <= 3; id++)
        add(*state, id, "a", "x", 0, 0);
    assert_int_equal(queue_count(*state), 3);
    for (guint64 id = 1; id <= 3; id++)
        expect(*state, RATE, 0, id);
    assert_int_equal(expect(*state, RATE, 0, 0), -1);
    assert_int_equal(queue_count(*state), 0);
}

static void sandboxes_take_turns(void **state)
{
    for (guint64 id = 1; id <= 100; id++)
        add(*state, id, "loud", "x", 0, 0);
    add(*state, 101, "b", "x", 0, 0);
    add(*state, 102, "b", "x", 0, 0);
    add(*state, 103, "c", "x", 0, 0);
    const guint64 order[] = {1, 101, 103, 2, 102, 3, 4};
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
        expect(*state, 1000, 0, order[i]);
}

static void a_sandbox_keeps_to_its_pace_and_the_others_to_theirs(void **state)
{
    for (guint64 id = 1; id <= 4; id++)
        add(*state, id, "a", "x", 0, 0);
    expect(*state, 2, 0, 1);
    expect(*state, 2, SECOND / 4, 2);
    assert_int_equal(expect(*state, 2, SECOND / 2, 0), SECOND / 2);
    assert_int_equal(expect(*state, 2, SECOND - 1, 0), 1);
    add(*state, 9, "b", "x", 0, SECOND - 1);
    expect(*state, 2, SECOND - 1, 9);
    expect(*state, 2, SECOND, 3);
    assert_int_equal(expect(*state, 2, SECOND, 0), SECOND / 4);
    expect(*state, 2, SECOND + SECOND / 4, 4);
}

/* The sooner of two. */
static void it_waits_for_whoever_may_come_first(void **state)
{
    add(*state, 1, "a", "x", 0, 0);
    add(*state, 2, "a", "x", 0, 0);
    add(*state, 3, "b", "x", 0, 0);
    add(*state, 4, "b", "x", 0, 0);
    expect(*state, 1, 0, 1);
    expect(*state, 1, 1000, 3);
    assert_int_equal(expect(*state, 1, 2000, 0), SECOND - 2000);
}

static void a_newer_one_of_its_slot_takes_the_older_s_place(void **state)
{
    add(*state, 1, "a", "{\"session\":\"s\",\"text\":\"1\"}", 0, 0);
    add(*state, 2, "a", "{\"session\":\"t\",\"text\":\"2\"}", 0, 0);
    add(*state, 3, "b", "{\"session\":\"s\",\"text\":\"3\"}", 0, 0);
    add(*state, 4, "a", "{\"session\":\"s\",\"key\":\"k\",\"text\":\"4\"}", 0, 0);
    add(*state, 5, "a", "s", 0, 0);
    g_autoptr(Record) out =
        queue_add(*state, record_of(6, "a", "{\"session\":\"s\",\"text\":\"6\"}", 0), 0);
    assert_int_equal(out->id, 1);
    assert_int_equal(out->state, RECORD_REPLACED);
    const guint64 order[] = {2, 3, 4, 5, 6, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
        expect(*state, 1000, 0, order[i]);
}

static void a_full_lane_gives_up_its_oldest(void **state)
{
    guint64 id = 0;

    while (id < QUEUE_LANE_MAX) {
        id++;
        add(*state, id, "a", "x", 0, 0);
    }
    g_autoptr(Record) out = queue_add(*state, record_of(++id, "a", "x", 0), 0);
    assert_int_equal(out->id, 1);
    assert_int_equal(out->state, RECORD_FOLDED);
    assert_int_equal(queue_count(*state), QUEUE_LANE_MAX);
    add(*state, ++id, "b", "x", 0, 0);
    expect(*state, 1000, 0, 2);
}

static void a_fold_comes_last_and_waits_for_more(void **state)
{
    add(*state, 1, "a", "one", 3, 0);
    add(*state, 2, "a", "x", 0, 0);
    expect(*state, RATE, 0, 2);
    assert_int_equal(expect(*state, RATE, 1, 0), QUEUE_FOLD_DELAY - 1);
    add(*state, 3, "a", "two", 4, QUEUE_FOLD_DELAY / 2); /* does not put it off */
    assert_int_equal(queue_count(*state), 7);
    expect(*state, RATE, QUEUE_FOLD_DELAY - 1, 0);
    expect(*state, RATE, QUEUE_FOLD_DELAY, 3);
    assert_int_equal(queue_count(*state), 0);
}

/* Whichever comes first, the highest id and its message stand for all. */
static void folds_add_up(void **state)
{
    const guint64 orders[][3] = {{7, 8, 9}, {9, 8, 7}, {8, 9, 7}, {7, 9, 8}};
    gint64 wait;

    for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(orders[i]); j++) {
            guint64 id = orders[i][j];
            add(*state, id, "a", id == 9 ? "nine" : "other", (guint)id, 0);
        }
        gint64 now = (gint64)(i + 1) * QUEUE_FOLD_DELAY;
        g_autoptr(Record) fold = queue_take(*state, RATE, now, &wait);
        assert_int_equal(fold->id, 9);
        assert_int_equal(fold->fold, 7 + 8 + 9);
        assert_string_equal(fold->message->text, "nine");
    }
}

static void what_is_given_back_is_next_again_and_was_not_given(void **state)
{
    gint64 wait;

    add(*state, 1, "a", "x", 0, 0);
    add(*state, 2, "a", "x", 0, 0);
    queue_return(*state, queue_take(*state, 1, 0, &wait), 0);
    assert_int_equal(queue_count(*state), 2);
    expect(*state, 1, 0, 1);
    assert_int_equal(expect(*state, 1, 0, 0), SECOND);
}

/* Also when its lane is long forgotten. */
static void a_fold_that_is_given_back_does_not_wait_again(void **state)
{
    gint64 wait, later = QUEUE_FOLD_DELAY;

    add(*state, 5, "a", "five", 2, 0);
    Record *fold = queue_take(*state, RATE, later, &wait);
    assert_non_null(fold);
    later += 2 * SECOND;
    expect(*state, RATE, later, 0);
    add(*state, 6, "a", "six", 3, later);
    queue_return(*state, fold, later);
    g_autoptr(Record) both = queue_take(*state, RATE, later, &wait);
    assert_int_equal(both->id, 6);
    assert_int_equal(both->fold, 5);
    assert_string_equal(both->message->text, "six");
}

static void one_can_be_removed_by_its_slot_or_its_id(void **state)
{
    add(*state, 1, "a", "{\"session\":\"s\",\"text\":\"1\"}", 0, 0);
    add(*state, 2, "a", "x", 0, 0);
    add(*state, 3, "a", "y", 5, 0);
    assert_null(queue_remove_slot(*state, "b", "s"));
    assert_null(queue_remove_slot(*state, "a", "t"));
    assert_null(queue_remove(*state, 4));
    assert_null(queue_remove(*state, 3)); /* a fold is many */
    g_autoptr(Record) one = queue_remove_slot(*state, "a", "s");
    g_autoptr(Record) two = queue_remove(*state, 2);
    assert_int_equal(one->id, 1);
    assert_int_equal(two->id, 2);
    assert_int_equal(queue_count(*state), 5);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_one_gives_nothing_and_waits_for_nothing),
        TEST(a_sandbox_is_told_in_order),
        TEST(sandboxes_take_turns),
        TEST(a_sandbox_keeps_to_its_pace_and_the_others_to_theirs),
        TEST(it_waits_for_whoever_may_come_first),
        TEST(a_newer_one_of_its_slot_takes_the_older_s_place),
        TEST(a_full_lane_gives_up_its_oldest),
        TEST(a_fold_comes_last_and_waits_for_more),
        TEST(folds_add_up),
        TEST(what_is_given_back_is_next_again_and_was_not_given),
        TEST(a_fold_that_is_given_back_does_not_wait_again),
        TEST(one_can_be_removed_by_its_slot_or_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
