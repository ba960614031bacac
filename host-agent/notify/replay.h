/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_REPLAY_H
#define HOST_AGENT_REPLAY_H

#include "record.h"

/* What the lines of a journal add up to. Pure. */

#define REPLAY_KEPT 200 /* records of a sandbox that wait no longer, and as many silent ones */

typedef struct {
    GPtrArray *records; /* Record, the oldest first */
    GHashTable *marks;  /* sandbox -> Mark, both its own */
    guint64 last;       /* the highest id */
    gsize whole;        /* bytes of TEXT up to the end of its last line */
} Replay;

/* TEXT may end in a line that was cut off: that was never said. */
Replay *replay_new(const char *text, gsize size);
void replay_free(Replay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Replay, replay_free)

/* Leaves out what is long over, and makes one of the folds of a sandbox that wait. */
void replay_trim(Replay *replay);

/* Lines that add up to the same. Free with g_string_free(). */
GString *replay_print(const Replay *replay);

#endif
