/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_NAME_H
#define HOST_AGENT_NAME_H

#include <glib.h>

/* A sandbox's name is part of a container's name, a volume's, a host name and a path:
 * [a-z0-9][a-z0-9_.-]{0,40}, without `..`. Pure. */
enum { NAME_MAX_LENGTH = 41 };

gboolean name_valid(const char *name);

/* A valid name made of the last part of PATH. The caller frees with g_free(). */
char *name_from_path(const char *path);

/* BASE as the NUMBERth sandbox of that name: BASE, BASE-2, BASE-3... */
char *name_numbered(const char *base, unsigned number);

#endif
