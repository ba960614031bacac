/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_CHOOSE_H
#define HOST_AGENT_CHOOSE_H

#include "sandbox.h"

/* Which sandbox a verb means. What they return belongs to LIST; NULL sets *error. */

/* The one named NAME. */
Sandbox *choose_named(GPtrArray *list, const char *name, GError **error);

/* The one of the current directory or of its nearest parent that has one. */
Sandbox *choose_here(GPtrArray *list, GError **error);

/* A running one: NAME's; with NAME NULL that of the current directory, else the only one. */
Sandbox *choose_running(GPtrArray *list, const char *name, GError **error);

#endif
