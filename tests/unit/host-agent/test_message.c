/* SPDX-License-Identifier: ISC */
#include "message/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const char *line, gsize size, const char *want)
{
    g_autoptr(Message) message = message_parse(line, size, FALSE);

    if (want)
        assert_string_equal(message->text, want);
    else
        assert_null(message);
}

#define TEXT(line, want) assert_text("" line, sizeof(line) - 1, want)

static void plain_text_stays(void **state)
{
    (void)state;
    TEXT("Bash: npm test", "Bash: npm test");
    TEXT("<b>&amp;</b> \"quoted\"", "<b>&amp;</b> \"quoted\"");
    TEXT("Grüße, 世界 👩‍💻", "Grüße, 世界 👩‍💻");
    TEXT("{\"text\": 1}", "{\"text\": 1}");
}

static void blanks_fold(void **state)
{
    (void)state;
    TEXT("  a \t b\r", "a b");
    TEXT("a\xe2\x80\xa8"
         "b\xe2\x80\xa9"
         "c",
         "a b c");
}

static void nothing_to_show_is_no_message(void **state)
{
    (void)state;
    TEXT("", NULL);
    TEXT(" \t\r", NULL);
    TEXT("\xe2\x80\x83", NULL);
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    TEXT("a\xff"
         "b",
         "a�b");
    TEXT("a\0b", "a�b");
    TEXT("\xed\xa0\x80", "���");
    TEXT("\xf0\x9f\x91", "���");
}

static void nothing_that_acts_gets_through(void **state)
{
    (void)state;
    TEXT("\x1b[31mred\x1b]0;title\x07", "�[31mred�]0;title�");
    TEXT("\xc2\x9b"
         "31m",
         "�31m");
    TEXT("a\x7f\x08"
         "b",
         "a��b");
    TEXT("\xe2\x80\xaegnp.exe", "�gnp.exe");
    TEXT("\xe2\x81\xa6x\xe2\x81\xa9\xe2\x80\x8b", "�x��");
}

static void a_long_text_is_shortened(void **state)
{
    g_autofree char *fits = g_strnfill(MESSAGE_TEXT_MAX, 'x');
    g_autofree char *longer = g_strnfill(MESSAGE_TEXT_MAX + 1, 'x');
    g_autofree char *padded = g_strconcat(fits, "   ", NULL);
    g_autofree char *want = g_strdup_printf("%.*s…", MESSAGE_TEXT_MAX - 1, fits);

    (void)state;
    assert_text(fits, strlen(fits), fits);
    assert_text(padded, strlen(padded), fits);
    assert_text(longer, strlen(longer), want);
}

static void characters_count_not_bytes(void **state)
{
    g_autoptr(GString) line = g_string_new(NULL);

    (void)state;
    for (int i = 0; i < MESSAGE_TEXT_MAX; i++)
        g_string_append(line, "ü");
    assert_text(line->str, line->len, line->str);
    g_string_append(line, "ü");
    g_autoptr(Message) message = message_parse(line->str, line->len, FALSE);
    assert_int_equal(g_utf8_strlen(message->text, -1), MESSAGE_TEXT_MAX);
    assert_true(g_str_has_suffix(message->text, "ü…"));
}

static void a_cut_line_shows_that_it_is_cut(void **state)
{
    g_autoptr(Message) text = message_parse("short", 5, TRUE);
    g_autofree char *fits = g_strnfill(MESSAGE_TEXT_MAX, 'x');
    g_autoptr(Message) full = message_parse(fits, MESSAGE_TEXT_MAX, TRUE);

    (void)state;
    assert_string_equal(text->text, "short…");
    assert_int_equal(g_utf8_strlen(full->text, -1), MESSAGE_TEXT_MAX);
    assert_null(message_parse("   ", 3, TRUE));
}

static Message *parse(const char *line)
{
    return message_parse(line, strlen(line), FALSE);
}

static void an_object_is_read_by_the_schema(void **state)
{
    g_autoptr(Message) m =
        parse("{\"event\":\"Stop\",\"title\":\"a\\nb\",\"text\":\" t\\u001b \",\"urgency\":\"low\","
              "\"session\":\"s-1\",\"key\":\"k\",\"cwd\":\"/a\",\"client\":54321,\"background\":2,"
              "\"more\":{\"x\":[]}}");

    (void)state;
    assert_string_equal(m->event, "Stop");
    assert_string_equal(m->title, "a b");
    assert_string_equal(m->text, "t�");
    assert_int_equal(m->urgency, MESSAGE_LOW);
    assert_string_equal(m->session, "s-1");
    assert_string_equal(m->key, "k");
    assert_string_equal(message_slot(m), "k");
    assert_string_equal(m->cwd, "/a");
    assert_int_equal(m->client, 54321);
    assert_int_equal(m->background, 2);
}

static void what_is_not_of_the_schema_is_left_out(void **state)
{
    g_autoptr(Message) m =
        parse("{\"event\":\"a b\",\"title\":7,\"text\":\"t\",\"urgency\":\"loud\",\"session\":\"\","
              "\"key\":\"a/b\",\"cwd\":\"relative\",\"client\":65536,\"background\":-1}");

    (void)state;
    assert_null(m->event);
    assert_null(m->title);
    assert_string_equal(m->text, "t");
    assert_int_equal(m->urgency, MESSAGE_UNSAID);
    assert_null(m->session);
    assert_null(message_slot(m));
    assert_null(m->cwd);
    assert_int_equal(m->client, 0);
    assert_int_equal(m->background, 0);
}

static void what_is_no_object_of_the_schema_is_text(void **state)
{
    g_autofree char *deep = g_strnfill(4000, '[');
    g_autofree char *nested = g_strconcat("{\"text\":", deep, NULL);
    g_autoptr(Message) m = parse(nested);
    g_autoptr(Message) cut = message_parse("{\"text\":\"t\"}", 12, TRUE);

    (void)state;
    TEXT("{\"other\":\"t\"}", "{\"other\":\"t\"}");
    TEXT("{\"text\":", "{\"text\":");
    TEXT("[\"text\"]", "[\"text\"]");
    assert_true(g_str_has_prefix(m->text, "{\"text\":[[[["));
    assert_true(g_str_has_prefix(cut->text, "{"));
}

static void it_reads_what_it_writes(void **state)
{
    g_autoptr(Message) m =
        parse("{\"event\":\"Stop\",\"title\":\"t\",\"text\":\"x\",\"urgency\":"
              "\"critical\",\"session\":\"s\",\"key\":\"k\",\"cwd\":\"/\",\"client\":1,"
              "\"background\":3}");
    JsonObject *object = message_to_json(m);
    g_autoptr(Message) again = message_from_json(object);
    JsonObject *same = message_to_json(again);

    (void)state;
    assert_int_equal(json_object_get_size(object), 9);
    assert_true(json_object_equal(object, same));
    json_object_unref(object);
    json_object_unref(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(blanks_fold),
        cmocka_unit_test(nothing_to_show_is_no_message),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(nothing_that_acts_gets_through),
        cmocka_unit_test(a_long_text_is_shortened),
        cmocka_unit_test(characters_count_not_bytes),
        cmocka_unit_test(a_cut_line_shows_that_it_is_cut),
        cmocka_unit_test(an_object_is_read_by_the_schema),
        cmocka_unit_test(what_is_not_of_the_schema_is_left_out),
        cmocka_unit_test(what_is_no_object_of_the_schema_is_text),
        cmocka_unit_test(it_reads_what_it_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
