/* SPDX-License-Identifier: ISC */
#include "notice.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* A character takes 4 bytes at most: one that is escaped is a single byte. */
static_assert(4 * (NOTICE_TITLE_MAX + NOTICE_TEXT_MAX) + 256 < NOTICE_MAX, "a line is one write");

static void put(struct notice *notice, const char *bytes, size_t size)
{
    memcpy(notice->line + notice->length, bytes, size);
    notice->length += size;
}

static void say(struct notice *notice, const char *text)
{
    put(notice, text, strlen(text));
}

/* Bytes of the character at TEXT, 0 if it is none: RFC 3629, section 4. */
static size_t utf8_length(const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;

    if (n > size)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    /* Too long for what it says, a surrogate, beyond the last. */
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

/* C0, DEL, and C1 as U+0080 to U+009F. */
static bool is_control(const char *character)
{
    const unsigned char *p = (const unsigned char *)character;

    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

/* As a JSON string's inside. */
static void put_text(struct notice *notice, const char *text, size_t size, size_t most)
{
    size_t n;

    for (size_t at = 0; at < size; at += n ? n : 1) {
        n = utf8_length(text + at, size - at);
        if (!n || is_control(text + at))
            continue;
        if (!most--) {
            say(notice, "…");
            return;
        }
        if (text[at] == '"' || text[at] == '\\')
            say(notice, "\\");
        put(notice, text + at, n);
    }
}

/* A key and its string, or nothing when nothing is left of it. */
static void put_string(struct notice *notice, const char *key, const char *text, size_t size,
                       size_t most)
{
    const size_t before = notice->length;

    say(notice, ",\"");
    say(notice, key);
    say(notice, "\":\"");
    const size_t start = notice->length;
    put_text(notice, text, size, most);
    if (notice->length == start)
        notice->length = before;
    else
        say(notice, "\"");
}

static void end_line(struct notice *notice, const char *port)
{
    say(notice, ",\"client\":");
    say(notice, port);
    say(notice, "}\n");
}

void notice_of_message(struct notice *notice, const struct osc_message *message, const char *port)
{
    notice->length = 0;
    say(notice, "{\"event\":\"Terminal\"");
    const size_t start = notice->length;
    put_string(notice, "title", message->title, message->title_length, NOTICE_TITLE_MAX);
    put_string(notice, "text", message->text, message->text_length, NOTICE_TEXT_MAX);
    if (notice->length == start)
        notice->length = 0;
    else
        end_line(notice, port);
}

void notice_of_bell(struct notice *notice, const char *port)
{
    notice->length = 0;
    say(notice, "{\"event\":\"Terminal\",\"text\":\"The bell rang\",\"key\":\"bell-");
    say(notice, port);
    say(notice, "\"");
    end_line(notice, port);
}
