/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_FOREGROUND_H
#define HOST_AGENT_FOREGROUND_H

#include <glib.h>

/* Runs argv on our own standard input, output and error, and waits. Returns its exit status (128 +
 * signal), or -1 if it could not be started. A terminal's signals reach it directly; SIGHUP,
 * SIGINT and SIGTERM sent to us are passed on, so that the caller lives to clean up after it. When
 * it stops (~^Z in ssh), we stop with it. One at a time. */
int run_foreground(const char *const *argv, GError **error);

/* Did such a signal come during the last one? Not every program's exit status tells: Podman's may
 * be 0. */
gboolean foreground_interrupted(void);

#endif
