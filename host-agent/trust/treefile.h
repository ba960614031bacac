/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TREEFILE_H
#define HOST_AGENT_TREEFILE_H

#include <glib.h>

/* Trees (tree.h) on disk. */

enum { TREEFILE_ENTRIES = 1000, TREEFILE_DEPTH = 16, TREEFILE_BYTES = 16 * 1024 * 1024 };

/* Reads the directory NAME in the directory FD, which may be a stranger's: no link is followed, and
 * nothing is waited for. A link, what is neither file nor directory, and more than the limits above
 * are errors. *tree is NULL where there is no such thing. */
gboolean treefile_read(int fd, const char *name, GPtrArray **tree, GError **error);

/* Makes the directory PATH, which must not be there, and TREE in it, as everybody may read it. */
gboolean treefile_write(const char *path, GPtrArray *tree, GError **error);

/* Removes PATH and what lies in it. What is not there is no error. */
gboolean treefile_remove(const char *path, GError **error);

#endif
