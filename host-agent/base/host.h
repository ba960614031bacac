/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_HOST_H
#define HOST_AGENT_HOST_H

#include <glib.h>

/* Can rootless Podman work for this user, here? The error says what is missing and how to mend
 * it. */
gboolean host_check(GError **error);

/* Pure: has the subuid(5) text TEXT a range for USER or UID? */
gboolean host_has_subids(const char *text, const char *user, unsigned uid);

/* Pure: is the version MAJOR.MINOR... at least that one? */
gboolean host_version_at_least(const char *version, unsigned major, unsigned minor);

/* The login name of the user who runs us; free with g_free(). */
char *host_login(void);

/* The user's home directory as OpenSSH sees it: of the password database, whatever $HOME says. */
char *host_home(void);

#endif
