/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_QUEUE_H
#define HOST_AGENT_QUEUE_H

#include "record.h"

/* The records that wait to be shown. Each sandbox has a lane of its own, so that a noisy one
 * neither fills the memory nor keeps the others waiting. A lane holds the newest QUEUE_LANE_MAX
 * messages and one fold, and gives at most RATE a second. Pure: the caller brings the time (µs of
 * the monotonic clock). */

#define QUEUE_LANE_MAX 128                    /* messages */
#define QUEUE_FOLD_DELAY (G_TIME_SPAN_SECOND) /* a fold waits for more to count */

typedef struct Queue Queue;

Queue *queue_new(void);
void queue_free(Queue *queue);

/* Takes RECORD. Returns what it pushes out, for the caller to account for and free: the one that it
 * replaces (its state is RECORD_REPLACED), or the oldest of a full lane (RECORD_FOLDED). A fold
 * adds up with the one that is there. */
Record *queue_add(Queue *queue, Record *record, gint64 now);

/* How many messages wait, the folded ones too. */
guint64 queue_count(const Queue *queue);

/* The next record to show, lanes taking turns, which the caller frees or gives back. NULL when none
 * may be shown yet: *wait is then the time until one may (µs), or -1 when there is none at all. */
Record *queue_take(Queue *queue, guint rate, gint64 now, gint64 *wait);

/* Takes back RECORD, that could not be shown and is next in its lane again. */
void queue_return(Queue *queue, Record *record, gint64 now);

/* What waits under SLOT (message_slot()), or has this ID, for the caller to free; NULL: nothing. */
Record *queue_remove_slot(Queue *queue, const char *sandbox, const char *slot);
Record *queue_remove(Queue *queue, guint64 id);

#endif
