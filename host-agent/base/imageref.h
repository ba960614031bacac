/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGEREF_H
#define HOST_AGENT_IMAGEREF_H

#include <glib.h>

/* The names of images, REPOSITORY[:TAG], and the tags that are a time. Pure; the caller frees what
 * comes back with g_free(). */

#define IMAGEREF_ROLLED_BACK "rolled-back"

/* The first part of a name is a registry's host where it has a dot or a port, or is localhost. */
gboolean imageref_has_host(const char *name);

/* NAME in full, as Podman lists it: without a host it is localhost's, without a tag (or a digest)
 * it is the latest. */
char *imageref_full(const char *name);

char *imageref_repository(const char *name);
char *imageref_with_tag(const char *name, const char *tag); /* NAME's repository, with TAG */
const char *imageref_tag(const char *name);                 /* within NAME; "" where it has none */

/* 64 hexadecimal digits: an image's id, and a digest without its `sha256:`. */
gboolean imageref_is_sha256(const char *text);

/* The registry's host, such as `podman login` takes it. */
char *imageref_host(const char *name);

/* YYYYMMDD-HHMMSS, in UTC: sorts by age. */
char *imageref_date(gint64 seconds);
gboolean imageref_is_date(const char *tag);

#endif
