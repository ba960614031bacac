/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGETAGS_H
#define HOST_AGENT_IMAGETAGS_H

#include "imageinfo.h"

/* The images that are kept for rollback: each bears, in the repository of the one that `up` runs,
 * the time of its build as a tag. */
typedef struct {
    char *name;
    const char *date; /* within name */
    char *id;
    gboolean used; /* by a container */
} ImageTag;

/* Pure: what `podman images --format json` has of IMAGE's repository, the newest first: a GPtrArray
 * of ImageTag that frees them. */
GPtrArray *imagetags_parse(const char *json, gssize length, const char *image);

/* Pure, within LIST. The one before the image ID, whose own date is DATE unless LIST knows it; NULL
 * if there is none. */
const ImageTag *imagetags_before(const GPtrArray *list, const char *id, const char *date);

/* Pure, within LIST: what is beyond the newest KEEP, and neither CURRENT (an id) nor in use. The
 * caller frees the array alone. */
GPtrArray *imagetags_beyond(const GPtrArray *list, int keep, const char *current);

/* Pure: the date that INFO bears in IMAGE's repository, or bore; else that of its build; else NOW.
 * A new string. */
char *imagetags_date(const char *image, const ImageInfo *info, gint64 now);

/* From here on Podman is asked. What changes tags is called under lock_tags(), with what was
 * learned under it. */
GPtrArray *imagetags_list(const char *image, GError **error);

/* Before IMAGE becomes another: what it means now gets its date, without which it would have no
 * name left. One that image/build made by hand has none. Nothing to do where there is no IMAGE. */
gboolean imagetags_keep(const char *image, GError **error);

/* Makes IMAGE point to INFO's, beside its date; keeps what it meant, and forgets a rollback. */
gboolean imagetags_adopt(const char *image, const ImageInfo *info, GError **error);

/* Takes the tags off what is beyond KEEP, and so removes it. *removed (may be NULL) counts. */
gboolean imagetags_prune(const char *image, int keep, unsigned *removed, GError **error);

/* One step back. *to is the name it points to now, a new string. */
gboolean imagetags_rollback(const char *image, char **to, GError **error);

/* What was rolled back from, of several steps the newest; NULL: there was no rollback. */
ImageInfo *imagetags_rolled_back(const char *image);

#endif
