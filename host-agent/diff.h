/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_DIFF_H
#define HOST_AGENT_DIFF_H

#include <glib.h>

/* What changed from the tree OLD to the tree NEW (tree.h), as `diff -u` would say it, and as a
 * terminal may show it: whatever is not printable is \xNN, but for tabs. Of a file that is no text,
 * its length and its SHA-256. "" if nothing changed. Pure; free with g_free(). */
char *diff_trees(GPtrArray *old, GPtrArray *new);

#endif
