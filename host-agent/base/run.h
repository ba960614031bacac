/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_RUN_H
#define HOST_AGENT_RUN_H

#include <glib.h>

/* Running programs: found on PATH, argv ends with NULL, no descriptor but 0-2 is inherited. */

enum { RUN_PROMPT = 60 }; /* seconds: more than any local podman command takes */

/* Runs argv and waits. *out gets what it wrote to its standard output, at most MAX bytes: more is
 * an error (out NULL: not kept). SECONDS is its time limit, after which it and its children are
 * killed: G_IO_ERROR_TIMED_OUT. Exit status 0 is TRUE; else the error says which program failed and
 * its own last words, at most MAX bytes or 8 KiB of them, and is a G_SPAWN_EXIT_ERROR whose code is
 * the status. */
gboolean run_capture(const char *const *argv, unsigned seconds, gsize max, char **out,
                     GError **error);

/* The same for `podman images`, which may fail when another podman takes an image away meanwhile:
 * then once more, and again. */
gboolean run_images(const char *const *argv, gsize max, char **out, GError **error);

/* run_capture() with the listening socket LISTENER as the program's descriptor 3, told as
 * sd_listen_fds(3) has it (LISTEN_FDS, LISTEN_PID). */
gboolean run_with_listener(const char *const *argv, int listener, unsigned seconds, GError **error);

/* Runs argv as a daemon: a session of its own, output appended to the file LOG. */
gboolean run_daemon(const char *const *argv, const char *log, GError **error);

#endif
