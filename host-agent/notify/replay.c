/* SPDX-License-Identifier: ISC */
#include "replay.h"

#include <string.h>

/* The state of a fold is that of its sandbox's folds before it. */
static void set_state(Replay *replay, guint64 id, RecordState state)
{
    const char *folds_of = NULL;

    for (guint i = replay->records->len; i-- > 0;) {
        Record *record = replay->records->pdata[i];
        if (record->id == id) {
            record->state = state;
            folds_of = record->fold > 0 ? record->sandbox : NULL;
            if (!folds_of)
                return;
        } else if (folds_of && record->fold > 0 && strcmp(record->sandbox, folds_of) == 0) {
            if (record->state != RECORD_WAITING)
                return;
            record->state = state;
        }
    }
}

static void take(Replay *replay, Record *record)
{
    g_autoptr(Record) owned = record;

    if (record->sandbox)
        g_hash_table_replace(replay->marks, g_strdup(record->sandbox),
                             g_memdup2(&record->mark, sizeof(record->mark)));
    if (record->id == 0)
        return;
    replay->last = MAX(replay->last, record->id);
    if (!record->sandbox)
        set_state(replay, record->id, record->state);
    else if (record->message)
        g_ptr_array_add(replay->records, g_steal_pointer(&owned));
}

Replay *replay_new(const char *text, gsize size)
{
    Replay *replay = g_new0(Replay, 1);
    const char *begin = text, *end = text + size;
    const char *newline;

    replay->records = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
    replay->marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (; text < end && (newline = memchr(text, '\n', (gsize)(end - text))); text = newline + 1) {
        Record *record = record_parse(text, (gsize)(newline - text));
        if (record)
            take(replay, record);
    }
    replay->whole = (gsize)(text - begin);
    return replay;
}

/* Merges an older fold into the one that stands for it. */
static void fold_into(GHashTable *folds, Record *record)
{
    Record *newer = g_hash_table_lookup(folds, record->sandbox);

    if (newer) {
        newer->fold += record->fold;
        record->fold = 0; /* said by the newer one */
    } else {
        g_hash_table_insert(folds, record->sandbox, record);
    }
}

/* One more of its sandbox's is over. FALSE: too many. */
static gboolean may_stay(GHashTable *counts, const Record *record)
{
    g_autofree char *key =
        g_strconcat(record->sandbox, record->state == RECORD_SILENT ? " silent" : "", NULL);
    guint *count = g_hash_table_lookup(counts, key);

    if (!count) {
        count = g_new0(guint, 1);
        g_hash_table_insert(counts, g_steal_pointer(&key), count);
    }
    return ++*count <= REPLAY_KEPT;
}

void replay_trim(Replay *replay)
{
    g_autoptr(GHashTable) folds = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
    g_autoptr(GHashTable) over = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (guint i = replay->records->len; i-- > 0;) {
        Record *record = replay->records->pdata[i];
        gboolean was_fold = record->fold > 0;
        if (record->state == RECORD_WAITING && was_fold)
            fold_into(folds, record);
        gboolean merged = was_fold && record->fold == 0;
        if (merged || (record->state != RECORD_WAITING && !may_stay(over, record)))
            continue;
        g_ptr_array_add(kept, g_steal_pointer(&replay->records->pdata[i]));
    }
    /* The oldest first again. */
    for (guint i = 0; i < kept->len / 2; i++) {
        gpointer swap = kept->pdata[i];
        kept->pdata[i] = kept->pdata[kept->len - 1 - i];
        kept->pdata[kept->len - 1 - i] = swap;
    }
    g_ptr_array_unref(replay->records);
    replay->records = kept;
}

GString *replay_print(const Replay *replay)
{
    GString *text = g_string_new(NULL);
    GHashTableIter iter;
    gpointer sandbox, mark;

    for (guint i = 0; i < replay->records->len; i++) {
        g_autofree char *line = record_print(replay->records->pdata[i]);
        g_string_append_printf(text, "%s\n", line);
    }
    g_hash_table_iter_init(&iter, replay->marks);
    while (g_hash_table_iter_next(&iter, &sandbox, &mark)) {
        g_autofree char *line = record_print_mark(sandbox, mark);
        g_string_append_printf(text, "%s\n", line);
    }
    return text;
}

void replay_free(Replay *replay)
{
    if (!replay)
        return;
    g_ptr_array_unref(replay->records);
    g_hash_table_unref(replay->marks);
    g_free(replay);
}
