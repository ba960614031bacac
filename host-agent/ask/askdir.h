/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_ASKDIR_H
#define HOST_AGENT_ASKDIR_H

#include <glib.h>

/* The directory `ask` beside a sandbox's FIFO, which the container has mounted read-only. The
 * bridge's socket for questions is in it, and may come and go as the bridge does. */

char *askdir_path(const char *sandbox); /* the caller frees it */

/* Makes that of SANDBOX, for the user alone. One that is there stays: see fifo_ensure(). */
gboolean askdir_ensure(const char *sandbox, GError **error);

/* Removes it and the socket. Only after the container is gone. */
void askdir_remove(const char *sandbox);

/* A descriptor of the directory PATH, which must be the user's alone and no link. -1 with an error,
 * G_IO_ERROR_NOT_FOUND where there is none. */
int askdir_open(const char *path, GError **error);

/* A listening socket in the directory DIR, which does not block. It takes the place of one that
 * a bridge has left behind, and of nothing else. -1 with an error. */
int askdir_listen(int dir, GError **error);

#endif
