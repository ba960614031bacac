/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_FIFO_H
#define HOST_AGENT_FIFO_H

#include <glib.h>

/* Makes the sandbox's FIFO (paths_fifo()) and its directory, for the user alone. One that is there
 * stays: a container may have it mounted, and would then write to a FIFO that nobody reads. */
gboolean fifo_ensure(const char *sandbox, GError **error);

/* Removes the FIFO and its directory. Only after the container is gone. */
void fifo_remove(const char *sandbox);

#endif
