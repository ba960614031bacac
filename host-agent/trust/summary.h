/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SUMMARY_H
#define HOST_AGENT_SUMMARY_H

#include "screen.h"

/* What FILES, of diff_trees(), come to: lines that fit the screen, with some of its rows to spare.
 * The file FIRST comes first; those that have no place are counted. Pure; free with g_free(). */
char *summary_text(GPtrArray *files, const char *first, const Screen *screen);

#endif
