/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_ALIVE_H
#define SSHD_ENTRY_ALIVE_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "pollset.h"

/* Is the client still there? ClientAliveInterval and ClientAliveCountMax of sshd_config(5): a
 * client that was silent for an interval is asked, and one that is silent after so many questions
 * is given up. TCP's own keepalive is answered by the client's kernel, whatever became of the
 * client. */
struct alive {
    int64_t interval_ms; /* 0: never asked */
    unsigned most;
    unsigned asked;      /* since the client was last heard */
    int64_t deadline_ms; /* of its silence */
    uint64_t heard;      /* packets, by then */
    struct ssh_counter_struct counter;
};

/* ALIVE counts SESSION's packets from here on, and must outlive it. */
void alive_start(struct alive *alive, ssh_session session, const struct options *options);

/* One turn of the connection's loop. */
void alive_prepare(const struct alive *alive, struct pollset *set);

/* False: the client is gone; logged. */
bool alive_serve(struct alive *alive, ssh_session session);

#endif
