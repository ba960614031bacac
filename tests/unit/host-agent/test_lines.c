/* SPDX-License-Identifier: ISC */
#include "message/lines.h"

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
    Lines lines = {0};
    g_autoptr(GString) seen = g_string_new(NULL);

    for (; *pieces; pieces++)
        lines_feed(&lines, *pieces, strlen(*pieces), record, seen);
    lines_end(&lines, record, seen);
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

static void it_knows_how_far_the_lines_went(void **state)
{
    Lines lines = {0};
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autofree char *full = g_strnfill(MESSAGE_LINE_MAX, 'x');

    (void)state;
    lines_feed(&lines, "one\ntw", 6, record, seen);
    assert_int_equal(lines.taken, 4);
    assert_int_equal(lines.fed, 6);
    lines_feed(&lines, "o\n", 2, record, seen);
    assert_int_equal(lines.taken, 8);
    lines_feed(&lines, full, MESSAGE_LINE_MAX, record, seen);
    assert_false(lines.skipping);
    lines_feed(&lines, "yz", 2, record, seen);
    assert_true(lines.skipping);
    assert_int_equal(lines.taken, lines.fed);
    lines_feed(&lines, "z\n", 2, record, seen);
    assert_false(lines.skipping);
    assert_int_equal(lines.taken, lines.fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_at_newlines),
        cmocka_unit_test(splits_the_same_however_it_is_read),
        cmocka_unit_test(the_end_makes_a_line_of_the_rest),
        cmocka_unit_test(an_over_long_line_is_cut_and_leaves_the_next_alone),
        cmocka_unit_test(it_knows_how_far_the_lines_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
