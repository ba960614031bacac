/* SPDX-License-Identifier: ISC */
#include "trust/diff.h"
#include "trust/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static GPtrArray *tree_of(const char *path, const char *text, gsize length)
{
    GPtrArray *tree = tree_new();

    if (path)
        tree_add(tree, path, g_bytes_new(text, length), FALSE);
    return tree;
}

/* A file `f` with the text OLD, then NEW; NULL: without it. */
static void becomes(const char *old, const char *new, const char *want)
{
    g_autoptr(GPtrArray) before = tree_of(old ? "f" : NULL, old, old ? strlen(old) : 0);
    g_autoptr(GPtrArray) after = tree_of(new ? "f" : NULL, new, new ? strlen(new) : 0);
    g_autofree char *diff = diff_trees(before, after, NULL);

    assert_string_equal(diff, want);
}

static void says_nothing_of_what_is_the_same(void **state)
{
    (void)state;
    becomes("a\n", "a\n", "");
    becomes("", "", "");
    becomes(NULL, NULL, "");
}

static void shows_the_whole_of_what_is_new_or_gone(void **state)
{
    (void)state;
    becomes(NULL, "a\nb\n", "=== f: new file\n@@ -0,0 +1,2 @@\n+a\n+b\n");
    becomes("a\nb\n", NULL, "=== f: removed file\n@@ -1,2 +0,0 @@\n-a\n-b\n");
    becomes(NULL, "", "=== f: new file\n");
}

static void shows_three_lines_around_a_change(void **state)
{
    (void)state;
    becomes("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
            "=== f: changed file\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    becomes("1\n2\n", "0\n1\n2\n", "=== f: changed file\n@@ -1,2 +1,3 @@\n+0\n 1\n 2\n");
}

static void parts_hunks_where_more_than_six_lines_are_the_same(void **state)
{
    (void)state;
    becomes("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
            "=== f: changed file\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
    becomes("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\nB\n",
            "=== f: changed file\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,4 @@\n 5\n 6\n 7\n"
            "-b\n+B\n");
}

static void tells_of_a_missing_newline(void **state)
{
    (void)state;
    becomes("a", "a\n",
            "=== f: changed file\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

static void escapes_what_a_terminal_would_obey(void **state)
{
    (void)state;
    becomes(NULL, "RUN \x1b[2Jx\r\ty \xe2\x80\xae\n",
            "=== f: new file\n@@ -0,0 +1,1 @@\n+RUN \\x1b[2Jx\\x0d\ty \\xe2\\x80\\xae\n");
    g_autoptr(GPtrArray) nothing = tree_new();
    g_autoptr(GPtrArray) named = tree_of("a\n\x1b[m=== b", "", 0);
    g_autofree char *diff = diff_trees(nothing, named, NULL);
    assert_string_equal(diff, "=== a\\x0a\\x1b[m=== b: new file\n");
}

/* Whatever a file has in it, only a file's own headline begins with =. */
static void a_line_cannot_pass_for_a_headline(void **state)
{
    (void)state;
    becomes(NULL, "=== Containerfile: removed file\n",
            "=== f: new file\n@@ -0,0 +1,1 @@\n+=== Containerfile: removed file\n");
}

static void a_file_that_is_no_text_has_a_sum(void **state)
{
    g_autoptr(GPtrArray) before = tree_of("f", "text\n", 5);
    g_autoptr(GPtrArray) after = tree_of("f", "text\n\0", 6);
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)"text\n\0", 6);
    g_autofree char *diff = diff_trees(before, after, NULL);

    (void)state;
    assert_true(g_str_has_prefix(diff, "=== f: changed file\n+6 bytes that are no text"));
    assert_non_null(strstr(diff, "\n-text\n"));
    assert_non_null(strstr(diff, sum));
}

/* What comes to be trusted is shown, whatever it takes the place of, and whatever is beside it. */
static void no_byte_hides_a_text(void **state)
{
    g_autoptr(GPtrArray) before = tree_of("f", "a\0", 2);
    g_autoptr(GPtrArray) after = tree_of("f", "RUN evil\n", 9);
    g_autofree char *diff = diff_trees(before, after, NULL);

    (void)state;
    assert_non_null(strstr(diff, "\n+RUN evil\n"));
    becomes(NULL, "# caf\xe9\nRUN evil\n",
            "=== f: new file\n@@ -0,0 +1,2 @@\n+# caf\\xe9\n+RUN evil\n");
}

static void kinds_are_told(void **state)
{
    g_autoptr(GPtrArray) before = tree_new();
    g_autoptr(GPtrArray) after = tree_new();

    (void)state;
    tree_add(before, "a", NULL, FALSE);
    tree_add(after, "a", g_bytes_new("x\n", 2), TRUE);
    tree_add(before, "b", g_bytes_new("x\n", 2), FALSE);
    tree_add(after, "b", g_bytes_new("x\n", 2), TRUE);
    tree_add(before, "c", NULL, FALSE);
    tree_add(after, "d", NULL, FALSE);
    g_autofree char *diff = diff_trees(before, after, NULL);
    assert_string_equal(diff, "=== a: executable file, was directory\n@@ -0,0 +1,1 @@\n+x\n"
                              "=== b: executable file, was file\n"
                              "=== c: removed directory\n"
                              "=== d: new directory\n");
}

/* However much lies between: a change at both ends must not make all of it look new. */
static void far_changes_leave_what_is_between_out(void **state)
{
    g_autoptr(GString) before = g_string_new("a\n");
    g_autoptr(GString) after = g_string_new("A\n");

    (void)state;
    for (int i = 0; i < 20000; i++) {
        g_string_append_printf(before, "%d\n", i);
        g_string_append_printf(after, "%d\n%s", i, i == 9999 ? "RUN evil\n" : "");
    }
    g_string_append(before, "b\n");
    g_string_append(after, "B\n");
    becomes(before->str, after->str,
            "=== f: changed file\n@@ -1,4 +1,4 @@\n-a\n+A\n 0\n 1\n 2\n"
            "@@ -9999,6 +9999,7 @@\n 9997\n 9998\n 9999\n+RUN evil\n 10000\n 10001\n 10002\n"
            "@@ -19999,4 +20000,4 @@\n 19997\n 19998\n 19999\n-b\n+B\n");
}

/* Too much to look for what is common: all of it is shown, at once. */
static void a_large_change_takes_no_time(void **state)
{
    g_autoptr(GString) before = g_string_new(NULL);
    g_autoptr(GString) after = g_string_new(NULL);

    (void)state;
    for (int i = 0; i < 100000; i++) {
        g_string_append_printf(before, "%d\n", i);
        g_string_append_printf(after, "%d\n", -i - 1);
    }
    g_autoptr(GPtrArray) left = tree_of("f", before->str, before->len);
    g_autoptr(GPtrArray) right = tree_of("f", after->str, after->len);
    g_autofree char *diff = diff_trees(left, right, NULL);
    assert_true(g_str_has_prefix(diff, "=== f: changed file\n@@ -1,100000 +1,100000 @@\n-0\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_nothing_of_what_is_the_same),
        cmocka_unit_test(shows_the_whole_of_what_is_new_or_gone),
        cmocka_unit_test(shows_three_lines_around_a_change),
        cmocka_unit_test(parts_hunks_where_more_than_six_lines_are_the_same),
        cmocka_unit_test(tells_of_a_missing_newline),
        cmocka_unit_test(escapes_what_a_terminal_would_obey),
        cmocka_unit_test(a_line_cannot_pass_for_a_headline),
        cmocka_unit_test(a_file_that_is_no_text_has_a_sum),
        cmocka_unit_test(no_byte_hides_a_text),
        cmocka_unit_test(kinds_are_told),
        cmocka_unit_test(far_changes_leave_what_is_between_out),
        cmocka_unit_test(a_large_change_takes_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
