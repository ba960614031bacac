/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_READY_H
#define HOST_AGENT_READY_H

#include <glib.h>

/* Waits until PID 1 of the sandbox NAME has announced its host key in its log, and returns the key
 * (free with g_free()). NULL: it died first (the error is its last words), or said nothing in
 * time. */
char *ready_wait(const char *name, GError **error);

#endif
