/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_EDITS_H
#define HOST_AGENT_EDITS_H

#include <glib.h>

/* A line of one text or of both. */
typedef struct {
    char kind;        /* ' ' in both, '-' in the old one, '+' in the new one */
    const char *text; /* borrowed */
    gsize length;     /* with its newline, if it has one */
} Edit;

/* Line by line, how the text OLD becomes NEW: a GArray of Edit. By the fewest lines, unless they
 * are more than a thousand or so: then all between the first and the last one that differ is '-',
 * then '+'. Pure; either text may be NULL, of length 0. */
GArray *edits_between(const char *old, gsize old_length, const char *new, gsize new_length);

#endif
