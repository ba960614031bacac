/* SPDX-License-Identifier: ISC */
#include "imagetags.h"

#include "base/fail.h"
#include "base/imageref.h"
#include "base/jsontext.h"
#include "base/run.h"

#include <string.h>

#define IMAGES_MAX ((gsize)4 * 1024 * 1024)

static void tag_free(gpointer data)
{
    ImageTag *tag = data;

    g_free(tag->name);
    g_free(tag->id);
    g_free(tag);
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const ImageTag *const *left = a;
    const ImageTag *const *right = b;

    return strcmp((*right)->date, (*left)->date);
}

typedef struct {
    GPtrArray *list;
    const char *repository;
} Parse;

static void add_tag(GPtrArray *list, const char *name, const char *id, gboolean used)
{
    ImageTag *tag = g_new0(ImageTag, 1);

    tag->name = g_strdup(name);
    tag->date = imageref_tag(tag->name);
    tag->id = g_strdup(id);
    tag->used = used;
    g_ptr_array_add(list, tag);
}

static gboolean is_dated(const char *name, const char *home)
{
    g_autofree char *repository = imageref_repository(name);

    return strcmp(repository, home) == 0 && imageref_is_date(imageref_tag(name));
}

static void parse_image(JsonObject *image, gpointer data)
{
    const Parse *parse = data;
    const char *id = jsontext_string(image, "Id");
    JsonArray *names = jsontext_array(image, "Names");

    for (guint i = 0; names && imageref_is_sha256(id) && i < json_array_get_length(names); i++) {
        const char *name = jsontext_element(names, i);
        if (name && is_dated(name, parse->repository))
            add_tag(parse->list, name, id, jsontext_number(image, "Containers") > 0);
    }
}

/* Podman 4.3 lists an image once for each name, each time with all of them. */
static void drop_repeated(GPtrArray *list)
{
    for (guint i = list->len; i-- > 1;) {
        const ImageTag *this = list->pdata[i], *before = list->pdata[i - 1];
        if (strcmp(this->name, before->name) == 0)
            g_ptr_array_remove_index(list, i);
    }
}

GPtrArray *imagetags_parse(const char *json, gssize length, const char *image)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(tag_free);
    g_autofree char *repository = imageref_repository(image);
    Parse parse = {list, repository};

    jsontext_each(json, length, parse_image, &parse, NULL);
    g_ptr_array_sort(list, newest_first);
    drop_repeated(list);
    return list;
}

const ImageTag *imagetags_before(const GPtrArray *list, const char *id, const char *date)
{
    for (guint i = 0; i < list->len; i++) {
        const ImageTag *tag = list->pdata[i];
        if (strcmp(tag->id, id) == 0) {
            date = tag->date;
            break;
        }
    }
    for (guint i = 0; i < list->len; i++) {
        const ImageTag *tag = list->pdata[i];
        if (strcmp(tag->date, date) < 0 && strcmp(tag->id, id) != 0)
            return tag;
    }
    return NULL;
}

GPtrArray *imagetags_beyond(const GPtrArray *list, int keep, const char *current)
{
    GPtrArray *beyond = g_ptr_array_new();

    for (guint i = (guint)keep; i < list->len; i++) {
        const ImageTag *tag = list->pdata[i];
        if (!tag->used && strcmp(tag->id, current) != 0)
            g_ptr_array_add(beyond, list->pdata[i]);
    }
    return beyond;
}

char *imagetags_date(const char *image, const ImageInfo *info, gint64 now)
{
    g_autofree char *home = imageref_repository(image);

    for (guint i = 0; i < info->names->len; i++) {
        const char *name = info->names->pdata[i];
        if (is_dated(name, home))
            return g_strdup(imageref_tag(name));
    }
    return imageref_date(info->created ? info->created : now);
}

GPtrArray *imagetags_list(const char *image, GError **error)
{
    const char *const argv[] = {"podman", "images", "--no-trunc", "--format=json", NULL};
    g_autofree char *json = NULL;

    return run_images(argv, IMAGES_MAX, &json, error) ? imagetags_parse(json, -1, image) : NULL;
}

static gint64 time_now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

static gboolean tag(const char *id, const char *name, GError **error)
{
    const char *const argv[] = {"podman", "tag", id, name, NULL};

    return run_capture(argv, RUN_PROMPT, 0, NULL, error);
}

static gboolean untag(const char *name, GError **error)
{
    const char *const argv[] = {"podman", "rmi", name, NULL};

    return run_capture(argv, RUN_PROMPT, 0, NULL, error);
}

ImageInfo *imagetags_rolled_back(const char *image)
{
    g_autofree char *name = imageref_with_tag(image, IMAGEREF_ROLLED_BACK);

    return imageinfo_get(name, NULL);
}

static void forget_rollback(const char *image)
{
    g_autofree char *name = imageref_with_tag(image, IMAGEREF_ROLLED_BACK);

    untag(name, NULL);
}

static gboolean has_date(const GPtrArray *list, const char *id)
{
    for (guint i = 0; i < list->len; i++) {
        const ImageTag *dated = list->pdata[i];
        if (strcmp(dated->id, id) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean imagetags_keep(const char *image, GError **error)
{
    g_autoptr(ImageInfo) current = imageinfo_get(image, NULL);
    g_autoptr(GPtrArray) list = current ? imagetags_list(image, error) : NULL;

    if (!current)
        return TRUE;
    if (!list)
        return FALSE;
    if (has_date(list, current->id))
        return TRUE;
    g_autofree char *date = imagetags_date(image, current, time_now());
    g_autofree char *dated = imageref_with_tag(image, date);
    return tag(current->id, dated, error);
}

/* The dates first: whatever happens between, `up` has the old image or the new one. */
gboolean imagetags_adopt(const char *image, const ImageInfo *info, GError **error)
{
    g_autofree char *date = imagetags_date(image, info, time_now());
    g_autofree char *dated = imageref_with_tag(image, date);

    if (strchr(image, '@'))
        return fail(error, "[image] name = %s is one image for good: name a tag instead", image);
    if (!imagetags_keep(image, error) || !tag(info->id, dated, error) ||
        !tag(info->id, image, error))
        return FALSE;
    forget_rollback(image);
    return TRUE;
}

gboolean imagetags_prune(const char *image, int keep, unsigned *removed, GError **error)
{
    g_autoptr(GPtrArray) list = imagetags_list(image, error);
    g_autoptr(ImageInfo) current = imageinfo_get(image, NULL);

    if (!list)
        return FALSE;
    g_autoptr(GPtrArray) beyond = imagetags_beyond(list, keep, current ? current->id : "");
    guint gone = 0;
    for (guint i = 0; i < beyond->len; i++) {
        const ImageTag *old = beyond->pdata[i];
        gone += untag(old->name, gone == i ? error : NULL);
    }
    if (removed)
        *removed = gone;
    return gone == beyond->len;
}

/* The newest that was rolled back from is remembered, so that the registry's same one does not come
 * back with the next `up`. */
static gboolean remember(const char *image, const ImageInfo *current, GError **error)
{
    g_autofree char *name = imageref_with_tag(image, IMAGEREF_ROLLED_BACK);
    g_autoptr(ImageInfo) before = imagetags_rolled_back(image);

    return (before && before->created >= current->created) || tag(current->id, name, error);
}

gboolean imagetags_rollback(const char *image, char **to, GError **error)
{
    g_autoptr(ImageInfo) current = imageinfo_get(image, error);
    g_autoptr(GPtrArray) list = current ? imagetags_list(image, error) : NULL;
    g_autofree char *date = current ? imagetags_date(image, current, time_now()) : NULL;

    if (!list)
        return FALSE;
    const ImageTag *before = imagetags_before(list, current->id, date);
    if (!before)
        return fail(error,
                    "there is no image older than %s of %s to go back to: `host-agent image "
                    "status` lists them",
                    image, date);
    if (!remember(image, current, error) || !tag(before->id, image, error))
        return FALSE;
    *to = g_strdup(before->name);
    return TRUE;
}
