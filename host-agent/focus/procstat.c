/* SPDX-License-Identifier: ISC */
#include "procstat.h"

#include <string.h>
#include <sys/sysmacros.h>

/* A blank and a number. */
static gboolean take_number(const char **text, gint64 min, gint64 max, gint64 *number)
{
    char *stop;

    if (*(*text)++ != ' ')
        return FALSE;
    if (!g_ascii_isdigit(**text) && **text != '-')
        return FALSE;
    *number = g_ascii_strtoll(*text, &stop, 10);
    *text = stop;
    return *number >= min && *number <= max;
}

/* The kernel's 32 bits: the minor's low 8, the major's 12, the minor's high 12. */
static dev_t device(guint32 number)
{
    return makedev(number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xfff00));
}

/* `PID (NAME) STATE PARENT GROUP SESSION TERMINAL ...`: a process may give itself a name with
 * blanks and parentheses in it, and nothing after it has one. */
gboolean procstat_parse(const char *text, Procstat *process)
{
    gint64 parent, group, session, terminal;

    text = strrchr(text, ')');
    if (!text || text[1] != ' ' || !g_ascii_isalpha(text[2]))
        return FALSE;
    text += 3;
    if (!take_number(&text, 0, G_MAXINT, &parent) || !take_number(&text, -1, G_MAXINT, &group) ||
        !take_number(&text, -1, G_MAXINT, &session) ||
        !take_number(&text, G_MININT32, G_MAXINT32, &terminal))
        return FALSE;
    *process = (Procstat){(pid_t)parent, device((guint32)terminal)};
    return TRUE;
}
