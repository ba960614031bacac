/* SPDX-License-Identifier: ISC */
#include "kexinit.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define IDENTIFICATION "SSH-2.0-OpenSSH"
#define IDENTIFICATION_MOST 255 /* with its line end, RFC 4253 section 4.2 */
#define MESSAGE 20              /* SSH_MSG_KEXINIT */
#define COOKIE 16

/* The lists before those of the ciphers: key exchange, host keys. */
enum { LISTS_BEFORE = 2, CIPHER_LISTS = 2 };

struct reader {
    const unsigned char *at, *end;
};

static bool skip(struct reader *reader, size_t count)
{
    if ((size_t)(reader->end - reader->at) < count)
        return false;
    reader->at += count;
    return true;
}

static bool read_uint32(struct reader *reader, uint32_t *value)
{
    const unsigned char *p = reader->at;

    if (!skip(reader, 4))
        return false;
    *value = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return true;
}

/* A name-list, RFC 4251 section 5. */
static bool read_list(struct reader *reader, const char **names, size_t *length)
{
    uint32_t n;

    if (!read_uint32(reader, &n))
        return false;
    *names = (const char *)reader->at;
    *length = n;
    return skip(reader, n);
}

static bool has_name(const char *names, size_t length, const char *name)
{
    const char *end = names + length;

    while (names < end) {
        const char *comma = memchr(names, ',', (size_t)(end - names));
        size_t n = (size_t)((comma ? comma : end) - names);
        if (n == strlen(name) && memcmp(names, name, n) == 0)
            return true;
        names += n + 1;
    }
    return false;
}

static bool has_aes_gcm(const char *names, size_t length)
{
    return has_name(names, length, "aes128-gcm@openssh.com") ||
           has_name(names, length, "aes256-gcm@openssh.com");
}

/* PAYLOAD is whole. */
static enum kexinit_verdict read_payload(struct reader payload)
{
    const char *names;
    size_t length;

    if (!skip(&payload, 1) || payload.at[-1] != MESSAGE || !skip(&payload, COOKIE))
        return KEXINIT_OTHER;
    for (int i = 0; i < LISTS_BEFORE; i++)
        if (!read_list(&payload, &names, &length))
            return KEXINIT_OTHER;
    for (int i = 0; i < CIPHER_LISTS; i++)
        if (!read_list(&payload, &names, &length) || !has_aes_gcm(names, length))
            return KEXINIT_OTHER;
    return KEXINIT_AES_GCM;
}

/* The binary packet protocol, RFC 4253 section 6, before there are keys. */
static enum kexinit_verdict read_packet(struct reader packet)
{
    uint32_t length;

    if (!read_uint32(&packet, &length))
        return KEXINIT_INCOMPLETE;
    if (length > KEXINIT_MOST - IDENTIFICATION_MOST)
        return KEXINIT_OTHER;
    if ((size_t)(packet.end - packet.at) < length)
        return KEXINIT_INCOMPLETE;
    packet.end = packet.at + length;
    if (!skip(&packet, 1))
        return KEXINIT_OTHER;
    size_t padding = packet.at[-1];
    if ((size_t)(packet.end - packet.at) < padding)
        return KEXINIT_OTHER;
    packet.end -= padding;
    return read_payload(packet);
}

enum kexinit_verdict kexinit_read(const unsigned char *bytes, size_t length)
{
    const size_t known = sizeof(IDENTIFICATION) - 1;
    const unsigned char *line_end;

    if (memcmp(bytes, IDENTIFICATION, length < known ? length : known) != 0)
        return KEXINIT_OTHER;
    line_end = memchr(bytes, '\n', length < IDENTIFICATION_MOST ? length : IDENTIFICATION_MOST);
    if (line_end)
        return read_packet((struct reader){line_end + 1, bytes + length});
    return length < IDENTIFICATION_MOST ? KEXINIT_INCOMPLETE : KEXINIT_OTHER;
}
