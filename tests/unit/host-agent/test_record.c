/* SPDX-License-Identifier: ISC */
#include "records.h"

static Record *parse(const char *line)
{
    return record_parse(line, strlen(line));
}

static void it_reads_what_it_writes(void **state)
{
    for (int i = 0; i < RECORD_STATES; i++) {
        g_autoptr(Record) record = record_of(
            7, "demo", "{\"event\":\"Stop\",\"title\":\"a \\\"b\\\\\",\"text\":\"ü\"}", 9);
        record->state = i;
        record->took = 0;
        record->mark = (Mark){3, 4096, TRUE};
        g_autofree char *line = record_print(record);
        g_autoptr(Record) again = parse(line);
        g_autofree char *same = record_print(again);

        assert_null(strchr(line, '\n'));
        assert_string_equal(same, line);
        assert_int_equal(again->id, 7);
        assert_int_equal(again->time, 1000);
        assert_int_equal(again->took, 0);
        assert_string_equal(again->sandbox, "demo");
        assert_string_equal(again->message->title, "a \"b\\");
        assert_int_equal(again->fold, 9);
        assert_int_equal(again->state, i);
        assert_int_equal(again->mark.spool, 3);
        assert_int_equal(again->mark.offset, 4096);
        assert_true(again->mark.more);
    }
    (void)state;
}

static void what_is_not_known_stays_so(void **state)
{
    g_autoptr(Record) record = record_of(1, "demo", "x", 0);
    g_autofree char *line = record_print(record);
    g_autoptr(Record) again = parse(line);

    (void)state;
    assert_int_equal(again->took, -1);
    assert_int_equal(again->fold, 0);
    assert_int_equal(again->state, RECORD_WAITING);
    assert_int_equal(again->mark.spool, 0);
    assert_false(again->mark.more);
    assert_null(again->message->title);
}

static void states_and_marks_are_lines_of_their_own(void **state)
{
    const Mark mark = {2, 17, FALSE};
    g_autofree char *shown = record_print_state(8, RECORD_SHOWN);
    g_autofree char *upto = record_print_mark("demo", &mark);
    g_autoptr(Record) first = parse(shown);
    g_autoptr(Record) second = parse(upto);

    (void)state;
    assert_int_equal(first->id, 8);
    assert_int_equal(first->state, RECORD_SHOWN);
    assert_null(first->sandbox);
    assert_null(first->message);
    assert_int_equal(second->id, 0);
    assert_string_equal(second->sandbox, "demo");
    assert_int_equal(second->mark.spool, 2);
    assert_int_equal(second->mark.offset, 17);
    assert_false(second->mark.more);
}

static void what_is_no_line_of_ours_is_none(void **state)
{
    const char *const lines[] = {"", " ", "text", "[1]", "7", "{\"id\":1", "{\"id\":1}}", "null"};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
        assert_null(parse(lines[i]));
}

static void members_that_make_no_sense_are_left_out(void **state)
{
    g_autoptr(Record) record =
        parse("{\"id\":-3,\"time\":\"x\",\"sandbox\":\"../a\",\"fold\":99999999999,"
              "\"state\":\"eaten\",\"message\":[],\"spool\":-1,\"offset\":{},\"more\":1}");

    (void)state;
    assert_int_equal(record->id, 0);
    assert_int_equal(record->time, 0);
    assert_null(record->sandbox);
    assert_int_equal(record->fold, 99999999999);
    assert_int_equal(record->state, RECORD_WAITING);
    assert_null(record->message);
    assert_int_equal(record->mark.spool, 0);
    assert_int_equal(record->mark.offset, 0);
    assert_false(record->mark.more);
}

/* A message's own text cannot pass for a member of the record. */
static void a_message_cannot_forge_its_record(void **state)
{
    g_autoptr(Record) record =
        record_of(1, "demo", "\",\"state\":\"shown\",\"id\":99,\"x\":\"\\", 0);
    g_autofree char *line = record_print(record);
    g_autoptr(Record) again = parse(line);

    (void)state;
    assert_int_equal(again->id, 1);
    assert_int_equal(again->state, RECORD_WAITING);
    assert_string_equal(again->message->text, record->message->text);
}

static void each_state_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(record_state_name(RECORD_WAITING), "waiting");
    assert_string_equal(record_state_name(RECORD_SHOWN), "shown");
    assert_string_equal(record_state_name(RECORD_FAILED), "failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reads_what_it_writes),
        cmocka_unit_test(what_is_not_known_stays_so),
        cmocka_unit_test(states_and_marks_are_lines_of_their_own),
        cmocka_unit_test(what_is_no_line_of_ours_is_none),
        cmocka_unit_test(members_that_make_no_sense_are_left_out),
        cmocka_unit_test(a_message_cannot_forge_its_record),
        cmocka_unit_test(each_state_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
