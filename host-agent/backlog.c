/* SPDX-License-Identifier: ISC */
#include "backlog.h"

typedef struct {
    char *sandbox;
    GQueue items; /* BacklogItem, the oldest first */
    guint lost;
    gint64 paid; /* the time up to which the shown messages used the lane's allowance up */
} Lane;

struct Backlog {
    GQueue lanes; /* Lane, the one whose turn it is first */
};

void backlog_item_free(BacklogItem *item)
{
    g_free(item->sandbox);
    g_free(item->text);
    g_free(item);
}

static BacklogItem *item_new(const char *sandbox, const char *text, guint lost)
{
    BacklogItem *item = g_new0(BacklogItem, 1);

    item->sandbox = g_strdup(sandbox);
    item->text = g_strdup(text);
    item->lost = lost;
    return item;
}

static void lane_free(Lane *lane)
{
    g_queue_clear_full(&lane->items, (GDestroyNotify)backlog_item_free);
    g_free(lane->sandbox);
    g_free(lane);
}

static gboolean lane_is_empty(const Lane *lane)
{
    return lane->items.length == 0 && lane->lost == 0;
}

static void lane_trim(Lane *lane, guint max)
{
    while (lane->items.length > max) {
        backlog_item_free(g_queue_pop_head(&lane->items));
        lane->lost++;
    }
}

/* How long until the lane may give an item. */
static gint64 lane_wait(const Lane *lane, gint64 now)
{
    return MAX(0, lane->paid - now - (BACKLOG_BURST - 1) * BACKLOG_INTERVAL);
}

/* Where the next item would have to wait, the newest one goes now and the others count as lost: old
 * news is no news. Their count comes last. */
static BacklogItem *lane_take(Lane *lane, gint64 now)
{
    lane->paid = MAX(lane->paid, now) + BACKLOG_INTERVAL;
    if (lane_wait(lane, now) > 0)
        lane_trim(lane, 1);
    if (lane->items.length > 0)
        return g_queue_pop_head(&lane->items);

    BacklogItem *item = item_new(lane->sandbox, NULL, lane->lost);
    lane->lost = 0;
    return item;
}

Backlog *backlog_new(void)
{
    return g_new0(Backlog, 1);
}

void backlog_free(Backlog *backlog)
{
    g_queue_clear_full(&backlog->lanes, (GDestroyNotify)lane_free);
    g_free(backlog);
}

static Lane *backlog_lane(Backlog *backlog, const char *sandbox)
{
    for (GList *l = backlog->lanes.head; l; l = l->next) {
        if (g_str_equal(((Lane *)l->data)->sandbox, sandbox))
            return l->data;
    }
    Lane *lane = g_new0(Lane, 1);
    lane->sandbox = g_strdup(sandbox);
    g_queue_push_tail(&backlog->lanes, lane);
    return lane;
}

void backlog_add(Backlog *backlog, const char *sandbox, const char *text)
{
    Lane *lane = backlog_lane(backlog, sandbox);

    g_queue_push_tail(&lane->items, item_new(sandbox, text, 0));
    lane_trim(lane, BACKLOG_LANE_MAX);
}

void backlog_return(Backlog *backlog, BacklogItem *item)
{
    Lane *lane = backlog_lane(backlog, item->sandbox);

    lane->paid -= BACKLOG_INTERVAL;
    if (!item->text) {
        lane->lost += item->lost;
        backlog_item_free(item);
        return;
    }
    g_queue_push_head(&lane->items, item);
    lane_trim(lane, BACKLOG_LANE_MAX);
}

guint backlog_count(const Backlog *backlog)
{
    guint count = 0;

    for (GList *l = backlog->lanes.head; l; l = l->next) {
        const Lane *lane = l->data;
        count += lane->items.length + lane->lost;
    }
    return count;
}

BacklogItem *backlog_take(Backlog *backlog, gint64 now, gint64 *wait)
{
    *wait = -1;
    for (guint turns = backlog->lanes.length; turns > 0; turns--) {
        Lane *lane = g_queue_pop_head(&backlog->lanes);
        gint64 lane_waits = lane_wait(lane, now);

        if (lane_is_empty(lane) && lane->paid <= now) { /* nothing in it to remember */
            lane_free(lane);
            continue;
        }
        g_queue_push_tail(&backlog->lanes, lane);
        if (lane_is_empty(lane))
            continue;
        if (lane_waits == 0)
            return lane_take(lane, now);
        *wait = *wait < 0 ? lane_waits : MIN(*wait, lane_waits);
    }
    return NULL;
}
