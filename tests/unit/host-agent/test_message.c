/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Lines as `[LINE]`, a cut one as `[LINE!]`, so that one string tells the whole split. */
static void record(const char *line, gsize size, gboolean cut, void *data)
{
    GString *seen = data;

    g_string_append_c(seen, '[');
    g_string_append_len(seen, line, size);
    g_string_append(seen, cut ? "!]" : "]");
}

static void assert_split(const char *const *pieces, const char *want)
{
    MessageLines lines = {0};
    g_autoptr(GString) seen = g_string_new(NULL);

    for (; *pieces; pieces++)
        message_lines_feed(&lines, *pieces, strlen(*pieces), record, seen);
    message_lines_end(&lines, record, seen);
    assert_string_equal(seen->str, want);
}

#define PIECES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void splits_at_newlines(void **state)
{
    (void)state;
    assert_split(PIECES("one\ntwo\n"), "[one][two]");
    assert_split(PIECES("\n\n"), "[][]");
    assert_split(PIECES(""), "");
}

static void splits_the_same_however_it_is_read(void **state)
{
    (void)state;
    assert_split(PIECES("o", "ne", "\n", "two\nth", "ree\n"), "[one][two][three]");
    assert_split(PIECES("one\n", "", "two", "\n"), "[one][two]");
}

static void the_end_makes_a_line_of_the_rest(void **state)
{
    (void)state;
    assert_split(PIECES("one\ntwo"), "[one][two]");
}

static void an_over_long_line_is_cut_and_leaves_the_next_alone(void **state)
{
    g_autofree char *full = g_strnfill(MESSAGE_LINE_MAX, 'x');
    g_autofree char *cut = g_strdup_printf("[%s!][next]", full);
    g_autofree char *uncut = g_strdup_printf("[%s][next]", full);

    (void)state;
    assert_split(PIECES(full, "\nnext\n"), uncut);
    assert_split(PIECES(full, "y\nnext\n"), cut);
    assert_split(PIECES(full, full, full, "\nnext\n"), cut);
    assert_split(PIECES("x", full, "\nnext"), cut);
}

static void assert_text(const char *line, gsize size, const char *want)
{
    g_autofree char *text = message_parse(line, size, FALSE);

    if (want)
        assert_string_equal(text, want);
    else
        assert_null(text);
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
    g_autofree char *text = message_parse(line->str, line->len, FALSE);
    assert_int_equal(g_utf8_strlen(text, -1), MESSAGE_TEXT_MAX);
    assert_true(g_str_has_suffix(text, "ü…"));
}

static void a_cut_line_shows_that_it_is_cut(void **state)
{
    g_autofree char *text = message_parse("short", 5, TRUE);
    g_autofree char *fits = g_strnfill(MESSAGE_TEXT_MAX, 'x');
    g_autofree char *full = message_parse(fits, MESSAGE_TEXT_MAX, TRUE);

    (void)state;
    assert_string_equal(text, "short…");
    assert_int_equal(g_utf8_strlen(full, -1), MESSAGE_TEXT_MAX);
    assert_null(message_parse("   ", 3, TRUE));
}

static void markup_is_escaped(void **state)
{
    g_autofree char *escaped = message_escape("<a href='x'>&\"</a>");

    (void)state;
    assert_string_equal(escaped, "&lt;a href=&apos;x&apos;&gt;&amp;&quot;&lt;/a&gt;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_at_newlines),
        cmocka_unit_test(splits_the_same_however_it_is_read),
        cmocka_unit_test(the_end_makes_a_line_of_the_rest),
        cmocka_unit_test(an_over_long_line_is_cut_and_leaves_the_next_alone),
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(blanks_fold),
        cmocka_unit_test(nothing_to_show_is_no_message),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(nothing_that_acts_gets_through),
        cmocka_unit_test(a_long_text_is_shortened),
        cmocka_unit_test(characters_count_not_bytes),
        cmocka_unit_test(a_cut_line_shows_that_it_is_cut),
        cmocka_unit_test(markup_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
