/* SPDX-License-Identifier: ISC */
#include "notify.h"
#include "backlog.h"
#include "printable.h"
#include "service.h"

#include <libnotify/notify.h>

#define APP_NAME "host-agent"
#define RETRY_FIRST 250  /* ms, doubled at each failure */
#define RETRY_LAST 60000 /* ms */
#define TRIES_MAX 3      /* of one message, at a service that answers */
#define STOP_TIMEOUT G_TIME_SPAN_SECOND

/* libnotify's calls wait for the service, up to 25 s for one that hangs. So a thread of its own
 * talks to the desktop, and only that thread: libnotify keeps one proxy for the whole process. */
struct Notifier {
    GMutex lock;
    GCond ended;
    Backlog *backlog;  /* under lock */
    gboolean woken;    /* under lock: the thread will look into the backlog */
    gboolean stopping; /* under lock */
    gboolean stopped;  /* under lock */
    GMainContext *context;
    GThread *thread;

    /* The rest is the thread's alone. */
    GMainLoop *loop;
    GSource *timer;
    guint retry; /* ms; 0: nothing failed since the last message was shown */
    Service service;
};

static gboolean notifier_work(gpointer data);

static void notifier_unschedule(Notifier *n)
{
    if (n->timer)
        g_source_destroy(n->timer);
    g_clear_pointer(&n->timer, g_source_unref);
}

static void notifier_schedule(Notifier *n, guint ms)
{
    notifier_unschedule(n);
    n->timer = g_timeout_source_new(ms);
    g_source_set_callback(n->timer, notifier_work, n, NULL);
    g_source_attach(n->timer, n->context);
}

/* Something changed for the better, perhaps: no need to wait any longer. */
static void notifier_hurry(Notifier *n)
{
    n->retry = 0;
    notifier_schedule(n, 0);
}

/* GLib gives out a closed connection again for as long as somebody holds it, so libnotify must let
 * go of it, too. */
static void on_service_changed(void *data)
{
    Notifier *n = data;

    if (!n->service.bus) {
        notify_uninit();
        notify_init(APP_NAME);
    }
    notifier_hurry(n);
}

static gboolean item_show(const Notifier *n, const BacklogItem *item, GError **error)
{
    g_autofree char *lost = g_strdup_printf("and %u more", item->lost);
    const char *text = item->text ? item->text : lost;
    g_autofree char *body = n->service.markup ? g_markup_escape_text(text, -1) : g_strdup(text);
    NotifyNotification *note = notify_notification_new(item->sandbox, body, NULL);

    notify_notification_set_urgency(note, NOTIFY_URGENCY_CRITICAL);
    gboolean shown = notify_notification_show(note, error);
    g_object_unref(note);
    return shown;
}

static void notifier_failed(Notifier *n, const GError *error)
{
    g_autofree char *why = printable(error->message);

    if (n->retry == 0)
        g_printerr("host-agent: notify: messages wait for a notification service: %s\n", why);
    service_doubt(&n->service);
    n->retry = CLAMP(n->retry * 2, RETRY_FIRST, RETRY_LAST);
    notifier_schedule(n, n->retry);
}

/* A message that a service which answers does not take is given up after some tries, or the others
 * would wait behind it for ever. */
static void item_failed(Notifier *n, BacklogItem *item, const GError *error)
{
    if (++item->tries == TRIES_MAX) {
        g_autofree char *why = printable(error->message);
        g_printerr("host-agent: notify: a message of %s was not taken: %s\n", item->sandbox, why);
        backlog_item_free(item);
    } else {
        g_mutex_lock(&n->lock);
        backlog_return(n->backlog, item);
        g_mutex_unlock(&n->lock);
    }
    notifier_failed(n, error);
}

/* The next item that may be shown; without one, comes back when there is. */
static BacklogItem *notifier_take(Notifier *n)
{
    gint64 wait;

    g_mutex_lock(&n->lock);
    BacklogItem *item = backlog_take(n->backlog, g_get_monotonic_time(), &wait);
    if (!item && n->stopping)
        g_main_loop_quit(n->loop);
    g_mutex_unlock(&n->lock);
    if (!item && wait >= 0)
        notifier_schedule(n, wait / G_TIME_SPAN_MILLISECOND + 1);
    return item;
}

static gboolean notifier_idle(Notifier *n)
{
    g_mutex_lock(&n->lock);
    gboolean stopping = n->stopping;
    guint count = backlog_count(n->backlog);
    g_mutex_unlock(&n->lock);
    if (stopping && (count == 0 || n->retry > 0))
        g_main_loop_quit(n->loop);
    return count == 0;
}

/* Shows one message, so that what the bus tells is heard between any two. */
static gboolean notifier_work(gpointer data)
{
    Notifier *n = data;
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&n->timer, g_source_unref);
    if (notifier_idle(n))
        return G_SOURCE_REMOVE;
    if (!service_reach(&n->service, &error)) {
        notifier_failed(n, error);
        return G_SOURCE_REMOVE;
    }
    BacklogItem *item = notifier_take(n);
    if (!item)
        return G_SOURCE_REMOVE;
    if (!item_show(n, item, &error)) {
        item_failed(n, item, error);
        return G_SOURCE_REMOVE;
    }
    backlog_item_free(item);
    notifier_hurry(n);
    return G_SOURCE_REMOVE;
}

static gboolean notifier_woken(gpointer data)
{
    Notifier *n = data;

    g_mutex_lock(&n->lock);
    n->woken = FALSE;
    gboolean stopping = n->stopping;
    g_mutex_unlock(&n->lock);
    if (stopping)
        notifier_hurry(n);
    else if (!n->timer)
        notifier_schedule(n, 0);
    return G_SOURCE_REMOVE;
}

/* While the thread hangs in a call, one wake-up waits for it, however many messages come. */
static void notifier_wake(Notifier *n)
{
    if (n->woken)
        return;
    n->woken = TRUE;
    g_autoptr(GSource) source = g_idle_source_new();
    g_source_set_callback(source, notifier_woken, n, NULL);
    g_source_attach(source, n->context);
}

static gpointer notifier_thread(gpointer data)
{
    Notifier *n = data;

    g_main_context_push_thread_default(n->context);
    n->loop = g_main_loop_new(n->context, FALSE);
    notify_init(APP_NAME);
    service_init(&n->service, on_service_changed, n);
    g_main_loop_run(n->loop);

    service_clear(&n->service);
    notify_uninit();
    notifier_unschedule(n);
    while (g_main_context_iteration(n->context, FALSE))
        ; /* GDBus frees what belonged to a subscription in the context that it was made in */
    g_main_loop_unref(n->loop);
    g_main_context_pop_thread_default(n->context);

    g_mutex_lock(&n->lock);
    n->stopped = TRUE;
    g_cond_signal(&n->ended);
    g_mutex_unlock(&n->lock);
    return NULL;
}

Notifier *notifier_new(void)
{
    Notifier *n = g_new0(Notifier, 1);

    service_name_bus();
    g_mutex_init(&n->lock);
    g_cond_init(&n->ended);
    n->backlog = backlog_new();
    n->context = g_main_context_new();
    n->thread = g_thread_new("notify", notifier_thread, n);
    return n;
}

void notifier_show(Notifier *n, const char *sandbox, const char *text)
{
    g_mutex_lock(&n->lock);
    backlog_add(n->backlog, sandbox, text);
    notifier_wake(n);
    g_mutex_unlock(&n->lock);
}

guint notifier_free(Notifier *n)
{
    gint64 until = g_get_monotonic_time() + STOP_TIMEOUT;

    g_mutex_lock(&n->lock);
    n->stopping = TRUE;
    notifier_wake(n);
    while (!n->stopped && g_cond_wait_until(&n->ended, &n->lock, until))
        ;
    gboolean stopped = n->stopped;
    guint left = backlog_count(n->backlog);
    g_mutex_unlock(&n->lock);
    if (!stopped) {
        g_thread_unref(n->thread); /* it hangs in a call: what it uses is its own for ever */
        return left;
    }
    g_thread_join(n->thread);
    g_main_context_unref(n->context);
    backlog_free(n->backlog);
    g_cond_clear(&n->ended);
    g_mutex_clear(&n->lock);
    g_free(n);
    return left;
}
