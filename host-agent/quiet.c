/* SPDX-License-Identifier: ISC */
#include "quiet.h"

static gboolean is_quiet(const ConfigNotify *notify, int minute)
{
    int from = notify->quiet_from, to = notify->quiet_to;

    if (from < 0)
        return FALSE;
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* The local time MINUTE after NOW, today or tomorrow. NULL beyond the calendar's end. */
static GDateTime *next_time(GDateTime *now, int minute, gboolean tomorrow)
{
    g_autoptr(GDateTime) day = g_date_time_add_days(now, tomorrow);
    int year, month, date;

    if (!day)
        return NULL;
    g_date_time_get_ymd(day, &year, &month, &date);
    return g_date_time_new(g_date_time_get_timezone(now), year, month, date, minute / 60,
                           minute % 60, 0);
}

gint64 quiet_left(const ConfigNotify *notify, GDateTime *now)
{
    int minute = g_date_time_get_hour(now) * 60 + g_date_time_get_minute(now);
    int to = notify->quiet_to;

    if (!is_quiet(notify, minute))
        return 0;
    g_autoptr(GDateTime) end = next_time(now, to, minute >= to);
    gint64 left = end ? g_date_time_difference(end, now) : 0;
    /* In the hour that comes twice, the end's first coming may be over. */
    if (left <= 0)
        left = (gint64)(to - minute) * G_TIME_SPAN_MINUTE -
               (gint64)(g_date_time_get_seconds(now) * (double)G_TIME_SPAN_SECOND);
    return MAX(1, (left + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND);
}
