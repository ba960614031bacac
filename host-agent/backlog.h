/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_BACKLOG_H
#define HOST_AGENT_BACKLOG_H

#include <glib.h>

/* The messages that are not shown yet. Each sandbox has a lane of its own, so that a noisy one
 * neither fills the memory or the screen nor keeps the others waiting: a full lane loses its oldest
 * messages, and after a burst a lane gives only its newest one every BACKLOG_INTERVAL. What is lost
 * is counted. Pure: the caller brings the time. */

#define BACKLOG_LANE_MAX 128 /* messages */
#define BACKLOG_BURST 128    /* messages */
#define BACKLOG_INTERVAL (2 * G_TIME_SPAN_SECOND)

typedef struct Backlog Backlog;

typedef struct {
    char *sandbox;
    char *text;  /* NULL: this stands for LOST messages */
    guint lost;  /* messages */
    guint tries; /* for the caller, 0 at first */
} BacklogItem;

Backlog *backlog_new(void);
void backlog_free(Backlog *backlog);

void backlog_add(Backlog *backlog, const char *sandbox, const char *text);

/* How many messages wait, the lost ones too. */
guint backlog_count(const Backlog *backlog);

/* The next item to show at NOW (µs of the monotonic clock), lanes taking turns; the caller frees it
 * with backlog_item_free() or gives it back. NULL when none may be shown yet: *wait is then the
 * time until one may (µs), or -1 when there is none at all. */
BacklogItem *backlog_take(Backlog *backlog, gint64 now, gint64 *wait);

/* Takes back ITEM, that could not be shown and is next in its lane again. */
void backlog_return(Backlog *backlog, BacklogItem *item);

void backlog_item_free(BacklogItem *item);

#endif
