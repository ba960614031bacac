/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_EXTEND_H
#define HOST_AGENT_EXTEND_H

#include <glib.h>

/* A project's own image: what was trusted of its .host-agent (trust.h), on a base image.
 * localhost/host-agent-project/KEY:TAG, where the tag is made of that content and of the base. */

/* The image that a new sandbox of PROJECT runs: its own, built where it is not there yet, or BASE,
 * which must be there. Says in a line on standard error which of them and why, unless the project
 * has no Containerfile. Free with g_free(). */
char *extend_resolve(const char *base, const char *project, GError **error);

/* The name of the image that extend_resolve() would look for. Builds and says nothing. */
char *extend_name(const char *base, const char *project);

/* Removes the projects' images that nobody will start again: of each project all but the newest, of
 * those that are gone or forgotten all. Containers keep theirs. */
gboolean extend_prune(GError **error);

#endif
