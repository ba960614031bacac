/* SPDX-License-Identifier: ISC */
#include "tree.h"

#include <string.h>

static void entry_free(TreeEntry *entry)
{
    g_free(entry->path);
    if (entry->bytes)
        g_bytes_unref(entry->bytes);
    g_free(entry);
}

GPtrArray *tree_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
}

void tree_add(GPtrArray *tree, const char *path, GBytes *bytes, gboolean executable)
{
    TreeEntry *entry = g_new0(TreeEntry, 1);

    entry->path = g_strdup(path);
    entry->bytes = bytes;
    entry->executable = executable;
    g_ptr_array_add(tree, entry);
}

static gint by_path(gconstpointer a, gconstpointer b)
{
    const TreeEntry *const *left = a;
    const TreeEntry *const *right = b;

    return strcmp((*left)->path, (*right)->path);
}

void tree_sort(GPtrArray *tree)
{
    g_ptr_array_sort(tree, by_path);
}

const TreeEntry *tree_find(GPtrArray *tree, const char *path)
{
    for (guint i = 0; i < tree->len; i++) {
        const TreeEntry *entry = tree->pdata[i];
        if (strcmp(entry->path, path) == 0)
            return entry;
    }
    return NULL;
}

/* Each part says how long it is, so that no two trees are the same bytes. */
char *tree_hash(GPtrArray *tree)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (guint i = 0; i < tree->len; i++) {
        const TreeEntry *entry = tree->pdata[i];
        gsize length = 0;
        const void *data = entry->bytes ? g_bytes_get_data(entry->bytes, &length) : NULL;
        const char *kind = !entry->bytes ? "dir" : entry->executable ? "program" : "file";
        g_autofree char *head =
            g_strdup_printf("%s %zu %zu\n%s", kind, strlen(entry->path), length, entry->path);
        g_checksum_update(sum, (const guchar *)head, (gssize)strlen(head));
        if (length > 0)
            g_checksum_update(sum, data, (gssize)length);
    }
    return g_strdup(g_checksum_get_string(sum));
}
