/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../../sshd-entry/notice.h"
#include "../../../sshd-entry/osc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct lines {
    size_t count;
    uint64_t sum; /* of all of their bytes */
    const char *bytes;
    size_t size;
};

static const char head[] = "{\"event\":\"Terminal\",\"t";
static const char tail[] = ",\"client\":54321}\n";

/* One line, with no string in it but those that we wrote. */
static void check_line(const char *line, size_t length)
{
    size_t strings = 0;

    assert(length <= NOTICE_MAX && length > sizeof(head) + sizeof(tail) - 2);
    assert(memcmp(line, head, sizeof(head) - 1) == 0);
    assert(memcmp(line + length - (sizeof(tail) - 1), tail, sizeof(tail) - 1) == 0);
    for (size_t i = 0; i < length - 1; i++) {
        assert((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
        if (line[i] == '\\') {
            i++;
            assert(line[i] == '"' || line[i] == '\\');
        } else if (line[i] == '"') {
            strings++;
        }
    }
    /* event, Terminal, client, and title or text, or both. */
    assert(strings == 6 + 4 || strings == 6 + 8);
}

static void on_message(const struct osc_message *message, void *data)
{
    struct lines *lines = data;
    struct notice notice;

    assert(message->title_length + message->text_length > 0);
    assert(message->title_length + message->text_length < OSC_MAX);
    assert(!message->text_length || memmem(lines->bytes, lines->size, message->text, 1));
    notice_of_message(&notice, message, "54321");
    if (notice.length)
        check_line(notice.line, notice.length);
    lines->count++;
    for (size_t i = 0; i < notice.length; i++)
        lines->sum = lines->sum * 31 + (unsigned char)notice.line[i];
}

/* Whole, or in blocks as the first byte says: what is found is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const size_t block = 1 + data[0] % 16;
    const char *bytes = (const char *)data + 1;
    struct lines whole = {.bytes = bytes, .size = --size}, parts = whole;
    struct osc one = {0}, two = {0};

    osc_feed(&one, bytes, size, on_message, &whole);
    for (size_t at = 0; at < size; at += block) {
        /* Of its own, so that reading too far is seen. */
        size_t n = size - at < block ? size - at : block;
        char *copy = memcpy(malloc(n), bytes + at, n);
        osc_feed(&two, copy, n, on_message, &parts);
        free(copy);
    }
    assert(whole.count == parts.count && whole.sum == parts.sum);
    assert(one.state == two.state && one.rang == two.rang);
    assert(!one.rang || memchr(bytes, 7, size));
    return 0;
}
