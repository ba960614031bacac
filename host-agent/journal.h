/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_JOURNAL_H
#define HOST_AGENT_JOURNAL_H

#include "record.h"

/* The last records of all sandboxes, the oldest first (Record, free with g_ptr_array_unref()); none
 * when there is no journal yet. Reads beside a running bridge. NULL with an error set when it
 * cannot be read. */
GPtrArray *journal_history(GError **error);

#endif
