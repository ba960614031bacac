/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SANDBOX_H
#define HOST_AGENT_SANDBOX_H

#include <glib.h>

/* A sandbox is a container that carries the first three of our labels. */
#define SANDBOX_LABEL_NAME "host-agent.name"
#define SANDBOX_LABEL_PROJECT "host-agent.project"
#define SANDBOX_LABEL_PORT "host-agent.port"
#define SANDBOX_LABEL_NETWORK "host-agent.network"
#define SANDBOX_CONTAINER_PREFIX "host-agent-"

typedef struct {
    char *name;
    char *project; /* canonical path */
    int port;
    gboolean running;
    gboolean stale; /* never ran, or ended, and was not removed */
    char *state;    /* podman's word: running, exited, created... */
    char *image_id; /* may be "" */
    char *image;    /* the name it was started by; may be "" */
    char *network;  /* as in the configuration; not checked; may be "" */
} Sandbox;

Sandbox *sandbox_new(const char *name, const char *project, int port); /* a running one */
void sandbox_free(Sandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sandbox, sandbox_free)

char *sandbox_container(const char *name); /* the podman container's name */

/* All sandboxes, running or not, ordered by name: a GPtrArray of Sandbox that frees them. */
GPtrArray *sandbox_list(GError **error);

/* Pure: what `podman ps --format json` says. Containers whose labels are not what we would write
 * are left out. */
GPtrArray *sandbox_parse(const char *json, gssize length, GError **error);

/* Searching LIST; NULL if there is none. What they return belongs to LIST. */
Sandbox *sandbox_named(GPtrArray *list, const char *name);
Sandbox *sandbox_at(GPtrArray *list, const char *dir);     /* whose project is DIR */
Sandbox *sandbox_around(GPtrArray *list, const char *dir); /* DIR or the nearest parent of it */

/* A live one whose project lies in DIR or holds it, and is another. */
Sandbox *sandbox_overlapping(GPtrArray *list, const char *dir);

#endif
