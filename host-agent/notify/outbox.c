/* SPDX-License-Identifier: ISC */
#include "outbox.h"

#include "queue.h"
#include "quiet.h"

struct Outbox {
    Journal *journal;
    GMutex lock; /* of all below */
    const ConfigNotify *config;
    Queue *queue;
    GHashTable *questions; /* ids (guint64) of the queue's records that offer an answer */
    GQueue over;           /* OutboxOver */
};

Outbox *outbox_new(Journal *journal, const ConfigNotify *config)
{
    Outbox *o = g_new0(Outbox, 1);

    o->journal = journal;
    o->config = config;
    g_mutex_init(&o->lock);
    o->queue = queue_new();
    o->questions = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return o;
}

void outbox_over_free(OutboxOver *over)
{
    g_free(over->sandbox);
    g_free(over->slot);
    g_free(over);
}

void outbox_free(Outbox *o)
{
    queue_free(o->queue);
    g_hash_table_unref(o->questions);
    g_queue_clear_full(&o->over, (GDestroyNotify)outbox_over_free);
    g_mutex_clear(&o->lock);
    g_free(o);
}

void outbox_configure(Outbox *o, const ConfigNotify *config)
{
    g_mutex_lock(&o->lock);
    o->config = config;
    g_mutex_unlock(&o->lock);
}

/* One that had to make room is counted from now on, in a fold that is kept as any other is. */
static void refold(Outbox *o, Record *record)
{
    guint64 old = record->id;

    record->id = journal_next(o->journal);
    record->mark = journal_mark(o->journal, record->sandbox);
    record->state = RECORD_WAITING;
    record->fold = 1;
    journal_fold(o->journal, record, old);
    queue_add(o->queue, record, g_get_monotonic_time());
}

static void account_for(Outbox *o, Record *record)
{
    if (record->state == RECORD_FOLDED) {
        refold(o, record);
        return;
    }
    journal_set_state(o->journal, record->id, record->state);
    record_free(record);
}

void outbox_add(Outbox *o, Record *record, gboolean question)
{
    g_mutex_lock(&o->lock);
    if (question)
        g_hash_table_add(o->questions, g_memdup2(&record->id, sizeof(record->id)));
    Record *out = queue_add(o->queue, record, g_get_monotonic_time());
    if (out) {
        g_hash_table_remove(o->questions, &out->id);
        account_for(o, out);
    }
    g_mutex_unlock(&o->lock);
}

/* Takes QUEUED, which may be NULL. */
static void add_over(Outbox *o, const char *sandbox, const char *slot, guint64 id, Record *queued)
{
    OutboxOver *over = g_new0(OutboxOver, 1);

    *over = (OutboxOver){g_strdup(sandbox), g_strdup(slot), id};
    g_queue_push_tail(&o->over, over);
    if (queued) {
        queued->state = RECORD_REPLACED;
        account_for(o, queued);
    }
}

void outbox_over(Outbox *o, const char *sandbox, const char *slot, guint64 id)
{
    g_mutex_lock(&o->lock);
    add_over(o, sandbox, slot, id, queue_remove_slot(o->queue, sandbox, slot));
    g_mutex_unlock(&o->lock);
}

void outbox_withdraw(Outbox *o, guint64 id)
{
    g_mutex_lock(&o->lock);
    g_hash_table_remove(o->questions, &id);
    add_over(o, NULL, NULL, id, queue_remove(o->queue, id));
    g_mutex_unlock(&o->lock);
}

OutboxOver *outbox_next_over(Outbox *o)
{
    g_mutex_lock(&o->lock);
    OutboxOver *over = g_queue_pop_head(&o->over);
    g_mutex_unlock(&o->lock);
    return over;
}

Record *outbox_take(Outbox *o, gboolean *question, gint64 *wait)
{
    g_mutex_lock(&o->lock);
    Record *record = queue_take(o->queue, (guint)o->config->rate, g_get_monotonic_time(), wait);
    *question = record && g_hash_table_remove(o->questions, &record->id);
    g_mutex_unlock(&o->lock);
    return record;
}

/* Was RECORD ended while the desktop's thread had it? */
static gboolean is_over(const Outbox *o, const Record *record)
{
    const char *slot = message_slot(record->message);

    for (const GList *l = o->over.head; l && record->fold == 0; l = l->next) {
        const OutboxOver *over = l->data;
        if (over->slot ? record->id < over->id && g_strcmp0(over->slot, slot) == 0 &&
                             g_strcmp0(over->sandbox, record->sandbox) == 0
                       : record->id == over->id)
            return TRUE;
    }
    return FALSE;
}

void outbox_return(Outbox *o, Record *record, gboolean question)
{
    g_mutex_lock(&o->lock);
    if (is_over(o, record)) {
        record->state = RECORD_REPLACED;
        account_for(o, record);
        g_mutex_unlock(&o->lock);
        return;
    }
    if (question)
        g_hash_table_add(o->questions, g_memdup2(&record->id, sizeof(record->id)));
    queue_return(o->queue, record, g_get_monotonic_time());
    g_mutex_unlock(&o->lock);
}

guint64 outbox_unask(Outbox *o)
{
    GHashTableIter iter;
    gpointer key;
    guint64 id = 0;

    g_mutex_lock(&o->lock);
    g_hash_table_iter_init(&iter, o->questions);
    if (g_hash_table_iter_next(&iter, &key, NULL)) {
        id = *(const guint64 *)key;
        g_hash_table_iter_remove(&iter);
    }
    g_mutex_unlock(&o->lock);
    return id;
}

guint64 outbox_count(Outbox *o)
{
    g_mutex_lock(&o->lock);
    guint64 count = queue_count(o->queue);
    g_mutex_unlock(&o->lock);
    return count;
}

gint64 outbox_quiet(Outbox *o)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();

    g_mutex_lock(&o->lock);
    gint64 quiet = quiet_left(o->config, now);
    g_mutex_unlock(&o->lock);
    return quiet;
}

Policy outbox_policy(Outbox *o, const Record *record)
{
    g_mutex_lock(&o->lock);
    Policy policy = policy_for(o->config, record->message, record->took);
    g_mutex_unlock(&o->lock);
    return policy;
}
