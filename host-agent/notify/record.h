/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_RECORD_H
#define HOST_AGENT_RECORD_H

#include "message/message.h"

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

/* How far into a sandbox's spool (spool.h) something goes. */
typedef struct {
    guint64 spool;  /* the spool's number; 0: none */
    guint64 offset; /* bytes */
    gboolean more; /* up to the next newline there is nothing but the rest of a line that was cut */
} Mark;

typedef struct {
    guint64 id;  /* from 1, in the order of arrival */
    gint64 time; /* of arrival, ms since 1970 */
    gint64 took; /* what its session worked before, ms; -1: not known */
    char *sandbox;
    Message *message; /* of a fold: the last of those that it counts */
    guint64 fold;     /* how many messages this stands for, if not for its message alone; else 0 */
    RecordState state;
    Mark mark;   /* where its line ended */
    guint tries; /* how often the service did not take it: no part of the line */
} Record;

/* A record as one line of JSON, without a newline. Free with g_free(). */
char *record_print(const Record *record);

/* The line for "record ID is STATE now", and the one for "all up to MARK is in the journal". */
char *record_print_state(guint64 id, RecordState state);
char *record_print_mark(const char *sandbox, const Mark *mark);

/* What any of these lines says; an id of 0, no sandbox or no message is what it does not say. NULL
 * when it is none. */
Record *record_parse(const char *line, gsize size);

const char *record_state_name(RecordState state); /* "shown" */

void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

#endif
