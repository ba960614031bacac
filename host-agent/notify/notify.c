/* SPDX-License-Identifier: ISC */
#include "notify.h"

#include "base/printable.h"
#include "compose.h"
#include "floods.h"

#define RETRY_FIRST 250  /* ms, doubled at each failure */
#define RETRY_LAST 60000 /* ms */
#define TRIES_MAX 3      /* of one message, at a service that answers */
#define QUIET_MAX 60     /* seconds: the clock may be set */
#define STOP_TIMEOUT G_TIME_SPAN_SECOND
#define FOLD_SLOT "and more" /* no word of a message's */

/* libnotify's calls wait for the service. So a thread of its own talks to the desktop, and only
 * that thread: libnotify keeps one proxy for the whole process. */
struct Notifier {
    Outbox *outbox;
    Journal *journal;
    PopupsFunc *func;
    void *data;

    GMutex lock; /* of these: */
    GCond ended;
    gboolean woken; /* the thread will look into the outbox */
    gboolean stopping;
    gboolean stopped;

    GMainContext *context;
    GThread *thread;

    /* The rest is the thread's alone. */
    GMainLoop *loop;
    GSource *timer;
    guint retry; /* ms; 0: nothing failed since the last message was shown */
    Floods *floods;
    Service service;
    guint gone; /* the service's count of those that POPUPS has forgotten */
    Popups *popups;
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

static void on_service_changed(void *data)
{
    Notifier *n = data;

    if (!n->service.bus)
        popups_reconnect(n->popups);
    notifier_hurry(n);
}

static gboolean record_show(Notifier *n, const Record *record, const Policy *policy,
                            gboolean question, GError **error)
{
    guint64 count = record->fold > 0 ? floods_count(n->floods, record, g_get_monotonic_time()) : 0;
    g_autofree char *summary = compose_summary(record);
    g_autofree char *body =
        compose_body(record, policy->text, count, g_get_real_time() / G_TIME_SPAN_MILLISECOND);
    const char *slot = message_slot(record->message);
    const Popup popup = {
        .id = record->id,
        .sandbox = record->sandbox,
        .slot = record->fold > 0 ? FOLD_SLOT
                : question       ? NULL
                                 : slot,
        .summary = summary,
        .body = body,
        .icon = policy->icon,
        .sound = policy->sound,
        .urgency = policy->urgency,
        .client = record->message->client,
        .question = question,
    };

    /* A question has its notification to itself: nothing may take its buttons away. */
    if (question && slot)
        popups_close_slot(n->popups, record->sandbox, slot, record->id);
    return popups_show(n->popups, &popup, &n->service, error);
}

/* Nobody sees the questions that wait: whoever asked is not to wait for an answer. */
static void notifier_failed(Notifier *n, const GError *error)
{
    g_autofree char *why = printable(error->message);
    guint64 id;

    while ((id = outbox_unask(n->outbox)) > 0)
        popups_dismiss(n->popups, id);
    if (n->retry == 0)
        g_printerr("host-agent: notify: messages wait for a notification service: %s\n", why);
    service_doubt(&n->service);
    n->retry = CLAMP(n->retry * 2, RETRY_FIRST, RETRY_LAST);
    notifier_schedule(n, n->retry);
}

/* A message that a service which answers does not take is given up after some tries, or the others
 * would wait behind it for ever. */
static void record_failed(Notifier *n, Record *record, gboolean question, const GError *error)
{
    if (++record->tries == TRIES_MAX) {
        g_autofree char *why = printable(error->message);
        g_printerr("host-agent: notify: a message of %s was not taken: %s\n", record->sandbox, why);
        journal_set_state(n->journal, record->id, RECORD_FAILED);
        record_free(record);
    } else {
        outbox_return(n->outbox, record, question);
    }
    notifier_failed(n, error);
}

static gboolean is_stopping(Notifier *n)
{
    g_mutex_lock(&n->lock);
    gboolean stopping = n->stopping;
    g_mutex_unlock(&n->lock);
    return stopping;
}

/* An id of another service's may be another program's notification by now. */
static void forget_what_is_gone(Notifier *n)
{
    if (n->gone != n->service.gone)
        popups_forget(n->popups);
    n->gone = n->service.gone;
}

static void close_what_is_over(Notifier *n)
{
    OutboxOver *over;

    while ((over = outbox_next_over(n->outbox))) {
        if (over->slot)
            popups_close_slot(n->popups, over->sandbox, over->slot, over->id);
        else
            popups_close(n->popups, over->id);
        outbox_over_free(over);
    }
}

/* Whether there is something to show now. */
static gboolean may_show(Notifier *n)
{
    gint64 quiet = outbox_quiet(n->outbox);
    guint64 count = outbox_count(n->outbox);

    if (is_stopping(n) && (count == 0 || quiet > 0 || n->retry > 0))
        g_main_loop_quit(n->loop);
    else if (count > 0 && quiet > 0)
        notifier_schedule(n, (guint)MIN(quiet, QUIET_MAX) * 1000);
    return count > 0 && quiet == 0;
}

/* The next record that may be shown; without one, comes back when there is. */
static Record *take(Notifier *n, gboolean *question)
{
    gint64 wait;
    Record *record = outbox_take(n->outbox, question, &wait);

    if (!record && is_stopping(n))
        g_main_loop_quit(n->loop);
    else if (!record && wait >= 0)
        notifier_schedule(n, (guint)(wait / G_TIME_SPAN_MILLISECOND) + 1);
    return record;
}

/* Takes RECORD. FALSE: to be tried again, if at all. */
static gboolean deliver(Notifier *n, Record *record, gboolean question)
{
    g_auto(Policy) policy = outbox_policy(n->outbox, record);
    RecordState state = RECORD_SHOWN;
    g_autoptr(GError) error = NULL;

    if (!policy.show && record->fold == 0) { /* the settings are others than when it came */
        state = RECORD_SILENT;
    } else if (!record_show(n, record, &policy, question, &error)) {
        record_failed(n, record, question, error);
        return FALSE;
    }
    journal_set_state(n->journal, record->id, state);
    record_free(record);
    return TRUE;
}

/* Shows one message, so that what the bus tells is heard between any two. */
static gboolean notifier_work(gpointer data)
{
    Notifier *n = data;
    g_autoptr(GError) error = NULL;
    gboolean question;

    g_clear_pointer(&n->timer, g_source_unref);
    forget_what_is_gone(n);
    close_what_is_over(n);
    if (!may_show(n))
        return G_SOURCE_REMOVE;
    if (!service_reach(&n->service, &error)) {
        notifier_failed(n, error);
        return G_SOURCE_REMOVE;
    }
    Record *record = take(n, &question);
    if (record && deliver(n, record, question))
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
    else if (n->retry == 0 || !n->timer) /* the last retry may have had nothing to show */
        notifier_schedule(n, 0);
    return G_SOURCE_REMOVE;
}

static void thread_begin(Notifier *n)
{
    g_main_context_push_thread_default(n->context);
    n->loop = g_main_loop_new(n->context, FALSE);
    n->floods = floods_new();
    n->popups = popups_new(n->func, n->data);
    service_init(&n->service, on_service_changed, n);
}

static void thread_end(Notifier *n)
{
    service_clear(&n->service);
    popups_free(n->popups);
    notifier_unschedule(n);
    while (g_main_context_iteration(n->context, FALSE))
        ; /* GDBus frees what belonged to a subscription in the context that it was made in */
    floods_free(n->floods);
    g_main_loop_unref(n->loop);
    g_main_context_pop_thread_default(n->context);
}

static gpointer notifier_thread(gpointer data)
{
    Notifier *n = data;

    thread_begin(n);
    g_main_loop_run(n->loop);
    thread_end(n);
    g_mutex_lock(&n->lock);
    n->stopped = TRUE;
    g_cond_signal(&n->ended);
    g_mutex_unlock(&n->lock);
    return NULL;
}

Notifier *notifier_new(Outbox *outbox, Journal *journal, PopupsFunc *func, void *data)
{
    Notifier *n = g_new0(Notifier, 1);

    service_name_bus();
    n->outbox = outbox;
    n->journal = journal;
    n->func = func;
    n->data = data;
    g_mutex_init(&n->lock);
    g_cond_init(&n->ended);
    n->context = g_main_context_new();
    n->thread = g_thread_new("notify", notifier_thread, n);
    return n;
}

/* Under the lock. While the thread hangs in a call, one wake-up waits for it, however many messages
 * come. */
static void wake(Notifier *n)
{
    if (n->woken)
        return;
    n->woken = TRUE;
    g_autoptr(GSource) source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, notifier_woken, n, NULL);
    g_source_attach(source, n->context);
}

void notifier_wake(Notifier *n)
{
    g_mutex_lock(&n->lock);
    wake(n);
    g_mutex_unlock(&n->lock);
}

gboolean notifier_free(Notifier *n)
{
    gint64 until = g_get_monotonic_time() + STOP_TIMEOUT;

    g_mutex_lock(&n->lock);
    n->stopping = TRUE;
    wake(n);
    while (!n->stopped && g_cond_wait_until(&n->ended, &n->lock, until))
        ;
    gboolean stopped = n->stopped;
    g_mutex_unlock(&n->lock);
    if (!stopped) {
        g_thread_unref(n->thread);
        return FALSE;
    }
    g_thread_join(n->thread);
    g_main_context_unref(n->context);
    g_cond_clear(&n->ended);
    g_mutex_clear(&n->lock);
    g_free(n);
    return TRUE;
}
