/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SSHINCLUDE_H
#define HOST_AGENT_SSHINCLUDE_H

#include "config/config.h"

/* The one line in the user's ~/.ssh/config by which every SSH program finds the sandboxes. */

/* Sees to it as MODE says: asks on a terminal (a no is remembered), adds, or leaves it. Without a
 * terminal says which line to add. */
gboolean sshinclude_offer(ConfigInclude mode, GError **error);

/* Pure: does TEXT, an ssh_config(5) of a user whose home is HOME, include TARGET for every host?
 * An Include within a Host or Match block is a conditional one, and does not count. */
gboolean sshinclude_present(const char *text, const char *home, const char *target);

/* Pure: TEXT with the line before all else, where it is for every host and comes first. */
char *sshinclude_added(const char *text, const char *target);

/* Does the user's ssh_config have the line? */
gboolean sshinclude_done(void);

#endif
