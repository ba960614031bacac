/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <string.h>

#define ELLIPSIS 0x2026
#define REPLACEMENT 0xfffd
#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

static void lines_append(MessageLines *lines, const char *bytes, gsize size)
{
    gsize room = sizeof(lines->line) - lines->size;

    if (size > room) {
        lines->cut = TRUE;
        size = room;
    }
    memcpy(lines->line + lines->size, bytes, size);
    lines->size += size;
}

static void lines_emit(MessageLines *lines, MessageLineFunc *func, void *data)
{
    func(lines->line, lines->size, lines->cut, data);
    lines->size = 0;
    lines->cut = FALSE;
}

void message_lines_feed(MessageLines *lines, const char *bytes, gsize size, MessageLineFunc *func,
                        void *data)
{
    const char *end = bytes + size;
    const char *newline;

    while (bytes < end && (newline = memchr(bytes, '\n', end - bytes))) {
        lines_append(lines, bytes, newline - bytes);
        lines_emit(lines, func, data);
        bytes = newline + 1;
    }
    lines_append(lines, bytes, end - bytes);
}

void message_lines_end(MessageLines *lines, MessageLineFunc *func, void *data)
{
    if (lines->size > 0)
        lines_emit(lines, func, data);
}

/* What is not shown as it is: C0 and C1 controls (terminal escapes start with one) and format
 * characters (they turn the direction of writing, or hide text). The joiners are format characters
 * that scripts and emoji are written with. */
static gboolean is_unsafe(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    if (c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER)
        return FALSE;
    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT;
}

/* Blanks, line and paragraph separators among them, fold into one space; none leads or ends. */
static GString *clean(const char *utf8)
{
    GString *text = g_string_new(NULL);
    gboolean blank = FALSE;

    for (; *utf8; utf8 = g_utf8_next_char(utf8)) {
        gunichar c = g_utf8_get_char(utf8);
        if (g_unichar_isspace(c)) {
            blank = TRUE;
            continue;
        }
        if (blank && text->len > 0)
            g_string_append_c(text, ' ');
        g_string_append_unichar(text, is_unsafe(c) ? REPLACEMENT : c);
        blank = FALSE;
    }
    return text;
}

static void shorten(GString *text, gboolean cut)
{
    glong length = g_utf8_strlen(text->str, -1);

    if (length <= MESSAGE_TEXT_MAX && !cut)
        return;
    if (length >= MESSAGE_TEXT_MAX)
        g_string_truncate(text,
                          g_utf8_offset_to_pointer(text->str, MESSAGE_TEXT_MAX - 1) - text->str);
    g_string_append_unichar(text, ELLIPSIS);
}

/* A line is plain text. One that starts with `{` is where a structured message would be told
 * apart. */
char *message_parse(const char *line, gsize size, gboolean cut)
{
    g_autofree char *utf8 = g_utf8_make_valid(line, (gssize)size);
    GString *text = clean(utf8);

    if (text->len == 0) {
        g_string_free(text, TRUE);
        return NULL;
    }
    shorten(text, cut);
    return g_string_free(text, FALSE);
}

char *message_escape(const char *text)
{
    return g_markup_escape_text(text, -1);
}
