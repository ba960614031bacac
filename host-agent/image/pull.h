/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PULL_H
#define HOST_AGENT_PULL_H

#include "config/config.h"
#include "imageinfo.h"

/* Getting the image from the configured registry. One at a time: pulls have a lock of their own.
 * config->image changes only when all of the new one is there. */

typedef enum {
    PULL_NEW,         /* config->image is the registry's now */
    PULL_HERE,        /* it is now, and lay here under another name */
    PULL_SAME,        /* it was before */
    PULL_OLDER,       /* it was built here, later than the registry's: so it stays */
    PULL_ROLLED_BACK, /* the registry's is what was rolled back from: so it stays away */
    PULL_UNDATED,     /* the registry's tells no date, so it may be older: the local one stays */
    PULL_GOES_ON,     /* in the background */
    PULL_UNANSWERED,  /* the same, and the registry has not answered yet */
    PULL_UNDER_WAY,   /* by another process */
} PullOutcome;

/* Waits for it, however long the layers take; podman's own progress goes to standard error. FORCE:
 * the registry's, be it older. G_IO_ERROR_CANCELLED: by a signal. */
gboolean pull_run(const Config *config, gboolean force, PullOutcome *outcome, GError **error);

/* Starts it as a process of its own, which goes on after us, and waits MILLISECONDS for its end. */
gboolean pull_start(const Config *config, int milliseconds, PullOutcome *outcome, GError **error);

/* The same where the registry has not told yet what it has: that process asks, gives up where no
 * answer comes, and pulls only what is to take the local one's place. Nobody waits for it. */
gboolean pull_start_asking(const Config *config, PullOutcome *outcome, GError **error);

/* What the registry has is here already, as the image ID. */
gboolean pull_adopt(const Config *config, const char *id, gboolean force, PullOutcome *outcome,
                    GError **error);

/* Pure: what becomes of the registry's image NEW, where the local one is CURRENT (NULL: none), BAD
 * was rolled back from (NULL: none), and HOME is the local name's repository. */
PullOutcome pull_judge(const ImageInfo *new, const ImageInfo *current, const ImageInfo *bad,
                       const char *home);

char *pull_log(void); /* the path of what the background has to say */

#endif
