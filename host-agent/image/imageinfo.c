/* SPDX-License-Identifier: ISC */
#include "imageinfo.h"

#include "base/fail.h"
#include "base/imageref.h"
#include "base/jsontext.h"
#include "base/printable.h"
#include "base/run.h"

#include <string.h>

#define INSPECT_MAX ((gsize)4 * 1024 * 1024)
enum { VALUE_MAX = 80, LIST_MAX = 256 }; /* bytes; entries */

const ImageLabel imageinfo_labels[IMAGE_LABELS] = {
    {"host-agent", "org.opencontainers.image.version"},
    {"revision", "org.opencontainers.image.revision"},
    {"base_image", "org.opencontainers.image.base.name"},
    {"variant", "host-agent.variant"},
    {"base", "host-agent.version.base"},
    {"agent", "host-agent.version.agent"},
    {"codex", "host-agent.version.codex"},
    {"gemini", "host-agent.version.gemini"},
    {"opencode", "host-agent.version.opencode"},
    {"go", "host-agent.version.go"},
    {"uv", "host-agent.version.uv"},
    {"just", "host-agent.version.just"},
    {"libssh", "host-agent.version.libssh"},
    {"title", "org.opencontainers.image.title"},
};

static char *bounded(const char *text)
{
    g_autofree char *head = g_strndup(text, VALUE_MAX);

    return printable(g_strstrip(head));
}

/* Adds the strings of the array NAME to LIST, each once. */
static void add_strings(GPtrArray *list, JsonObject *object, const char *name)
{
    JsonArray *array = object ? jsontext_array(object, name) : NULL;

    for (guint i = 0; array && i < json_array_get_length(array) && list->len < LIST_MAX; i++) {
        const char *element = jsontext_element(array, i);
        g_autofree char *text = element ? printable(element) : NULL;
        if (text && !g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
            g_ptr_array_add(list, g_steal_pointer(&text));
    }
}

gint64 imageinfo_seconds(const char *text, gint64 now)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
    gint64 seconds = time ? g_date_time_to_unix(time) : 0;

    return seconds > 0 && seconds <= now ? seconds : 0;
}

static gint64 created_of(JsonObject *image, JsonObject *labels, gint64 now)
{
    const char *label = labels ? jsontext_string(labels, IMAGEINFO_CREATED) : "";
    gint64 seconds = imageinfo_seconds(label, now);

    return seconds ? seconds : imageinfo_seconds(jsontext_string(image, "Created"), now);
}

typedef struct {
    ImageInfo *info;
    gint64 now;
} Parse;

static void parse_image(JsonObject *image, gpointer data)
{
    Parse *parse = data;
    const char *id = jsontext_string(image, "Id");
    JsonObject *labels = jsontext_object(image, "Labels");
    g_autoptr(GPtrArray) pinned = g_ptr_array_new_with_free_func(g_free);

    if (parse->info || !imageref_is_sha256(id))
        return;
    ImageInfo *info = parse->info = g_new0(ImageInfo, 1);
    info->id = g_strdup(id);
    info->digest = bounded(jsontext_string(image, "Digest"));
    info->created = created_of(image, labels, parse->now);
    info->size = MAX(0, jsontext_number(image, "Size"));
    info->names = g_ptr_array_new_with_free_func(g_free);
    info->digests = g_ptr_array_new_with_free_func(g_free);
    info->diffs = g_ptr_array_new_with_free_func(g_free);
    add_strings(info->names, image, "RepoTags");
    add_strings(info->names, image, "NamesHistory");
    add_strings(info->diffs, jsontext_object(image, "RootFS"), "Layers");
    add_strings(pinned, image, "RepoDigests");
    for (guint i = 0; i < pinned->len; i++) {
        const char *at = strchr(pinned->pdata[i], '@');
        if (at)
            g_ptr_array_add(info->digests, g_strdup(at + 1));
    }
    for (int i = 0; i < IMAGE_LABELS; i++)
        info->labels[i] = bounded(labels ? jsontext_string(labels, imageinfo_labels[i].label) : "");
}

ImageInfo *imageinfo_parse(const char *json, gssize length, gint64 now)
{
    Parse parse = {NULL, now};

    return jsontext_each(json, length, parse_image, &parse, NULL) ? parse.info : NULL;
}

static void layer_free(gpointer data)
{
    ImageLayer *layer = data;

    g_free(layer->made_by);
    g_free(layer);
}

/* buildah writes `|2 A=x B=y /bin/sh -c COMMAND` of a RUN, and `/bin/sh -c #(nop) COPY ...`. */
static char *made_by(const char *text)
{
    static const char shell[] = "/bin/sh -c ", nop[] = "#(nop) ";
    const char *command = strstr(text, shell);

    if (command && (command == text || *text == '|'))
        text = command + strlen(shell);
    if (g_str_has_prefix(text, nop))
        text += strlen(nop);
    g_autofree char *line = g_strndup(text, (gsize)4 * VALUE_MAX);
    char *to = line;
    for (const char *from = g_strdelimit(line, "\t\n", ' '); *from; from++) {
        if (*from != ' ' || from[1] != ' ')
            *to++ = *from;
    }
    *to = '\0';
    return bounded(line);
}

static void parse_layer(JsonObject *object, gpointer list)
{
    gint64 size = jsontext_number(object, "size");

    if (size <= 0 || ((GPtrArray *)list)->len >= LIST_MAX)
        return;
    ImageLayer *layer = g_new0(ImageLayer, 1);
    layer->size = size;
    layer->made_by = made_by(jsontext_string(object, "CreatedBy"));
    g_ptr_array_insert(list, 0, layer); /* the newest came first */
}

GPtrArray *imageinfo_layers(const char *json, gssize length)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(layer_free);

    jsontext_each(json, length, parse_layer, list, NULL);
    return list;
}

const char *imageinfo_source(const ImageInfo *info, const char *home)
{
    for (guint i = 0; i < info->names->len; i++) {
        const char *name = info->names->pdata[i];
        g_autofree char *repository = imageref_repository(name);
        if (!g_str_has_prefix(name, "localhost/") && strcmp(repository, home) != 0)
            return name;
    }
    return NULL;
}

gboolean imageinfo_is_on(const ImageInfo *info, const ImageInfo *base)
{
    if (strcmp(info->id, base->id) == 0)
        return TRUE;
    if (base->diffs->len == 0 || base->diffs->len >= info->diffs->len)
        return FALSE;
    for (guint i = 0; i < base->diffs->len; i++) {
        if (strcmp(info->diffs->pdata[i], base->diffs->pdata[i]) != 0)
            return FALSE;
    }
    return TRUE;
}

void imageinfo_free(ImageInfo *info)
{
    if (!info)
        return;
    g_free(info->id);
    g_free(info->digest);
    g_ptr_array_unref(info->names);
    g_ptr_array_unref(info->digests);
    g_ptr_array_unref(info->diffs);
    for (int i = 0; i < IMAGE_LABELS; i++)
        g_free(info->labels[i]);
    g_free(info);
}

gboolean imageinfo_exists(const char *name)
{
    const char *const argv[] = {"podman", "image", "exists", name, NULL};
    g_autoptr(GError) error = NULL;

    return run_capture(argv, RUN_PROMPT, 0, NULL, &error) ||
           !g_error_matches(error, G_SPAWN_EXIT_ERROR, 1);
}

ImageInfo *imageinfo_get(const char *name, GError **error)
{
    const char *const argv[] = {"podman", "image", "inspect", name, NULL};
    g_autofree char *json = NULL;

    if (!run_capture(argv, RUN_PROMPT, INSPECT_MAX, &json, error))
        return NULL;
    ImageInfo *info = imageinfo_parse(json, -1, g_get_real_time() / G_USEC_PER_SEC);
    if (!info)
        fail(error, "podman image inspect: says nothing of %s", name);
    return info;
}
