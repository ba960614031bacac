/* SPDX-License-Identifier: ISC */
#include "quiet.h"

#define DAY 1440 /* minutes */

static gboolean is_quiet(const ConfigNotify *notify, int minute)
{
    int from = notify->quiet_from, to = notify->quiet_to;

    if (from < 0)
        return FALSE;
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* By how much the clock is set forward between NOW and NOW + SPAN. */
static GTimeSpan change(GDateTime *now, GTimeSpan span)
{
    g_autoptr(GDateTime) then = g_date_time_add(now, span);

    return then ? g_date_time_get_utc_offset(then) - g_date_time_get_utc_offset(now) : 0;
}

gint64 quiet_left(const ConfigNotify *notify, GDateTime *now)
{
    int minute = g_date_time_get_hour(now) * 60 + g_date_time_get_minute(now);

    if (!is_quiet(notify, minute))
        return 0;
    GTimeSpan left = (notify->quiet_to - minute + DAY) % DAY * G_TIME_SPAN_MINUTE -
                     g_date_time_get_second(now) * G_TIME_SPAN_SECOND -
                     g_date_time_get_microsecond(now);
    GTimeSpan set = change(now, left);
    if (set < left) /* else the end is a time that this day does not have */
        left -= set;
    return (left + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND;
}
