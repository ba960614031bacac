/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_FOLD_H
#define HOST_AGENT_FOLD_H

#include <glib.h>

/* Which messages of a burst are told one by one, and which are only counted. A sandbox may send
 * RATE at once, and RATE a second; once it was faster, all it sends is counted until it has been
 * quiet for as long as RATE messages take, a second. Pure: the caller brings the time. */
typedef struct Fold Fold;

Fold *fold_new(void);
void fold_free(Fold *fold);

/* Whether a message of SANDBOX at NOW (µs of the monotonic clock) is told, at RATE a second. */
gboolean fold_admits(Fold *fold, const char *sandbox, guint rate, gint64 now);

void fold_forget(Fold *fold, const char *sandbox);

#endif
