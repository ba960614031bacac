/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_DIFF_H
#define HOST_AGENT_DIFF_H

#include <glib.h>

typedef enum { DIFF_NEW, DIFF_CHANGED, DIFF_REMOVED } DiffKind;

/* A file or directory that differs, in numbers. */
typedef struct {
    char *path; /* as it is: not fit for a terminal */
    DiffKind kind;
    gboolean executable;  /* it is one now */
    guint added, removed; /* lines */
    guint foreign;        /* added lines that have printable characters beyond ASCII */
    gsize longest;        /* the longest added line's characters */
    gsize hidden;         /* bytes, of what it was and is, that are not shown */
} DiffFile;

/* What changed from the tree OLD to the tree NEW (tree.h), as `diff -u` would say it, and as a
 * terminal may show it: whatever is not printable is \xNN, but for tabs. Of a file that is no text,
 * or has too many lines for anybody, its length and its SHA-256. "" if nothing changed. *files, a
 * GPtrArray of DiffFile that frees them, has what is in it; FILES may be NULL. Pure; free with
 * g_free(). */
char *diff_trees(GPtrArray *old, GPtrArray *new, GPtrArray **files);

#endif
