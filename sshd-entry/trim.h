/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_TRIM_H
#define SSHD_ENTRY_TRIM_H

#include <stdbool.h>

#include "pollset.h"

/* Lets go of the code that ran once: the pages of the program and its libraries that are not
 * writable leave this process, madvise(2), and those that are needed again come back from the
 * page cache. After a key exchange that is 1 MB of libcrypto. Without effect where the kernel
 * refuses. */
void trim(void);

/* A connection's rest: trim() once nothing has happened for a second, and again after whatever
 * happens then. PREPARE asks for the time in a turn's set, SERVE is told how many were READY. */
struct trim {
    bool done;
};

void trim_prepare(const struct trim *state, struct pollset *set);
void trim_serve(struct trim *state, const struct pollset *set, int ready);

#endif
