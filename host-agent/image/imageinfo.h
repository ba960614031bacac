/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGEINFO_H
#define HOST_AGENT_IMAGEINFO_H

#include <glib.h>

/* What an image says of itself, as Podman prints it. Labels and history are its builder's words: of
 * a pulled image, a stranger's. What is kept of them is bounded and printable. Pure, but for
 * imageinfo_get(). */

/* Its label, and its manifest's annotation, of the time when it was made. */
#define IMAGEINFO_CREATED "org.opencontainers.image.created"

/* The labels that are kept: the versions inside, and where it comes from. */
typedef struct {
    const char *key; /* as `image status` has it */
    const char *label;
} ImageLabel;

enum { IMAGE_LABELS = 14 };
extern const ImageLabel imageinfo_labels[IMAGE_LABELS];

typedef struct {
    char *id;           /* 64 hexadecimal digits */
    char *digest;       /* of the manifest; may be "" */
    gint64 created;     /* seconds since 1970; as its label says, else as Podman does; 0: neither
                           says one that can be */
    gint64 size;        /* bytes */
    GPtrArray *names;   /* all it has, and had */
    GPtrArray *digests; /* sha256:... */
    GPtrArray *diffs;   /* its layers' ids, the lowest first */
    char *labels[IMAGE_LABELS]; /* "" where it has none */
} ImageInfo;

typedef struct {
    char *made_by; /* the line of the Containerfile, more or less */
    gint64 size;
} ImageLayer;

/* RFC 3339 as seconds since 1970. 0: none; or none that can be, such as one after NOW, which would
 * make an image the newest for good, or 1970 itself, which stands for no time. */
gint64 imageinfo_seconds(const char *text, gint64 now);

/* `podman image inspect`. NULL where there is no image in it. */
ImageInfo *imageinfo_parse(const char *json, gssize length, gint64 now);

/* `podman history --format json`: those layers that hold something, the lowest first: a GPtrArray
 * of ImageLayer that frees them. */
GPtrArray *imageinfo_layers(const char *json, gssize length);

/* Which registry's name it came by; NULL: built here. HOME is the local name's repository. */
const char *imageinfo_source(const ImageInfo *info, const char *home);

/* Is it BASE, or made on top of BASE? */
gboolean imageinfo_is_on(const ImageInfo *info, const ImageInfo *base);

void imageinfo_free(ImageInfo *info); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageInfo, imageinfo_free)

/* FALSE: NAME is not here. Where Podman cannot tell, it may be, and is not to be made anew. */
gboolean imageinfo_exists(const char *name);

/* Asks Podman. NULL: there is no image NAME, and *error says so. */
ImageInfo *imageinfo_get(const char *name, GError **error);

#endif
