/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_DAEMON_H
#define HOST_AGENT_DAEMON_H

#include <glib.h>

/* `host-agent notify`: puts its parts together and runs them until a signal ends it, or until the
 * file of the descriptor LOCK is removed, which may be with all of the runtime directory DIR. */
gboolean daemon_run(const char *dir, int lock, GError **error);

#endif
