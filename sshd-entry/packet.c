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

static bool has_prefix(struct wire_string string, const char *prefix)
{
    return string.length >= strlen(prefix) && memcmp(string.data, prefix, strlen(prefix)) == 0;
}

/* The type by which a key's blob begins: that of RSA is older than its algorithms, RFC 8332. */
static bool is_key_for(struct wire_string blob, struct wire_string algorithm)
{
    struct wire wire = {blob.data, blob.length, false};
    struct wire_string type = wire_string(&wire);

    return has_prefix(algorithm, "rsa-sha2-") ? wire_equals(type, "ssh-rsa")
                                              : wire_same(type, algorithm);
}

/* Why a SIGNATURE by ALGORITHM does not count, whatever it signs; or NULL. */
static const char *signature_fault(struct wire_string signature, struct wire_string algorithm)
{
    enum { TOUCHED = 1 };
    struct wire wire = {signature.data, signature.length, false};
    struct wire_string type = wire_string(&wire);
    uint8_t flags = TOUCHED;

    wire_string(&wire);
    if (has_prefix(algorithm, "sk-")) {
        flags = wire_byte(&wire);
        wire_uint32(&wire); /* counter */
    }
    if (wire.broken || !wire_same(type, algorithm))
        return "its signature is of another kind";
    return flags & TOUCHED ? NULL : "it was not touched";
}

/* To libssh a string ends at its first NUL. */
static bool libssh_equals(struct wire_string string, const char *text)
{
    return has_prefix(string, text) &&
           (string.length == strlen(text) || string.data[strlen(text)] == '\0');
}

enum packet_verdict packet_login(const unsigned char *packet, size_t length, const char *algorithms,
                                 struct packet_login *login)
{
    struct wire wire = {packet, length, false};

    wire_string(&wire); /* user */
    struct wire_string service = wire_string(&wire);
    struct wire_string method = wire_string(&wire);
    *login = (struct packet_login){0};
    if (!libssh_equals(method, "publickey"))
        return PACKET_OTHER;
    bool is_signed = wire_byte(&wire);
    struct wire_string algorithm = wire_string(&wire);
    struct wire_string blob = wire_string(&wire);
    struct wire_string signature = is_signed ? wire_string(&wire) : (struct wire_string){0};
    if (wire.broken || !wire_equals(method, "publickey") || !wire_equals(service, "ssh-connection"))
        login->reason = "the request is broken";
    else if (!wire_lists(wire_text(algorithms), algorithm))
        login->reason = "keys of this type are not served";
    else if (!is_key_for(blob, algorithm))
        login->reason = "the key is of another type";
    else if (is_signed)
        login->reason = signature_fault(signature, algorithm);
    if (algorithm.length > 0)
        memcpy(login->algorithm, algorithm.data,
               algorithm.length < sizeof(login->algorithm) ? algorithm.length
                                                           : sizeof(login->algorithm) - 1);
    return login->reason ? PACKET_REFUSED : PACKET_SERVED;
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
