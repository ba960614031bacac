/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_PENALTIES_H
#define SSHD_ENTRY_PENALTIES_H

#include <stdint.h>
#include <sys/socket.h>

/* Who connected and did not log in, by address: the more of late, the longer a refusal takes. It is
 * a delay of refusals alone, for those who try keys and the user may come from the same address,
 * and a good key is never held up. Pure. */

#define PENALTIES_SOURCES 64

struct penalties {
    struct penalty {
        uint8_t source[8]; /* an IPv4 address, or the /64 of an IPv6 one */
        uint8_t family;
        unsigned failures; /* halved with every minute; 0: the place is free */
        int64_t since_ms;
    } list[PENALTIES_SOURCES];
};

/* A connection from ADDRESS ended without a login. */
void penalties_add(struct penalties *penalties, const struct sockaddr_storage *address,
                   int64_t now_ms);

/* What a refusal to ADDRESS shall take, in milliseconds: 0 for the first few. */
unsigned penalties_delay_ms(const struct penalties *penalties,
                            const struct sockaddr_storage *address, int64_t now_ms);

#endif
