/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_POLLSET_H
#define SSHD_ENTRY_POLLSET_H

#include <poll.h>
#include <stddef.h>

/* The descriptors of one turn of a connection's loop. Filled anew for every turn. */
struct pollset {
    struct pollfd *fds;
    size_t count, capacity;
    int timeout_ms; /* the shortest that anybody asked for; -1: none */
};

void pollset_clear(struct pollset *set);

/* Returns the place to ask pollset_events() about, or -1 for a negative FD or no memory. */
int pollset_add(struct pollset *set, int fd, short events);

void pollset_wake_after(struct pollset *set, int timeout_ms);

/* How many are ready, 0 if none was in time, or -1: errno; EINTR counts as a turn in which nothing
 * happened. */
int pollset_wait(struct pollset *set);

short pollset_events(const struct pollset *set, int place);

void pollset_free(struct pollset *set);

#endif
