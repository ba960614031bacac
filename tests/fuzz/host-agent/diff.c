/* SPDX-License-Identifier: ISC */
#include "trust/diff.h"
#include "trust/summary.h"
#include "trust/tree.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Two files, parted by the first NUL. Whatever they hold, a terminal may show the difference; and
 * by it, the first becomes the second. */

static GPtrArray *tree_of(const char *text, gsize length)
{
    GPtrArray *tree = tree_new();

    tree_add(tree, "f", g_bytes_new(text, length), FALSE);
    return tree;
}

static char *between(const char *old, gsize old_length, const char *new, gsize new_length)
{
    g_autoptr(GPtrArray) before = tree_of(old, old_length);
    g_autoptr(GPtrArray) after = tree_of(new, new_length);

    return diff_trees(before, after, NULL);
}

static void check_printable(const char *diff)
{
    g_assert_true(g_utf8_validate(diff, -1, NULL));
    for (const char *p = diff; *p; p = g_utf8_next_char(p))
        g_assert_true(*p == '\n' || *p == '\t' || g_unichar_isprint(g_utf8_get_char(p)));
    g_assert_null(strstr(diff, "\n=")); /* one file, one headline */
}

/* As patch(1) does it. Every line has its newline here. */
static char *patched(const char *old, const char *diff)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
    g_auto(GStrv) have = g_strsplit(old, "\n", -1);
    guint at = 0;

    for (char **line = lines + (*diff != '\0'); *line && **line; line++) {
        if (**line == '@') {
            guint start = (guint)strtoul(*line + strlen("@@ -"), NULL, 10);
            guint count = (guint)strtoul(strchr(*line, ',') + 1, NULL, 10);
            for (guint until = count ? start - 1 : start; at < until; at++)
                g_string_append_printf(out, "%s\n", have[at]);
            continue;
        }
        if (**line != '+')
            g_assert_cmpstr(have[at++], ==, *line + 1);
        if (**line != '-')
            g_string_append_printf(out, "%s\n", *line + 1);
    }
    for (; have[at] && have[at + 1]; at++)
        g_string_append_printf(out, "%s\n", have[at]);
    return g_string_free(out, FALSE);
}

/* What it comes to fits, with room for a question, whatever the file's name is. */
static void check_summary(const char *name, const char *old, gsize old_length, const char *new,
                          gsize new_length)
{
    const Screen screen = {20, 60};
    g_autoptr(GPtrArray) before = tree_new();
    g_autoptr(GPtrArray) after = tree_new();
    g_autoptr(GPtrArray) files = NULL;

    tree_add(before, name, g_bytes_new(old, old_length), TRUE);
    tree_add(after, name, g_bytes_new(new, new_length), FALSE);
    g_free(diff_trees(before, after, &files));
    g_autofree char *text = summary_text(files, name, &screen);
    check_printable(text);
    g_assert_cmpuint(screen_rows(&screen, text), <=, 8);
}

/* Few different lines, so that many are the same. */
static char *plain(const uint8_t *data, size_t size)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < size; i++)
        g_string_append_printf(text, "%c\n", 'a' + data[i] % 4);
    return g_string_free(text, FALSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, '\0', size);
    size_t first = nul ? (size_t)(nul - data) : size;
    const uint8_t *rest = nul ? nul + 1 : data + size;
    size_t second = nul ? size - first - 1 : 0;
    g_autofree char *diff = between((const char *)data, first, (const char *)rest, second);

    check_printable(diff);
    g_autofree char *name = g_strndup((const char *)data, first);
    check_summary(name, (const char *)data, first, (const char *)rest, second);
    g_autofree char *old = plain(data, first);
    g_autofree char *new = plain(rest, second);
    g_autofree char *change = between(old, strlen(old), new, strlen(new));
    g_autofree char *got = patched(old, change);
    g_assert_cmpstr(got, ==, new);
    return 0;
}
