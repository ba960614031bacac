/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_RECORD_H
#define HOST_AGENT_RECORD_H

#include "message.h"

/* A message, and what became of it: one line of the journal. Pure. */

typedef enum {
    RECORD_WAITING,
    RECORD_SHOWN,
    RECORD_FOLDED,   /* counted in an "and N more" */
    RECORD_REPLACED, /* a newer one of its session came before it was shown */
    RECORD_SILENT,   /* the settings do not show it */
    RECORD_FAILED,   /* the service did not take it */
    RECORD_STATES
} RecordState;

typedef struct {
    guint64 id;  /* from 1, in the order of arrival */
    gint64 time; /* of arrival, ms since 1970 */
    char *sandbox;
    Message *message; /* of a fold: the last of those that it counts */
    guint fold;       /* how many messages this stands for, if not for its message alone; else 0 */
    RecordState state;
} Record;

const char *record_state_name(RecordState state); /* "shown" */

void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

#endif
