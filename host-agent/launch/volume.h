/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_VOLUME_H
#define HOST_AGENT_VOLUME_H

#include <glib.h>

/* A home volume outlives its sandbox. Its label says whose it is, so that the next project of the
 * same name does not come to live in another one's home. */
#define VOLUME_SHARED "host-agent-home"

typedef struct {
    char *name;    /* of the sandbox: the volume is host-agent-home-NAME */
    char *project; /* canonical path */
} Volume;

/* All home volumes of projects: a GPtrArray of Volume that frees them. */
GPtrArray *volume_list(GError **error);

/* Pure: what `podman volume ls --format json` says. */
GPtrArray *volume_parse(const char *json, gssize length, GError **error);

Volume *volume_named(GPtrArray *list, const char *name); /* NULL if there is none */
char *volume_name(const char *sandbox);                  /* free with g_free() */

/* Makes the volume VOLUME (for PROJECT; NULL: for all) where it is missing; *made tells. */
gboolean volume_ensure(const char *volume, const char *project, gboolean *made, GError **error);

/* Removes it; that there is none is no error. */
gboolean volume_remove(const char *volume, GError **error);

#endif
