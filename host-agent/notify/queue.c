/* SPDX-License-Identifier: ISC */
#include "queue.h"

#include <string.h>

typedef struct {
    char *sandbox;
    GQueue records;  /* Record, the oldest first */
    Record *fold;    /* NULL: none */
    gint64 fold_due; /* when it may be shown */
    GQueue shown;    /* gint64 *: when the last ones were given, the oldest first */
} Lane;

struct Queue {
    GQueue lanes; /* Lane, the one whose turn it is first */
};

static void lane_free(Lane *lane)
{
    g_queue_clear_full(&lane->records, (GDestroyNotify)record_free);
    g_queue_clear_full(&lane->shown, g_free);
    record_free(lane->fold);
    g_free(lane->sandbox);
    g_free(lane);
}

Queue *queue_new(void)
{
    return g_new0(Queue, 1);
}

void queue_free(Queue *queue)
{
    g_queue_clear_full(&queue->lanes, (GDestroyNotify)lane_free);
    g_free(queue);
}

static Lane *find_lane(const Queue *queue, const char *sandbox)
{
    for (GList *l = queue->lanes.head; l; l = l->next) {
        Lane *lane = l->data;
        if (strcmp(lane->sandbox, sandbox) == 0)
            return lane;
    }
    return NULL;
}

static Lane *need_lane(Queue *queue, const char *sandbox)
{
    Lane *lane = find_lane(queue, sandbox);

    if (!lane) {
        lane = g_new0(Lane, 1);
        lane->sandbox = g_strdup(sandbox);
        g_queue_push_tail(&queue->lanes, lane);
    }
    return lane;
}

static void add_fold(Lane *lane, Record *fold, gint64 now)
{
    Record *old = lane->fold;

    if (!old) {
        lane->fold = fold;
        lane->fold_due = now + QUEUE_FOLD_DELAY;
        return;
    }
    if (old->id > fold->id) { /* the newer one's id and message stand for both */
        old->fold += fold->fold;
        record_free(fold);
        return;
    }
    fold->fold += old->fold;
    lane->fold = fold;
    record_free(old);
}

static GList *find_slot(Lane *lane, const char *slot)
{
    for (GList *l = lane->records.head; slot && l; l = l->next) {
        const Record *record = l->data;
        const char *other = record->message ? message_slot(record->message) : NULL;
        if (other && strcmp(other, slot) == 0)
            return l;
    }
    return NULL;
}

static Record *lane_unlink(Lane *lane, GList *link)
{
    Record *record = link ? link->data : NULL;

    if (link)
        g_queue_delete_link(&lane->records, link);
    return record;
}

Record *queue_add(Queue *queue, Record *record, gint64 now)
{
    Lane *lane = need_lane(queue, record->sandbox);

    if (record->fold > 0) {
        add_fold(lane, record, now);
        return NULL;
    }
    const char *slot = record->message ? message_slot(record->message) : NULL;
    Record *out = lane_unlink(lane, find_slot(lane, slot));
    if (out)
        out->state = RECORD_REPLACED;
    g_queue_push_tail(&lane->records, record);
    if (lane->records.length > QUEUE_LANE_MAX) {
        out = g_queue_pop_head(&lane->records);
        out->state = RECORD_FOLDED;
    }
    return out;
}

void queue_return(Queue *queue, Record *record, gint64 now)
{
    Lane *lane = need_lane(queue, record->sandbox);

    g_free(g_queue_pop_tail(&lane->shown));
    if (record->fold > 0) {
        add_fold(lane, record, now);
        lane->fold_due = now;
    } else {
        g_queue_push_head(&lane->records, record);
    }
}

guint64 queue_count(const Queue *queue)
{
    guint64 count = 0;

    for (GList *l = queue->lanes.head; l; l = l->next) {
        const Lane *lane = l->data;
        count += lane->records.length + (lane->fold ? lane->fold->fold : 0);
    }
    return count;
}

/* How long until the rate lets the lane give one. What was given over a second ago is forgotten. */
static gint64 lane_paces(Lane *lane, guint rate, gint64 now)
{
    gint64 *first;

    while ((first = g_queue_peek_head(&lane->shown)) && *first + G_TIME_SPAN_SECOND <= now)
        g_free(g_queue_pop_head(&lane->shown));
    if (lane->shown.length < rate)
        return 0;
    return first ? *first + G_TIME_SPAN_SECOND - now : 0;
}

/* -1: the lane has nothing to give. */
static gint64 lane_wait(Lane *lane, guint rate, gint64 now)
{
    gint64 pace = lane_paces(lane, rate, now);

    if (lane->records.length > 0)
        return pace;
    return lane->fold ? MAX(pace, MAX(0, lane->fold_due - now)) : -1;
}

static Record *lane_take(Lane *lane, gint64 now)
{
    g_queue_push_tail(&lane->shown, g_memdup2(&now, sizeof(now)));
    if (lane->records.length > 0)
        return g_queue_pop_head(&lane->records);
    return g_steal_pointer(&lane->fold);
}

Record *queue_take(Queue *queue, guint rate, gint64 now, gint64 *wait)
{
    *wait = -1;
    for (guint turns = queue->lanes.length; turns > 0; turns--) {
        Lane *lane = g_queue_pop_head(&queue->lanes);
        gint64 waits = lane_wait(lane, rate, now);

        if (waits < 0 && lane->shown.length == 0) { /* nothing in it to remember */
            lane_free(lane);
            continue;
        }
        g_queue_push_tail(&queue->lanes, lane);
        if (waits == 0)
            return lane_take(lane, now);
        if (waits > 0)
            *wait = *wait < 0 ? waits : MIN(*wait, waits);
    }
    return NULL;
}

Record *queue_remove_slot(Queue *queue, const char *sandbox, const char *slot)
{
    Lane *lane = find_lane(queue, sandbox);

    return lane ? lane_unlink(lane, find_slot(lane, slot)) : NULL;
}

Record *queue_remove(Queue *queue, guint64 id)
{
    for (GList *lanes = queue->lanes.head; lanes; lanes = lanes->next) {
        Lane *lane = lanes->data;
        for (GList *l = lane->records.head; l; l = l->next) {
            if (((Record *)l->data)->id == id)
                return lane_unlink(lane, l);
        }
    }
    return NULL;
}
