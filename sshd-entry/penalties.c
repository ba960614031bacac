/* SPDX-License-Identifier: ISC */
#include "penalties.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define FREE_FAILURES 5 /* a client with some old keys, a port scanner of the user's own */
#define FIRST_DELAY_MS 50
#define MOST_DOUBLINGS 5 /* 1.6 s: ten refusals still fit into the time to log in */
#define HALF_LIFE_MS 60000
#define MOST_FAILURES 1024

/* False: an address of another kind. */
static bool source_of(struct penalty *source, const struct sockaddr_storage *address)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

    *source = (struct penalty){.family = (uint8_t)address->ss_family};
    if (address->ss_family == AF_INET)
        memcpy(source->source, &four->sin_addr, sizeof(four->sin_addr));
    else if (address->ss_family == AF_INET6)
        memcpy(source->source, &six->sin6_addr, sizeof(source->source));
    else
        return false;
    return true;
}

static unsigned failures_now(const struct penalty *penalty, int64_t now_ms)
{
    int64_t halvings = (now_ms - penalty->since_ms) / HALF_LIFE_MS;

    return halvings < 16 ? penalty->failures >> halvings : 0;
}

static bool is_same(const struct penalty *a, const struct penalty *b)
{
    return a->family == b->family && memcmp(a->source, b->source, sizeof(a->source)) == 0;
}

/* The place of SOURCE, or that of whoever failed least. */
static struct penalty *place_of(struct penalties *penalties, const struct penalty *source,
                                int64_t now_ms)
{
    struct penalty *least = &penalties->list[0];

    for (int i = 0; i < PENALTIES_SOURCES; i++) {
        struct penalty *p = &penalties->list[i];
        if (p->failures && is_same(p, source))
            return p;
        if (failures_now(p, now_ms) < failures_now(least, now_ms))
            least = p;
    }
    *least = *source;
    return least;
}

void penalties_add(struct penalties *penalties, const struct sockaddr_storage *address,
                   int64_t now_ms)
{
    struct penalty source;

    if (!source_of(&source, address))
        return;
    struct penalty *p = place_of(penalties, &source, now_ms);
    unsigned failures = failures_now(p, now_ms) + 1;
    p->failures = failures < MOST_FAILURES ? failures : MOST_FAILURES;
    p->since_ms = now_ms;
}

unsigned penalties_delay_ms(const struct penalties *penalties,
                            const struct sockaddr_storage *address, int64_t now_ms)
{
    struct penalty source;

    if (!source_of(&source, address))
        return 0;
    for (int i = 0; i < PENALTIES_SOURCES; i++) {
        const struct penalty *p = &penalties->list[i];
        unsigned failures = failures_now(p, now_ms);
        if (failures <= FREE_FAILURES || !is_same(p, &source))
            continue;
        unsigned doublings = failures - FREE_FAILURES - 1;
        return FIRST_DELAY_MS << (doublings < MOST_DOUBLINGS ? doublings : MOST_DOUBLINGS);
    }
    return 0;
}
