/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_FAIL_H
#define HOST_AGENT_FAIL_H

#include <glib.h>

/* Sets *error (G_IO_ERROR_FAILED) to the formatted line: what failed, why, what to do. Always
 * FALSE, so that a function can end in `return fail(error, ...)`. */
gboolean fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
