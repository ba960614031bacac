/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_WRITEFILE_H
#define HOST_AGENT_WRITEFILE_H

#include <glib.h>

/* Puts TEXT in the place of PATH at once and for good (a temporary file, fsync, rename): whoever
 * reads it, or a crash, meets the old text or the new one. MODE is the file's, whatever the umask.
 * The name of the temporary file is PATH with a suffix. */
gboolean writefile(const char *path, const char *text, int mode, GError **error);

/* write(2) until all SIZE bytes of DATA are written; FALSE with errno. */
gboolean writefile_all(int fd, const char *data, gsize size);

#endif
