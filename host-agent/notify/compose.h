/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_COMPOSE_H
#define HOST_AGENT_COMPOSE_H

#include "record.h"

/* A record's words on the desktop. Pure but for the time zone. Free with g_free(). */

/* The sandbox's name, which nothing it says comes before, and its title. */
char *compose_summary(const Record *record);

/* TEXT, or for a fold how many COUNT there were and TEXT as the last; with the time of arrival
 * where that is a while before NOW (ms since 1970). */
char *compose_body(const Record *record, const char *text, guint64 count, gint64 now);

#endif
