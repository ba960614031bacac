/* SPDX-License-Identifier: ISC */
#include "packet.h"

#include <string.h>

struct packet_request packet_request(const unsigned char *packet, size_t length)
{
    static const struct packet_request other = {.kind = PACKET_REQUEST_OTHER};
    struct wire wire = {packet, length, false};
    struct packet_request request = {.channel = wire_uint32(&wire)};
    struct wire_string type = wire_string(&wire);

    wire_byte(&wire); /* want reply: libssh replies */
    if (wire_equals(type, "eow@openssh.com")) {
        request.kind = PACKET_REQUEST_EOW;
    } else if (wire_equals(type, "pty-req")) {
        request.kind = PACKET_REQUEST_PTY;
        wire_string(&wire); /* TERM, then columns, rows, width and height: libssh hands them out */
        for (int i = 0; i < 4; i++)
            wire_uint32(&wire);
        request.modes = wire_string(&wire);
    }
    return wire.broken ? other : request;
}

static unsigned char *put(unsigned char *at, const void *data, size_t length)
{
    return (unsigned char *)memcpy(at, data, length) + length;
}

/* CHANNEL is the sender's number, its window and its packet size. Host, port, originator and its
 * port are all zeros: empty strings and 0. */
static void write_direct_tcpip(unsigned char out[static PACKET_DIRECT_TCPIP_SIZE],
                               const unsigned char channel[static 12])
{
    static const char type[] = "\0\0\0\014direct-tcpip";
    static const unsigned char zeros[16];

    out = put(out, type, sizeof(type) - 1);
    out = put(out, channel, 12);
    put(out, zeros, sizeof(zeros));
}

enum packet_verdict packet_streamlocal(const unsigned char *packet, size_t length,
                                       struct packet_streamlocal *open)
{
    struct wire wire = {packet, length, false};

    if (!wire_equals(wire_string(&wire), "direct-streamlocal@openssh.com"))
        return PACKET_OTHER;
    const unsigned char *channel = wire.at;
    for (int i = 0; i < 3; i++)
        wire_uint32(&wire);
    struct wire_string path = wire_string(&wire);
    wire_string(&wire); /* reserved */
    wire_uint32(&wire);
    if (wire.broken)
        return PACKET_OTHER;
    if (path.length == 0 || path.length >= sizeof(open->path) || path.data[0] != '/' ||
        memchr(path.data, '\0', path.length))
        return PACKET_REFUSED;
    *open = (struct packet_streamlocal){0};
    memcpy(open->path, path.data, path.length);
    write_direct_tcpip(open->direct_tcpip, channel);
    return PACKET_SERVED;
}

void packet_raise_maximum(unsigned char *packet, size_t length, bool is_open)
{
    static const unsigned char least[4] = {0, 0, 0, PACKET_LEAST_MAXIMUM};
    struct wire wire = {packet, length, false};

    if (is_open)
        wire_string(&wire); /* type; then the peer's number */
    else
        wire_uint32(&wire); /* our number; then the peer's */
    wire_uint32(&wire);
    wire_uint32(&wire); /* window */
    size_t at = length - wire.left;
    if (wire_uint32(&wire) < PACKET_LEAST_MAXIMUM && !wire.broken)
        memcpy(packet + at, least, sizeof(least));
}
