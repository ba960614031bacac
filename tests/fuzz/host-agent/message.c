/* SPDX-License-Identifier: ISC */
#include "message/lines.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whatever a sandbox writes: the split does not depend on how it is read, and what would be shown
 * is bounded, valid and inert. */

static void check_text(const char *text, glong max)
{
    if (!text)
        return;
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_cmpint(g_utf8_strlen(text, -1), >, 0);
    g_assert_cmpint(g_utf8_strlen(text, -1), <=, max);
    g_assert_true(*text != ' ' && !g_str_has_suffix(text, " "));
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        g_assert_false(g_unichar_iscntrl(c));
        g_assert_false(g_unichar_isspace(c) && c != ' ');
        g_assert_false((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
    }
}

static void check_word(const char *word)
{
    gsize size = word ? strspn(word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") : 1;

    g_assert_true(!word || (word[size] == '\0' && size > 0 && size <= MESSAGE_WORD_MAX));
}

static void check(Message *message)
{
    check_text(message->text, MESSAGE_TEXT_MAX);
    check_text(message->title, MESSAGE_TITLE_MAX);
    check_text(message->cwd, 1024);
    check_word(message->event);
    check_word(message->session);
    check_word(message->key);
    g_assert_true(message->event || message->title || message->text);
    g_assert_true(!message->cwd || *message->cwd == '/');
    g_assert_cmpint(message->urgency, >=, MESSAGE_UNSAID);
    g_assert_cmpint(message->urgency, <=, MESSAGE_CRITICAL);

    JsonObject *object = message_to_json(message);
    g_autoptr(Message) again = message_from_json(object);
    JsonObject *same = message_to_json(again);
    g_assert_true(json_object_equal(object, same));
    json_object_unref(object);
    json_object_unref(same);
}

static void record(const char *line, gsize size, gboolean cut, void *data)
{
    g_autoptr(Message) message = message_parse(line, size, cut);

    g_assert_cmpuint(size, <=, MESSAGE_LINE_MAX);
    g_assert_null(memchr(line, '\n', size));
    if (message)
        check(message);
    g_string_append_len(data, line, size);
    g_string_append(data, cut ? "!\n" : "\n");
}

static GString *split(const char *bytes, size_t size, size_t step)
{
    Lines lines = {0};
    GString *seen = g_string_new(NULL);

    for (size_t at = 0; at < size; at += step)
        lines_feed(&lines, bytes + at, MIN(step, size - at), record, seen);
    lines_end(&lines, record, seen);
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
