/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TEARDOWN_H
#define HOST_AGENT_TEARDOWN_H

#include <glib.h>

/* Stops and removes the container of the sandbox NAME, then its FIFO and its state; what is gone
 * already is no error. The home volume stays. Under the lock. */
gboolean teardown(const char *name, GError **error);

/* Is there a FIFO or a state under NAME? */
gboolean teardown_left(const char *name);

/* Removes what crashes left: the containers of LIST (of Sandbox, all there are) that ended without
 * being removed, which it takes off LIST, and the FIFOs and states without a container. Under the
 * lock. */
gboolean teardown_stale(GPtrArray *list, GError **error);

#endif
