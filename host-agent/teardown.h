/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TEARDOWN_H
#define HOST_AGENT_TEARDOWN_H

#include <glib.h>

/* Stops and removes the container of the sandbox NAME, then its FIFO and its state; what is gone
 * already is no error. The home volume stays. Under the lock. */
gboolean teardown(const char *name, GError **error);

/* Removes the containers of LIST (of Sandbox) that ended without being removed, as after a crash,
 * and takes them off LIST. */
gboolean teardown_stale(GPtrArray *list, GError **error);

#endif
