/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PAGER_H
#define HOST_AGENT_PAGER_H

#include <glib.h>

/* Shows TEXT by the user's $PAGER, else by `less -R`, on the terminal, and waits. Neither runs in
 * PROJECT nor is a program of it. FALSE: TEXT has not been shown. */
gboolean pager_show(const char *text, const char *project, GError **error);

#endif
