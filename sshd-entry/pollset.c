/* SPDX-License-Identifier: ISC */
#include "pollset.h"

#include <errno.h>
#include <stdlib.h>

void pollset_clear(struct pollset *set)
{
    set->count = 0;
    set->timeout_ms = -1;
}

int pollset_add(struct pollset *set, int fd, short events)
{
    if (fd < 0)
        return -1;
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? 2 * set->capacity : 16;
        struct pollfd *grown = realloc(set->fds, capacity * sizeof(*grown));
        if (!grown)
            return -1;
        set->fds = grown;
        set->capacity = capacity;
    }
    set->fds[set->count] = (struct pollfd){.fd = fd, .events = events};
    return (int)set->count++;
}

void pollset_wake_after(struct pollset *set, int timeout_ms)
{
    if (set->timeout_ms < 0 || timeout_ms < set->timeout_ms)
        set->timeout_ms = timeout_ms;
}

int pollset_wait(struct pollset *set)
{
    int n = poll(set->fds, set->count, set->timeout_ms);

    if (n < 0 && errno != EINTR)
        return -1;
    if (n <= 0)
        for (size_t i = 0; i < set->count; i++)
            set->fds[i].revents = 0;
    return n > 0 ? n : 0;
}

short pollset_events(const struct pollset *set, int place)
{
    return (short)(place < 0 ? 0 : set->fds[place].revents);
}

void pollset_free(struct pollset *set)
{
    free(set->fds);
    *set = (struct pollset){0};
}
