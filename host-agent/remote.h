/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_REMOTE_H
#define HOST_AGENT_REMOTE_H

#include "imageinfo.h"

/* Which image a registry has under a name, as its manifest tells: some hundred bytes. */
typedef struct {
    char *id;           /* the image's; NULL: not told */
    GPtrArray *digests; /* of a list's manifests, one a platform */
} Remote;

void remote_free(Remote *remote); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Remote, remote_free)

/* Asks for NAME; the registry answers within SECONDS, or not. The error says what to do. */
Remote *remote_ask(const char *name, unsigned seconds, GError **error);

/* Is INFO what it has? Pure. */
gboolean remote_is(const Remote *remote, const ImageInfo *info);

/* Pure: what `podman manifest inspect` says: a manifest, or an error that quotes one. */
Remote *remote_parse(const char *text);

/* Pure: what helps against an error of podman's with a registry; NULL: nothing is known to. HOST is
 * the registry's. A new string. */
char *remote_advice(const char *message, const char *host);

/* Adds it to *error, which was podman's with NAME. */
void remote_advise(GError **error, const char *name);

#endif
