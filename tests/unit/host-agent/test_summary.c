/* SPDX-License-Identifier: ISC */
#include "trust/diff.h"
#include "trust/summary.h"
#include "trust/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const Screen small = {24, 80};

static void add(GPtrArray *tree, const char *path, const char *text, gsize length)
{
    tree_add(tree, path, g_bytes_new(text, length), FALSE);
}

static char *summary_of(GPtrArray *old, GPtrArray *new, const Screen *screen)
{
    g_autoptr(GPtrArray) files = NULL;

    tree_sort(old);
    tree_sort(new);
    g_free(diff_trees(old, new, &files));
    return summary_text(files, "Containerfile", screen);
}

static void a_few_files_are_listed_the_first_one_first(void **state)
{
    g_autoptr(GPtrArray) old = tree_new();
    g_autoptr(GPtrArray) new = tree_new();

    (void)state;
    add(old, "Containerfile", "a\nb\n", 4);
    add(new, "Containerfile", "a\nc\nd\n", 6);
    add(old, "A", "x\n", 2);
    tree_add(new, "B", g_bytes_new("y\n", 2), TRUE);
    g_autofree char *text = summary_of(old, new, &small);
    assert_string_equal(text, "  Containerfile: changed, +2 -1 lines\n"
                              "  A: removed, +0 -1 lines\n"
                              "  B: new, executable, +1 -0 lines\n"
                              "in all: 1 new, 1 changed, 1 removed: +3 -2 lines, 1 executable\n");
}

static void what_is_not_shown_is_told(void **state)
{
    g_autoptr(GPtrArray) old = tree_new();
    g_autoptr(GPtrArray) new = tree_new();
    g_autoptr(GString) lines = g_string_new(NULL);

    (void)state;
    for (int i = 0; i <= 100000; i++)
        g_string_append_c(lines, '\n');
    add(old, "was", "\0", 1);
    add(new, "was", "\0\0", 2);
    add(new, "long", lines->str, lines->len);
    g_autofree char *text = summary_of(old, new, &small);
    assert_string_equal(text, "  long: new, +0 -0 lines, 100001 bytes NOT SHOWN\n"
                              "  was: changed, +0 -0 lines, 3 bytes NOT SHOWN\n"
                              "in all: 1 new, 1 changed, 0 removed: +0 -0 lines\n"
                              "NOT SHOWN: 100004 bytes, files: 2\n");
}

static void what_an_eye_passes_over_is_told(void **state)
{
    g_autoptr(GPtrArray) old = tree_new();
    g_autoptr(GPtrArray) new = tree_new();
    g_autofree char *blanks = g_strnfill(1000, ' ');
    g_autofree char *line = g_strconcat("RUN true", blanks, "evil\ng\xd0\xbe\n", NULL);

    (void)state;
    add(new, "Containerfile", line, strlen(line));
    g_autofree char *text = summary_of(old, new, &small);
    assert_non_null(strstr(text, "\nlongest line: 1012 characters\n"));
    assert_non_null(strstr(text, "\nlines with letters beyond ASCII: 1\n"));
}

/* Files, names and numbers without end, and the screen is as small as screens are. */
static void it_fits_whatever_there_is(void **state)
{
    static const Screen screens[] = {{24, 80}, {50, 200}, {14, 80}, {25, 60}};
    g_autoptr(GPtrArray) old = tree_new();
    g_autoptr(GPtrArray) new = tree_new();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *dots = g_strnfill(i % 250, 'n');
        g_autofree char *name = g_strdup_printf("%03d\xe4\xb8\xad\n%s", i, dots);
        add(new, name, "\0", 1);
    }
    add(old, "Containerfile", "x\n", 2);
    for (size_t i = 0; i < G_N_ELEMENTS(screens); i++) {
        g_autofree char *text = summary_of(old, new, &screens[i]);
        assert_in_range(screen_rows(&screens[i], text), 4, screens[i].rows - 4);
        assert_true(g_str_has_prefix(text, "  Containerfile: removed, +0 -1 lines\n"));
        assert_non_null(strstr(text, "  and others: 9"));
        assert_non_null(strstr(text, "in all: 1000 new, 0 changed, 1 removed: +0 -1 lines\n"));
    }
}

/* --- The screen ----------------------------------------------------------------------------------
 */

static void rows_are_counted(void **state)
{
    static const struct {
        const char *text;
        gsize rows;
    } table[] = {{"", 0},        {"\n", 1},     {"a", 1},
                 {"a\n", 1},     {"1234", 1},   {"12345", 2},
                 {"12345\n", 2}, {"1234\n", 1}, {"\xe4\xb8\xad\xe4\xb8\xad.", 2}};
    const Screen screen = {9, 4};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        assert_int_equal(screen_rows(&screen, table[i].text), table[i].rows);
}

static void a_long_line_loses_its_middle(void **state)
{
    static const struct {
        const char *text;
        guint columns;
        const char *want;
    } table[] = {{"", 5, ""},
                 {"12345", 5, "12345"},
                 {"1234567890", 9, "123...890"},
                 {"1234567890", 8, "12...890"},
                 {"1234567890", 2, ".."},
                 {"12345\xe4\xb8\xad", 6, "1...\xe4\xb8\xad"}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = screen_clip(table[i].text, table[i].columns);
        assert_string_equal(got, table[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_files_are_listed_the_first_one_first),
        cmocka_unit_test(what_is_not_shown_is_told),
        cmocka_unit_test(what_an_eye_passes_over_is_told),
        cmocka_unit_test(it_fits_whatever_there_is),
        cmocka_unit_test(rows_are_counted),
        cmocka_unit_test(a_long_line_loses_its_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
