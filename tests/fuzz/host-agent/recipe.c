/* SPDX-License-Identifier: ISC */
#include "trust/recipe.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whatever is let pass: read as Podman's versions read it, no instruction reaches outside. */
typedef struct {
    gboolean indented_comments; /* a comment within an instruction may be indented */
    gboolean two_backslashes;   /* do not join lines */
    gboolean empty_lines;       /* end an instruction */
} Reading;

static gboolean joins(char *line, const Reading *reading)
{
    g_strchomp(line);
    size_t length = strlen(line);

    if (length == 0 || line[length - 1] != '\\')
        return FALSE;
    if (reading->two_backslashes && length > 1 && line[length - 2] == '\\')
        return FALSE;
    line[length - 1] = '\0';
    return TRUE;
}

static void check_instruction(char *line)
{
    static const char *const bases[] = {"${BASE}", "$BASE", "scratch", NULL};
    g_auto(GStrv) words =
        g_strsplit_set(g_strchug(line), " \t\r\f\v\x85\xa0", -1); /* of Latin-1, too */
    guint at = 1;

    if (!words[0])
        return;
    g_assert_cmpint(g_ascii_strcasecmp(words[0], "ONBUILD"), !=, 0);
    while (words[at] && !*words[at])
        at++;
    if (g_ascii_strcasecmp(words[0], "FROM") == 0 && words[at])
        g_assert_true(g_strv_contains(bases, words[at]));
    if (g_ascii_strcasecmp(words[0], "RUN") == 0 && words[at])
        g_assert_false(g_str_has_prefix(words[at], "--"));
}

static void read_as(const char *text, const Reading *reading)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) whole = g_string_new(NULL);
    gboolean within = FALSE;

    for (char **line = lines; *line; line++) {
        const char *start = *line + strspn(*line, " \t");
        if (*start == '#' && (!within || start == *line || reading->indented_comments))
            continue;
        if (!*start && (!within || !reading->empty_lines))
            continue;
        within = joins(*line, reading);
        g_string_append(whole, *line);
        if (within)
            continue;
        check_instruction(whole->str);
        g_string_truncate(whole, 0);
    }
    check_instruction(whole->str);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);

    if (!recipe_check((const char *)data, size, NULL))
        return 0;
    for (int i = 0; i < 8; i++) {
        const Reading reading = {i & 1, (i >> 1) & 1, (i >> 2) & 1};
        read_as(text, &reading);
    }
    return 0;
}
