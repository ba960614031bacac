/* SPDX-License-Identifier: ISC */
#include "compose.h"

#define LATE ((gint64)60 * 1000) /* ms */
#define HALF_DAY ((gint64)12 * 3600 * 1000)

char *compose_summary(const Record *record)
{
    if (record->fold == 0 && record->message && record->message->title)
        return g_strdup_printf("%s: %s", record->sandbox, record->message->title);
    return g_strdup(record->sandbox);
}

static char *when(gint64 time, gint64 now)
{
    g_autoptr(GDateTime) then = g_date_time_new_from_unix_local(time / 1000);

    if (now - time < LATE || !then)
        return g_strdup("");
    return g_date_time_format(then, now - time < HALF_DAY ? " (%H:%M)" : " (%a %H:%M)");
}

char *compose_body(const Record *record, const char *text, guint64 count, gint64 now)
{
    g_autofree char *time = when(record->time, now);

    if (record->fold == 0)
        return g_strconcat(text ? text : "", time, NULL);
    return g_strdup_printf("and %" G_GUINT64_FORMAT " more%s%s%s", count,
                           text ? ", the last: " : "", text ? text : "", time);
}
