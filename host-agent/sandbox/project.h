/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PROJECT_H
#define HOST_AGENT_PROJECT_H

#include <glib.h>

/* The project directory is the one part of the host that the agent may write to. */

/* The canonical path of DIR, if it may be handed to a sandbox; else NULL and the reason. */
char *project_resolve(const char *dir, GError **error);

/* The same once more, right before PROJECT is mounted: an agent may have put a link in its place.
 * Returns a descriptor of the directory that was checked, or -1. */
int project_hold(const char *project, GError **error);

/* Is the directory HELD what the process PID has at PROJECT? */
gboolean project_mounted(const char *project, int held, const char *pid, GError **error);

/* Lists that end with NULL. */
typedef struct {
    const char *const *homes;   /* the user's home directories: neither they nor what holds them */
    const char *const *secrets; /* the user's: nothing that holds them or lies in them */
    const char *const *own;     /* host-agent's: the same */
} ProjectLimits;

/* Pure: may the canonical path DIR be mounted? */
gboolean project_check(const char *dir, const ProjectLimits *limits, GError **error);

/* Pure: is PATH the directory DIR, or does it lie in it? */
gboolean project_contains(const char *dir, const char *path);

/* Pure: is PATH one that JSON and terminals can carry, too: UTF-8 without control characters? */
gboolean project_mountable(const char *path);

#endif
