/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_REMOTE_H
#define HOST_AGENT_REMOTE_H

#include "imageinfo.h"

/* Which image a registry has under a name, as its manifest tells: some hundred bytes. */
typedef struct {
    char *id;           /* the image's; NULL: not told */
    GPtrArray *digests; /* of a list's manifests, one a platform */
    gint64 created;     /* seconds since 1970, as an annotation says; 0: none that can be */
} Remote;

void remote_free(Remote *remote); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Remote, remote_free)

/* Asks for NAME. The error says what to do; G_IO_ERROR_TIMED_OUT: no answer within SECONDS. */
Remote *remote_ask(const char *name, unsigned seconds, GError **error);

/* Is INFO what it has? Pure. */
gboolean remote_is(const Remote *remote, const ImageInfo *info);

/* Of a manifest, and of Podman 4.3's error, which quotes it: what podman says of 127 layers, which
 * is as many as its storage takes, is some 30 KB. */
#define REMOTE_MANIFEST_MAX ((gsize)256 * 1024)

/* Pure: what `podman manifest inspect` says: a manifest, or an error that quotes one. */
Remote *remote_parse(const char *text, gint64 now);

/* Pure: what helps against an error of podman's with a registry; NULL: nothing is known to. HOST is
 * the registry's. A new string. */
char *remote_advice(const char *message, const char *host);

/* Adds it to *error, which was podman's with NAME, and leaves no more of that than fits a few
 * lines: a registry, or who stands before it, may have sent a page. */
void remote_advise(GError **error, const char *name);

#endif
