/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_QUIET_H
#define HOST_AGENT_QUIET_H

#include "config/config.h"

/* Seconds until the quiet hours end, by the clock and the time zone of NOW; 0: it is not quiet.
 * Pure. Where summer time begins or ends meanwhile, the end is still the local time that the
 * settings name. */
gint64 quiet_left(const ConfigNotify *notify, GDateTime *now);

#endif
