/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_OUTBOX_H
#define HOST_AGENT_OUTBOX_H

#include "journal.h"
#include "policy.h"

/* What the main thread wants on the desktop, or off it, and the desktop's thread takes from here.
 * All functions may be called from any thread, and none waits. */
typedef struct Outbox Outbox;

/* A notification that is over. */
typedef struct {
    char *sandbox;
    char *slot; /* its records before ID; NULL: the record ID itself */
    guint64 id;
} OutboxOver;

/* JOURNAL and CONFIG are borrowed. */
Outbox *outbox_new(Journal *journal, const ConfigNotify *config);
void outbox_free(Outbox *outbox);

/* The settings from now on; the old ones may be freed. */
void outbox_configure(Outbox *outbox, const ConfigNotify *config);

/* Takes RECORD; what that pushes out (queue.h) is accounted for in the journal. */
void outbox_add(Outbox *outbox, Record *record, gboolean question);

/* What SLOT of SANDBOX said before the record ID is over; the record ID is: it goes from here, and
 * to outbox_next_over().
 */
void outbox_over(Outbox *outbox, const char *sandbox, const char *slot, guint64 id);
void outbox_withdraw(Outbox *outbox, guint64 id);
OutboxOver *outbox_next_over(Outbox *outbox); /* NULL: no more */
void outbox_over_free(OutboxOver *over);

/* As queue_take() and queue_return(); what is over meanwhile does not come back. */
Record *outbox_take(Outbox *outbox, gboolean *question, gint64 *wait);
void outbox_return(Outbox *outbox, Record *record, gboolean question);

/* The id of a question that waits, which is a plain message from now on; 0: there is none. */
guint64 outbox_unask(Outbox *outbox);

/* How many messages wait; how many seconds are quiet from now on. */
guint64 outbox_count(Outbox *outbox);
gint64 outbox_quiet(Outbox *outbox);

/* What the settings make of RECORD, strings of its own. */
Policy outbox_policy(Outbox *outbox, const Record *record);

#endif
