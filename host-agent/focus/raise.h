/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_RAISE_H
#define HOST_AGENT_RAISE_H

#include "pane.h"

/* Starts the user's COMMAND (words quoted as in a shell, which does not run it) in the background.
 * Its environment tells the sandbox's name, and PANE, which may be NULL. What it has to say goes to
 * $XDG_STATE_HOME/host-agent/raise.log, which holds the last one's words. */
gboolean raise_run(const char *command, const char *sandbox, const Pane *pane, GError **error);

#endif
