/* SPDX-License-Identifier: ISC */
#include "floods.h"

typedef struct {
    guint64 count;
    gint64 last; /* when it was shown */
} Flood;

struct Floods {
    GHashTable *floods; /* sandbox -> Flood, both its own */
};

Floods *floods_new(void)
{
    Floods *f = g_new0(Floods, 1);

    f->floods = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return f;
}

void floods_free(Floods *f)
{
    g_hash_table_unref(f->floods);
    g_free(f);
}

guint64 floods_count(Floods *f, const Record *fold, gint64 now)
{
    Flood *flood = g_hash_table_lookup(f->floods, fold->sandbox);

    if (!flood) {
        flood = g_new0(Flood, 1);
        g_hash_table_insert(f->floods, g_strdup(fold->sandbox), flood);
    }
    if (flood->last + FLOODS_END < now)
        flood->count = 0;
    flood->count += fold->fold;
    flood->last = now;
    return flood->count;
}
