/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_BRIDGE_H
#define HOST_AGENT_BRIDGE_H

#include <glib.h>

/* Reads the sandboxes' FIFOs, DIR/NAME/notify, as they come and go. It holds each open for reading
 * and writing, so that it never ends, a writer always finds a reader, and what is written while the
 * bridge starts anew is kept by whoever else holds the FIFO. */

typedef struct Bridge Bridge;

/* A message from SANDBOX, made safe to show (message.h). */
typedef void BridgeFunc(const char *sandbox, const char *text, void *data);

/* Called when an entry of DIR, or of one in it, came or went. */
typedef void BridgeChangedFunc(void *data);

/* Runs in the default main context. NULL when DIR cannot be watched. */
Bridge *bridge_new(const char *dir, BridgeFunc *func, BridgeChangedFunc *changed, void *data,
                   GError **error);

void bridge_free(Bridge *bridge);

#endif
