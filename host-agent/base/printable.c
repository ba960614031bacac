/* SPDX-License-Identifier: ISC */
#include "printable.h"

#include <glib.h>
#include <string.h>

/* GLib has these among what can be printed. */
static gboolean ends_line(gunichar c)
{
    return c == 0x2028 || c == 0x2029;
}

char *printable(const char *text)
{
    GString *out = g_string_sized_new(strlen(text) + 1);

    for (const char *p = text; *p;) {
        gunichar c = g_utf8_get_char_validated(p, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2 || !g_unichar_isprint(c) || ends_line(c)) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)*p++);
            continue;
        }
        const char *next = g_utf8_next_char(p);
        g_string_append_len(out, p, next - p);
        p = next;
    }
    return g_string_free(out, FALSE);
}

char *printable_last_line(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = g_strv_length(lines); i-- > 0;) {
        if (*g_strstrip(lines[i]))
            return printable(lines[i]);
    }
    return g_strdup("");
}

char *printable_first_line(const char *text)
{
    g_autofree char *line = g_strndup(text, strcspn(text, "\n"));

    return printable(g_strstrip(line));
}
