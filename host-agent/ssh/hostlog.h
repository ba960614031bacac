/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_HOSTLOG_H
#define HOST_AGENT_HOSTLOG_H

#include <glib.h>

/* The log of a container's PID 1, as podman's k8s-file driver writes it:
 * `TIMESTAMP stdout|stderr F|P TEXT`, P for a line that goes on in the next. Pure. */

/* The host key that sshd-entry announces, `ssh-ed25519 BASE64`, or NULL if it has not yet (or
 * announces what is no such key). The caller frees with g_free(). */
char *hostlog_key(const char *log);

/* Is KEY `ssh-ed25519 BASE64`, whole and nothing else? */
gboolean hostlog_key_valid(const char *key);

/* The last LINES lines of text, joined by "; ", printable. For errors. */
char *hostlog_last(const char *log, unsigned lines);

#endif
