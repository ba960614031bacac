/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TREE_H
#define HOST_AGENT_TREE_H

#include <glib.h>

/* What lies in a directory, in memory: directories and regular files. A GPtrArray of TreeEntry,
 * ordered by path. Pure. */
typedef struct {
    char *path;    /* relative, without . and .. */
    GBytes *bytes; /* NULL: a directory */
    gboolean executable;
} TreeEntry;

GPtrArray *tree_new(void);

/* Takes BYTES, NULL for a directory. */
void tree_add(GPtrArray *tree, const char *path, GBytes *bytes, gboolean executable);
void tree_sort(GPtrArray *tree);

/* In a sorted one; NULL if there is none. */
const TreeEntry *tree_find(GPtrArray *tree, const char *path);

/* SHA-256, in hexadecimal digits, of all that a sorted tree holds. Free with g_free(). */
char *tree_hash(GPtrArray *tree);

#endif
