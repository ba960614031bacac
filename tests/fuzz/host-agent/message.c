/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/message.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whatever a sandbox writes: the split does not depend on how it is read, and what would be shown
 * is bounded, valid and inert. */

static void check_text(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_cmpint(g_utf8_strlen(text, -1), >, 0);
    g_assert_cmpint(g_utf8_strlen(text, -1), <=, MESSAGE_TEXT_MAX);
    g_assert_true(*text != ' ' && !g_str_has_suffix(text, " "));
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        g_assert_false(g_unichar_iscntrl(c));
        g_assert_false(g_unichar_isspace(c) && c != ' ');
        g_assert_false((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
    }
}

static void append_text(GMarkupParseContext *context, const char *text, gsize size, void *data,
                        GError **error)
{
    (void)context, (void)error;
    g_string_append_len(data, text, size);
}

/* Escaped, it is markup without an element that reads as the text. */
static void check_escaped(const char *text)
{
    const GMarkupParser parser = {.text = append_text};
    g_autofree char *escaped = message_escape(text);
    g_autofree char *document = g_strdup_printf("<m>%s</m>", escaped);
    g_autoptr(GString) read = g_string_new(NULL);
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, read, NULL);

    g_assert_true(g_markup_parse_context_parse(context, document, -1, NULL));
    g_assert_true(g_markup_parse_context_end_parse(context, NULL));
    g_assert_cmpstr(read->str, ==, text);
}

static void record(const char *line, gsize size, gboolean cut, void *data)
{
    g_autofree char *text = message_parse(line, size, cut);

    g_assert_cmpuint(size, <=, MESSAGE_LINE_MAX);
    g_assert_null(memchr(line, '\n', size));
    if (text) {
        check_text(text);
        check_escaped(text);
    }
    g_string_append_len(data, line, size);
    g_string_append(data, cut ? "!\n" : "\n");
}

static GString *split(const char *bytes, size_t size, size_t step)
{
    MessageLines lines = {0};
    GString *seen = g_string_new(NULL);

    for (size_t at = 0; at < size; at += step)
        message_lines_feed(&lines, bytes + at, MIN(step, size - at), record, seen);
    message_lines_end(&lines, record, seen);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    g_autoptr(GString) whole = split((const char *)data, size, size);
    g_autoptr(GString) pieces = split((const char *)data, size, data[0] % 16 + 1);
    g_assert_true(g_string_equal(whole, pieces));
    return 0;
}
