/* SPDX-License-Identifier: ISC */
#include "notify/replay.h"
#include "records.h"

static Replay *replay_of(const GString *text)
{
    return replay_new(text->str, text->len);
}

static const Record *at(const Replay *replay, guint index)
{
    assert_true(index < replay->records->len);
    return replay->records->pdata[index];
}

static void expect_state(const Replay *replay, guint index, guint64 id, RecordState state)
{
    assert_int_equal(at(replay, index)->id, id);
    assert_int_equal(at(replay, index)->state, state);
}

/* How many messages wait. */
static guint64 waiting(const Replay *replay)
{
    guint64 count = 0;

    for (guint i = 0; i < replay->records->len; i++) {
        const Record *record = at(replay, i);
        if (record->state == RECORD_WAITING)
            count += MAX(1, record->fold);
    }
    return count;
}

static void nothing_adds_up_to_nothing(void **state)
{
    g_autoptr(Replay) replay = replay_new("", 0);

    (void)state;
    assert_int_equal(replay->records->len, 0);
    assert_int_equal(replay->last, 0);
    replay_trim(replay);
    GString *text = replay_print(replay);
    assert_int_equal(text->len, 0);
    g_string_free(text, TRUE);
}

static void a_state_is_that_of_its_record(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    for (guint64 id = 1; id <= 4; id++)
        print_record(text, id, "a", "x", 0);
    print_state(text, 77, RECORD_SHOWN); /* trimmed long ago */
    print_state(text, 3, RECORD_SHOWN);
    print_state(text, 1, RECORD_REPLACED);
    g_autoptr(Replay) replay = replay_of(text);
    assert_int_equal(replay->records->len, 4);
    expect_state(replay, 0, 1, RECORD_REPLACED);
    expect_state(replay, 1, 2, RECORD_WAITING);
    expect_state(replay, 2, 3, RECORD_SHOWN);
    expect_state(replay, 3, 4, RECORD_WAITING);
    assert_int_equal(replay->last, 77);
}

/* A kill in the midst of a write leaves the beginning of a line. */
static void a_line_that_was_cut_off_was_never_said(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    print_record(text, 1, "a", "x", 0);
    gsize one = text->len;
    print_record(text, 2, "a", "y", 0);
    for (gsize size = one; size < text->len; size++) {
        g_autoptr(Replay) replay = replay_new(text->str, size);
        assert_int_equal(replay->records->len, 1);
        assert_int_equal(replay->last, 1);
    }
    g_autoptr(Replay) both = replay_of(text);
    assert_int_equal(both->records->len, 2);
}

static void a_line_that_is_none_of_ours_is_left_out(void **state)
{
    g_autoptr(GString) text = g_string_new("\n{\"id\":\n\xff\n[]\n");

    (void)state;
    print_record(text, 1, "a", "x", 0);
    g_string_append_len(text, "\0\n", 2);
    print_record(text, 2, "a", "x", 0);
    g_autoptr(Replay) replay = replay_of(text);
    assert_int_equal(replay->records->len, 2);
}

static void a_fold_s_state_is_that_of_the_folds_before_it(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    print_record(text, 1, "a", "x", 2);
    print_state(text, 1, RECORD_FAILED);
    print_record(text, 2, "a", "x", 2);
    print_record(text, 3, "a", "x", 0); /* no fold */
    print_record(text, 4, "b", "x", 2); /* another's */
    print_record(text, 5, "a", "x", 2);
    print_record(text, 6, "a", "x", 2); /* a newer one */
    print_state(text, 5, RECORD_SHOWN);
    const RecordState want[] = {RECORD_FAILED,  RECORD_SHOWN, RECORD_WAITING,
                                RECORD_WAITING, RECORD_SHOWN, RECORD_WAITING};
    g_autoptr(Replay) replay = replay_of(text);
    for (guint i = 0; i < G_N_ELEMENTS(want); i++)
        expect_state(replay, i, i + 1, want[i]);
}

static void the_last_mark_of_a_sandbox_counts(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Record) record = record_of(1, "a", "x", 0);
    const Mark more = {2, 7, TRUE};

    (void)state;
    record->mark = (Mark){1, 100, FALSE};
    g_autofree char *line = record_print(record);
    g_autofree char *mark = record_print_mark("a", &more);
    g_string_append_printf(text, "%s\n%s\n", line, mark);
    print_state(text, 1, RECORD_SHOWN); /* says nothing of it */
    print_record(text, 2, "b", "x", 0);
    g_autoptr(Replay) replay = replay_of(text);
    const Mark *found = g_hash_table_lookup(replay->marks, "a");
    assert_memory_equal(&found->spool, &more.spool, sizeof(more.spool));
    assert_int_equal(found->offset, 7);
    assert_true(found->more);
    assert_int_equal(g_hash_table_size(replay->marks), 2);
}

static void a_noisy_sandbox_takes_no_room_of_another_s(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    for (guint64 id = 1; id <= 2 * REPLAY_KEPT; id++) {
        print_record(text, id, id == 1 ? "quiet" : "loud", "x", 0);
        print_state(text, id, RECORD_SHOWN);
    }
    g_autoptr(Replay) replay = replay_of(text);
    replay_trim(replay);
    assert_int_equal(replay->records->len, REPLAY_KEPT + 1);
    expect_state(replay, 0, 1, RECORD_SHOWN);
}

static void trimming_keeps_what_waits_and_the_newest_of_the_rest(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const guint64 total = 2 * REPLAY_KEPT + 300;

    (void)state;
    for (guint64 id = 1; id <= total; id++) {
        print_record(text, id, "a", "x", 0);
        if (id % 100)
            print_state(text, id, id % 2 ? RECORD_SHOWN : RECORD_SILENT);
    }
    g_autoptr(Replay) replay = replay_of(text);
    replay_trim(replay);
    assert_int_equal(replay->records->len, 2 * REPLAY_KEPT + total / 100);
    assert_int_equal(waiting(replay), total / 100);
    expect_state(replay, 0, 100, RECORD_WAITING);
    expect_state(replay, 1, 200, RECORD_WAITING);
    expect_state(replay, replay->records->len - 1, total, RECORD_WAITING);
    for (guint i = 1; i < replay->records->len; i++)
        assert_true(at(replay, i - 1)->id < at(replay, i)->id);
    assert_int_equal(replay->last, total);
}

static void trimming_adds_up_the_folds_that_wait(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    print_record(text, 1, "a", "x", 10);
    print_state(text, 1, RECORD_SHOWN);
    print_record(text, 2, "a", "old", 2);
    print_record(text, 3, "b", "x", 5);
    print_record(text, 4, "a", "x", 0);
    print_record(text, 5, "a", "new", 3);
    g_autoptr(Replay) replay = replay_of(text);
    replay_trim(replay);
    assert_int_equal(replay->records->len, 4);
    assert_int_equal(at(replay, 0)->fold, 10); /* was told: not once more */
    assert_int_equal(at(replay, 1)->id, 3);
    assert_int_equal(at(replay, 1)->fold, 5);
    assert_int_equal(at(replay, 2)->id, 4);
    assert_int_equal(at(replay, 3)->id, 5);
    assert_int_equal(at(replay, 3)->fold, 5);
    assert_string_equal(at(replay, 3)->message->text, "new");
}

static void what_it_prints_adds_up_to_the_same(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const Mark mark = {9, 1234, FALSE};

    (void)state;
    for (guint64 id = 1; id <= 30; id++) {
        print_record(text, id, id % 3 ? "a" : "b", "x", id % 5 == 0 ? 4 : 0);
        if (id % 4 == 0)
            print_state(text, id, RECORD_SHOWN);
    }
    g_autofree char *line = record_print_mark("gone", &mark);
    g_string_append_printf(text, "%s\n", line);
    g_autoptr(Replay) replay = replay_of(text);
    const guint64 before = waiting(replay);
    replay_trim(replay);
    g_autoptr(GString) once = replay_print(replay);
    g_autoptr(Replay) again = replay_of(once);
    replay_trim(again);
    g_autoptr(GString) twice = replay_print(again);

    assert_string_equal(once->str, twice->str);
    assert_int_equal(waiting(replay), before);
    assert_int_equal(again->last, 30);
    assert_int_equal(((Mark *)g_hash_table_lookup(again->marks, "gone"))->offset, 1234);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_adds_up_to_nothing),
        cmocka_unit_test(a_state_is_that_of_its_record),
        cmocka_unit_test(a_line_that_was_cut_off_was_never_said),
        cmocka_unit_test(a_line_that_is_none_of_ours_is_left_out),
        cmocka_unit_test(a_fold_s_state_is_that_of_the_folds_before_it),
        cmocka_unit_test(the_last_mark_of_a_sandbox_counts),
        cmocka_unit_test(trimming_keeps_what_waits_and_the_newest_of_the_rest),
        cmocka_unit_test(a_noisy_sandbox_takes_no_room_of_another_s),
        cmocka_unit_test(trimming_adds_up_the_folds_that_wait),
        cmocka_unit_test(what_it_prints_adds_up_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
