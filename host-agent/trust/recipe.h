/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_RECIPE_H
#define HOST_AGENT_RECIPE_H

#include <glib.h>

/* A project's Containerfile, as far as a build of it may not reach outside. Podman 4.3 mounts the
 * host's directories, writable, by `RUN --mount` of any type, and an image's ONBUILD may have that.
 *
 * Pure: TRUE if TEXT can be read before it is trusted, has no option of RUN, no ONBUILD, and no
 * FROM but BASE and scratch; and if no two versions of Podman could read it as different
 * instructions. The error names the line. */
gboolean recipe_check(const char *text, gsize length, GError **error);

#endif
