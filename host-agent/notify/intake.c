/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include "fold.h"
#include "policy.h"
#include "tasks.h"

#include <string.h>

#define SILENT_RATE 50 /* messages a second that are not shown, and yet kept */

struct Intake {
    Journal *journal;
    IntakeShowFunc *show;
    IntakeSignFunc *sign;
    void *data;
    const ConfigNotify *config;
    Tasks *tasks;
    Fold *shown;
    Fold *silent;
    GPtrArray *batch; /* Record, of one sandbox */
    Record *fold;     /* of the batch, or NULL */
    gboolean dropped; /* a line of which nothing is kept came with the batch */
};

Intake *intake_new(Journal *journal, IntakeShowFunc *show, IntakeSignFunc *sign, void *data)
{
    Intake *in = g_new0(Intake, 1);

    in->journal = journal;
    in->show = show;
    in->sign = sign;
    in->data = data;
    in->tasks = tasks_new();
    in->shown = fold_new();
    in->silent = fold_new();
    in->batch = g_ptr_array_new();
    return in;
}

void intake_free(Intake *in)
{
    tasks_free(in->tasks);
    fold_free(in->shown);
    fold_free(in->silent);
    g_ptr_array_unref(in->batch);
    g_free(in);
}

void intake_configure(Intake *in, const ConfigNotify *config)
{
    in->config = config;
}

static Record *new_record(Intake *in, const char *sandbox, Message *message, const Mark *mark)
{
    Record *record = g_new0(Record, 1);

    record->time = g_get_real_time() / G_TIME_SPAN_MILLISECOND;
    record->took = tasks_note(in->tasks, sandbox, message, record->time);
    record->sandbox = g_strdup(sandbox);
    record->message = message;
    record->mark = *mark;
    return record;
}

/* The first that is folded gives the fold its place; each gives it its message. */
static void add_to_fold(Intake *in, Record *record)
{
    if (!in->fold) {
        in->fold = record;
        record->fold = 1;
        return;
    }
    in->fold->fold++;
    in->fold->mark = record->mark;
    message_free(in->fold->message);
    in->fold->message = g_steal_pointer(&record->message);
    record_free(record);
}

/* In the order in which the lines came, so that the last mark says how far the journal is. */
static void add_to_batch(Intake *in, Record *record)
{
    if (in->fold && in->fold != record)
        add_to_batch(in, in->fold);
    in->fold = NULL;
    record->id = journal_next(in->journal);
    g_ptr_array_add(in->batch, record);
}

static void admit(Intake *in, Record *record)
{
    gint64 now = g_get_monotonic_time();

    if (!policy_shows(in->config, record->message, record->took)) {
        record->state = RECORD_SILENT;
        if (fold_admits(in->silent, record->sandbox, SILENT_RATE, now)) {
            add_to_batch(in, record);
        } else {
            in->dropped = TRUE;
            record_free(record);
        }
    } else if (fold_admits(in->shown, record->sandbox, (guint)in->config->rate, now)) {
        add_to_batch(in, record);
    } else {
        add_to_fold(in, record);
    }
}

void intake_line(Intake *in, const char *sandbox, const char *line, gsize size, gboolean cut,
                 const Mark *mark)
{
    Message *message = message_parse(line, size, cut);

    if (message)
        admit(in, new_record(in, sandbox, message, mark));
    else
        in->dropped = TRUE;
}

static void tell(Intake *in, Record *record)
{
    const char *slot = message_slot(record->message);

    if (record->state == RECORD_WAITING) {
        in->show(record, in->data);
        return;
    }
    if (slot)
        in->sign(record->sandbox, slot, event_of(record->message), record->id, in->data);
    record_free(record);
}

gboolean intake_commit(Intake *in, const char *sandbox, const Mark *mark)
{
    gboolean much = in->fold || in->dropped || in->batch->len == 0;
    Mark kept;

    if (in->fold)
        add_to_batch(in, in->fold);
    if (in->batch->len > 0)
        journal_add(in->journal, in->batch);
    /* A line that was cut goes on, or is over now: the next bridge must know. */
    kept = journal_mark(in->journal, sandbox);
    if (kept.more != mark->more)
        journal_set_mark(in->journal, sandbox, mark);
    for (guint i = 0; i < in->batch->len; i++)
        tell(in, in->batch->pdata[i]);
    g_ptr_array_set_size(in->batch, 0);
    in->dropped = FALSE;
    return much;
}

Record *intake_message(Intake *in, const char *sandbox, Message *message)
{
    const Mark mark = journal_mark(in->journal, sandbox);
    g_autoptr(Record) record = new_record(in, sandbox, message, &mark);
    g_autoptr(GPtrArray) alone = g_ptr_array_new();

    if (!policy_shows(in->config, message, record->took) ||
        !fold_admits(in->shown, sandbox, (guint)in->config->rate, g_get_monotonic_time()))
        return NULL;
    record->id = journal_next(in->journal);
    g_ptr_array_add(alone, record);
    journal_add(in->journal, alone);
    return g_steal_pointer(&record);
}

void intake_forget(Intake *in, const char *sandbox)
{
    fold_forget(in->shown, sandbox);
    fold_forget(in->silent, sandbox);
}
