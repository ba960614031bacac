/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_READFILE_H
#define HOST_AGENT_READFILE_H

#include <glib.h>

/* Reads the regular file PATH, of at most MAX bytes, into *text (NUL-terminated, free with
 * g_free()). Never waits: a FIFO or a device is an error. G_IO_ERROR_NOT_FOUND where there is none.
 * LENGTH may be NULL. */
gboolean readfile(const char *path, gsize max, char **text, gsize *length, GError **error);

/* The same for a file that sets policy: it must be the user's or root's, and nobody else may be
 * able to write to it. */
gboolean readfile_own(const char *path, gsize max, char **text, gsize *length, GError **error);

/* The first MAX bytes of a file that may be longer. */
gboolean readfile_head(const char *path, gsize max, char **text, GError **error);

/* The last MAX bytes. */
gboolean readfile_tail(const char *path, gsize max, char **text, GError **error);

#endif
