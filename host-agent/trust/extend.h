/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_EXTEND_H
#define HOST_AGENT_EXTEND_H

#include "sandbox/sandbox.h"

/* A project's own image: what was trusted of its .host-agent (trust.h), on a base image.
 * localhost/host-agent-project/KEY:CONTENT-BASE. */

/* The image that a new sandbox of PROJECT runs: its own, built where it is not there yet, or BASE,
 * which must be there. Says in a line on standard error which of them and why, unless the project
 * has no Containerfile. Free with g_free(). */
char *extend_resolve(const char *base, const char *project, GError **error);

/* Under the lock, before a new sandbox of PROJECT runs IMAGE, which extend_resolve() gave. FALSE:
 * what it is made of is trusted no more, of which it says a line; it is to be resolved anew. Else
 * it removes the project's images that nobody will start again. */
gboolean extend_settle(const char *image, const char *project);

/* Says in one line on standard error that SANDBOX, which runs, has an image of something else than
 * what is trusted. FALSE: it has not. */
gboolean extend_tell_waiting(const Sandbox *sandbox);

/* The name of the image that extend_resolve() would look for. Builds and says nothing. */
char *extend_name(const char *base, const char *project);

/* Removes the projects' images that nobody will start again: of each project all but the newest of
 * what is trusted, of those that are gone or forgotten all. Containers keep theirs. */
gboolean extend_prune(GError **error);

#endif
