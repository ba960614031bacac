/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_FLOODS_H
#define HOST_AGENT_FLOODS_H

#include "record.h"

/* How many messages each sandbox's flood has counted so far, for the one notification that grows
 * while it lasts. Pure: the caller brings the time (µs of the monotonic clock). */
#define FLOODS_END (5 * G_TIME_SPAN_SECOND) /* a fold that comes later begins another flood */

typedef struct Floods Floods;

Floods *floods_new(void);
void floods_free(Floods *floods);

/* FOLD is shown at NOW: its flood's count. */
guint64 floods_count(Floods *floods, const Record *fold, gint64 now);

#endif
