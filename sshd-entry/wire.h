/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_WIRE_H
#define SSHD_ENTRY_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the data types of RFC 4251 section 5 from bytes that the peer sent. Pure. What reaches
 * beyond the end reads as 0 or empty, sets `broken` and leaves nothing more to read. */
struct wire {
    const unsigned char *at;
    size_t left;
    bool broken;
};

struct wire_string {
    const unsigned char *data; /* in the wire's bytes; not terminated, may hold any byte */
    size_t length;
};

uint8_t wire_byte(struct wire *wire);
uint32_t wire_uint32(struct wire *wire);
struct wire_string wire_string(struct wire *wire);

/* TEXT without its NUL. */
struct wire_string wire_text(const char *text);

bool wire_same(struct wire_string a, struct wire_string b);
bool wire_equals(struct wire_string string, const char *text);

/* Is NAME among those of LIST, which commas part: a name-list? */
bool wire_lists(struct wire_string list, struct wire_string name);

#endif
