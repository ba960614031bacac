/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_PACKET_H
#define SSHD_ENTRY_PACKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "wire.h"

/* What a client's packets say that libssh does not hand out. Pure; a packet is what follows its
 * type byte. */

/* SSH_MSG_CHANNEL_REQUEST, RFC 4254 section 5.4. */
struct packet_request {
    enum packet_request_kind {
        PACKET_REQUEST_OTHER, /* or broken: libssh's matter */
        PACKET_REQUEST_PTY,
        PACKET_REQUEST_EOW, /* "eow@openssh.com": the client reads no more of the channel */
    } kind;
    uint32_t channel;         /* our number of it */
    struct wire_string modes; /* of a pty-req, encoded */
};

struct packet_request packet_request(const unsigned char *packet, size_t length);

enum packet_verdict {
    PACKET_OTHER, /* of another kind, or broken: libssh's matter */
    PACKET_REFUSED,
    PACKET_SERVED,
};

/* SSH_MSG_USERAUTH_REQUEST of "publickey", RFC 4252 section 7. */
struct packet_login {
    char algorithm[64]; /* as the client has it, cut to this size */
    const char *reason; /* why it is refused */
};

/* Serves the algorithms of the list ALGORITHMS, parted by commas, with a key and, if there is one,
 * a signature of that very kind. A security key must have been touched for its signature:
 * OpenSSH's PROTOCOL.u2f. A broken one is refused. */
enum packet_verdict packet_login(const unsigned char *packet, size_t length, const char *algorithms,
                                 struct packet_login *login);

#define PACKET_DIRECT_TCPIP_SIZE 44

/* SSH_MSG_CHANNEL_OPEN, RFC 4254 section 5.1, of "direct-streamlocal@openssh.com". */
struct packet_streamlocal {
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    /* The same open as a direct-tcpip, to no host at port 0. */
    unsigned char direct_tcpip[PACKET_DIRECT_TCPIP_SIZE];
};

/* Refuses a path that is not absolute, has a NUL or is too long. */
enum packet_verdict packet_streamlocal(const unsigned char *packet, size_t length,
                                       struct packet_streamlocal *open);

/* SSH_MSG_CHANNEL_OPEN, or its confirmation: raises the greatest packet that the peer takes to
 * this. libssh (0.10.6, 0.11.5, 0.12.2) subtracts 10 from it, and at 0 makes empty packets without
 * sending one, until it cannot hold more: 256 MiB. */
#define PACKET_LEAST_MAXIMUM 64

void packet_raise_maximum(unsigned char *packet, size_t length, bool is_open);

#endif
