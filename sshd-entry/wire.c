/* SPDX-License-Identifier: ISC */
#include "wire.h"

#include <string.h>

static const unsigned char *take(struct wire *wire, size_t length)
{
    const unsigned char *at = wire->at;

    if (length > wire->left) {
        wire->broken = true;
        wire->left = 0;
        return NULL;
    }
    wire->at += length;
    wire->left -= length;
    return at;
}

uint8_t wire_byte(struct wire *wire)
{
    const unsigned char *b = take(wire, 1);

    return b ? *b : 0;
}

uint32_t wire_uint32(struct wire *wire)
{
    const unsigned char *b = take(wire, 4);

    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

struct wire_string wire_string(struct wire *wire)
{
    uint32_t length = wire_uint32(wire);
    const unsigned char *data = take(wire, length);

    return (struct wire_string){data, data ? length : 0};
}

struct wire_string wire_text(const char *text)
{
    return (struct wire_string){(const unsigned char *)text, strlen(text)};
}

bool wire_same(struct wire_string a, struct wire_string b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

bool wire_equals(struct wire_string string, const char *text)
{
    return wire_same(string, wire_text(text));
}

bool wire_lists(struct wire_string list, struct wire_string name)
{
    while (list.length) {
        const unsigned char *comma = memchr(list.data, ',', list.length);
        size_t length = comma ? (size_t)(comma - list.data) : list.length;
        if (wire_same((struct wire_string){list.data, length}, name))
            return true;
        length += comma != NULL;
        list.data += length;
        list.length -= length;
    }
    return false;
}
