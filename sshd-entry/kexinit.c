/* SPDX-License-Identifier: ISC */
#include "kexinit.h"

#include <stdbool.h>
#include <string.h>

#include "wire.h"

#define IDENTIFICATION "SSH-2.0-OpenSSH"
#define IDENTIFICATION_MOST 255 /* with its line end, RFC 4253 section 4.2 */
#define MESSAGE 20              /* SSH_MSG_KEXINIT */
#define COOKIE 16

/* Of the name-lists, RFC 4251 section 5, those before the ciphers': key exchange, host keys. */
enum { LISTS_BEFORE = 2, CIPHER_LISTS = 2 };

static bool has_aes_gcm(struct wire_string list)
{
    return wire_lists(list, wire_text("aes128-gcm@openssh.com")) ||
           wire_lists(list, wire_text("aes256-gcm@openssh.com"));
}

/* PAYLOAD is whole. */
static enum kexinit_verdict read_payload(struct wire payload)
{
    bool is_kexinit = wire_byte(&payload) == MESSAGE;
    bool aes_gcm = true;

    for (int i = 0; i < COOKIE; i++)
        wire_byte(&payload);
    for (int i = 0; i < LISTS_BEFORE; i++)
        wire_string(&payload);
    for (int i = 0; i < CIPHER_LISTS; i++)
        aes_gcm &= has_aes_gcm(wire_string(&payload));
    return is_kexinit && aes_gcm && !payload.broken ? KEXINIT_AES_GCM : KEXINIT_OTHER;
}

/* The binary packet protocol, RFC 4253 section 6, before there are keys. */
static enum kexinit_verdict read_packet(struct wire packet)
{
    uint32_t length = wire_uint32(&packet);

    if (!packet.broken && length > KEXINIT_MOST - IDENTIFICATION_MOST)
        return KEXINIT_OTHER;
    if (packet.broken || packet.left < length)
        return KEXINIT_INCOMPLETE;
    packet.left = length;
    uint8_t padding = wire_byte(&packet);
    if (packet.broken || padding > packet.left)
        return KEXINIT_OTHER;
    packet.left -= padding;
    return read_payload(packet);
}

enum kexinit_verdict kexinit_read(const unsigned char *bytes, size_t length)
{
    const size_t known = sizeof(IDENTIFICATION) - 1;
    const unsigned char *end;

    if (memcmp(bytes, IDENTIFICATION, length < known ? length : known) != 0)
        return KEXINIT_OTHER;
    end = memchr(bytes, '\n', length < IDENTIFICATION_MOST ? length : IDENTIFICATION_MOST);
    if (end)
        return read_packet((struct wire){end + 1, length - (size_t)(end + 1 - bytes), false});
    return length < IDENTIFICATION_MOST ? KEXINIT_INCOMPLETE : KEXINIT_OTHER;
}
