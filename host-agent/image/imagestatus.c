/* SPDX-License-Identifier: ISC */
#include "imagestatus.h"

#include "base/imageref.h"
#include "base/printable.h"
#include "base/run.h"
#include "imageinfo.h"
#include "imagetags.h"
#include "remote.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#define HISTORY_MAX ((gsize)4 * 1024 * 1024)
#define DAY ((gint64)24 * 3600)
#define MB 1e6

typedef struct {
    const Config *config;
    ImageInfo *info;
    GPtrArray *layers; /* ImageLayer */
    GPtrArray *kept;   /* ImageTag */
    const char *source;
    const char *registry; /* one word, of those below */
    gint64 offered;       /* when the registry's was made; 0: not told */
    char *why;            /* with UNKNOWN */
} Status;

#define NONE "none"
#define EQUAL "same"
#define NEWER "newer"
#define OLDER "older"
#define OTHER "other"
#define UNKNOWN "unknown"

static void status_clear(Status *status)
{
    imageinfo_free(status->info);
    g_clear_pointer(&status->layers, g_ptr_array_unref);
    g_clear_pointer(&status->kept, g_ptr_array_unref);
    g_free(status->why);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Status, status_clear)

/* Where the image lies here, as after a rollback, it tells more than the manifest. */
static gint64 made_at(const Remote *remote)
{
    g_autoptr(ImageInfo) info = remote->id ? imageinfo_get(remote->id, NULL) : NULL;

    return info ? info->created : remote->created;
}

static const char *compare(gint64 offered, gint64 here)
{
    if (!offered || !here || offered == here)
        return OTHER;
    return offered > here ? NEWER : OLDER;
}

static void ask_registry(Status *status)
{
    const Config *config = status->config;
    g_autoptr(GError) error = NULL;

    status->registry = NONE;
    if (!config->registry)
        return;
    g_autoptr(Remote) remote = remote_ask(config->registry, (unsigned)config->pull_timeout, &error);
    status->registry = UNKNOWN;
    if (!remote) {
        status->why = printable(error->message);
    } else if (!remote->id && remote->digests->len == 0) {
        status->why = g_strdup("its manifest names no image");
    } else if (remote_is(remote, status->info)) {
        status->registry = EQUAL;
        status->offered = status->info->created;
    } else {
        status->offered = made_at(remote);
        status->registry = compare(status->offered, status->info->created);
    }
}

static gboolean gather(Status *status, GError **error)
{
    const char *image = status->config->image;
    const char *const history[] = {"podman", "history", "--no-trunc", "--format=json", image, NULL};
    g_autofree char *json = NULL;
    g_autofree char *home = imageref_repository(image);

    status->info = imageinfo_get(image, error);
    if (!status->info || !run_capture(history, RUN_PROMPT, HISTORY_MAX, &json, error) ||
        !(status->kept = imagetags_list(image, error)))
        return FALSE;
    status->layers = imageinfo_layers(json, -1);
    status->source = imageinfo_source(status->info, home);
    ask_registry(status);
    return TRUE;
}

static gint64 age(const Status *status)
{
    return MAX(0, g_get_real_time() / G_USEC_PER_SEC - status->info->created);
}

/* NULL: not told. */
static char *time_text(gint64 seconds)
{
    g_autoptr(GDateTime) time = seconds ? g_date_time_new_from_unix_utc(seconds) : NULL;

    return time ? g_date_time_format(time, "%FT%TZ") : NULL;
}

/* --- As lines ------------------------------------------------------------------------------- */

#define ROW "%-11s "

static void print_labels(const ImageInfo *info)
{
    for (int i = 0; i < IMAGE_LABELS; i++)
        printf(ROW "%s\n", imageinfo_labels[i].key, *info->labels[i] ? info->labels[i] : "unknown");
}

static void print_layers(const Status *status)
{
    printf(ROW "%.1f MB\n", "size", (double)status->info->size / MB);
    for (guint i = 0; i < status->layers->len; i++) {
        const ImageLayer *layer = status->layers->pdata[i];
        printf(ROW "%8.1f MB  %s\n", "", (double)layer->size / MB, layer->made_by);
    }
}

static void print_kept(const Status *status)
{
    printf(ROW "%s\n", "kept", status->kept->len > 0 ? "" : "none");
    for (guint i = 0; i < status->kept->len; i++) {
        const ImageTag *tag = status->kept->pdata[i];
        printf(ROW "%s%s%s\n", "", tag->name,
               strcmp(tag->id, status->info->id) == 0 ? " (this one)" : "",
               tag->used ? " (in use)" : "");
    }
}

#define GETS ": `host-agent image pull` gets it"

static void print_registry(const Status *status)
{
    static const struct {
        const char *state, *words, *advice;
    } rows[] = {
        {EQUAL, "has the same", ""},
        {NEWER, "has a newer one, of ", GETS},
        {OLDER, "has an older one, of ", GETS},
        {OTHER, "has another one, and does not tell whether it is newer", GETS},
        {UNKNOWN, "not known what it has: ", ""},
    };
    g_autofree char *time = time_text(status->offered);
    gboolean differs = strcmp(status->registry, NEWER) == 0 || strcmp(status->registry, OLDER) == 0;
    const char *more = differs ? time : status->why ? status->why : "";

    if (!status->config->registry)
        printf(ROW "none configured\n", "registry");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].state, status->registry) == 0)
            printf(ROW "%s %s%s%s\n", "registry", status->config->registry, rows[i].words, more,
                   rows[i].advice);
    }
}

static void print_created(const Status *status)
{
    g_autofree char *time = time_text(status->info->created);
    gint64 seconds = age(status);

    if (!time)
        printf(ROW "unknown\n", "created");
    else if (seconds < 2 * DAY)
        printf(ROW "%s, %d h ago\n", "created", time, (int)(seconds / 3600));
    else
        printf(ROW "%s, %d days ago\n", "created", time, (int)(seconds / DAY));
}

static void print_lines(const Status *status)
{
    printf(ROW "%s\n", "image", status->config->image);
    print_created(status);
    printf(ROW "%s\n", "id", status->info->id);
    printf(ROW "%s\n", "digest", status->info->digest);
    printf(ROW "%s%s\n", "from", status->source ? "pulled as " : "built here",
           status->source ? status->source : "");
    print_labels(status->info);
    print_layers(status);
    print_kept(status);
    print_registry(status);
}

/* --- As JSON -------------------------------------------------------------------------------- */

static void set_text(JsonObject *object, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_string_member(object, name, text);
    else
        json_object_set_null_member(object, name);
}

static JsonArray *json_layers(const Status *status)
{
    JsonArray *array = json_array_new();

    for (guint i = 0; i < status->layers->len; i++) {
        const ImageLayer *layer = status->layers->pdata[i];
        JsonObject *object = json_object_new();
        json_object_set_int_member(object, "size", layer->size);
        json_object_set_string_member(object, "made_by", layer->made_by);
        json_array_add_object_element(array, object);
    }
    return array;
}

static JsonArray *json_kept(const Status *status)
{
    JsonArray *array = json_array_new();

    for (guint i = 0; i < status->kept->len; i++) {
        const ImageTag *tag = status->kept->pdata[i];
        JsonObject *object = json_object_new();
        json_object_set_string_member(object, "name", tag->name);
        json_object_set_string_member(object, "id", tag->id);
        json_object_set_boolean_member(object, "in_use", tag->used);
        json_array_add_object_element(array, object);
    }
    return array;
}

static void print_json(const Status *status)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new(), *versions = json_object_new(),
               *registry = json_object_new();
    g_autofree char *time = time_text(status->info->created);
    g_autofree char *offered = time_text(status->offered);

    json_object_set_string_member(object, "image", status->config->image);
    set_text(object, "created", time);
    if (time)
        json_object_set_int_member(object, "age_seconds", age(status));
    else
        json_object_set_null_member(object, "age_seconds");
    json_object_set_string_member(object, "id", status->info->id);
    set_text(object, "digest", status->info->digest);
    set_text(object, "pulled_as", status->source);
    for (int i = 0; i < IMAGE_LABELS; i++)
        set_text(versions, imageinfo_labels[i].key, status->info->labels[i]);
    json_object_set_object_member(object, "labels", versions);
    json_object_set_int_member(object, "size", status->info->size);
    json_object_set_array_member(object, "layers", json_layers(status));
    json_object_set_array_member(object, "kept", json_kept(status));
    set_text(registry, "image", status->config->registry);
    json_object_set_string_member(registry, "has", status->registry);
    set_text(registry, "created", offered);
    set_text(registry, "why", status->why);
    json_object_set_object_member(object, "registry", registry);
    json_node_take_object(root, object);
    g_autofree char *text = json_to_string(root, TRUE);
    puts(text);
}

gboolean imagestatus_print(const Config *config, gboolean json, GError **error)
{
    g_auto(Status) status = {.config = config};

    if (!gather(&status, error))
        return FALSE;
    (json ? print_json : print_lines)(&status);
    return TRUE;
}
