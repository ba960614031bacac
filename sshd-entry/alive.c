/* SPDX-License-Identifier: ISC */
#include "alive.h"

#include <libssh/server.h>

#include "clock.h"
#include "log.h"

void alive_start(struct alive *alive, ssh_session session, const struct options *options)
{
    const int64_t interval_ms = (int64_t)options->client_alive_interval * 1000;

    *alive = (struct alive){.interval_ms = interval_ms,
                            .most = options->client_alive_count_max,
                            .deadline_ms = clock_now_ms() + interval_ms};
    ssh_set_counters(session, NULL, &alive->counter);
}

void alive_prepare(const struct alive *alive, struct pollset *set)
{
    if (alive->interval_ms)
        pollset_wake_after(set, clock_left_ms(alive->deadline_ms));
}

bool alive_serve(struct alive *alive, ssh_session session)
{
    if (!alive->interval_ms)
        return true;
    int64_t now_ms = clock_now_ms();
    /* Not by what made the socket readable: asking reads as well. */
    if (alive->counter.in_packets != alive->heard) {
        alive->heard = alive->counter.in_packets;
        alive->asked = 0;
        alive->deadline_ms = now_ms + alive->interval_ms;
    }
    if (now_ms < alive->deadline_ms)
        return true;
    if (alive->asked == alive->most) {
        log_info("closed: the client has not answered %u times", alive->asked);
        return false;
    }
    alive->asked++;
    alive->deadline_ms = now_ms + alive->interval_ms;
    /* Where libssh has the answer to an earlier question, the first call only takes note of it; and
     * where it has none, the earlier question still stands. */
    ssh_send_keepalive(session);
    ssh_send_keepalive(session);
    return true;
}
