/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include "base/jsontext.h"
#include "base/name.h"
#include "base/run.h"
#include "project.h"

#include <string.h>

#define PS_MAX ((gsize)4 * 1024 * 1024)
#define OURS ("label=" SANDBOX_LABEL_NAME)

Sandbox *sandbox_new(const char *name, const char *project, int port)
{
    Sandbox *sandbox = g_new0(Sandbox, 1);

    sandbox->name = g_strdup(name);
    sandbox->project = g_strdup(project);
    sandbox->port = port;
    sandbox->running = TRUE;
    sandbox->state = g_strdup("running");
    sandbox->image_id = g_strdup("");
    sandbox->image = g_strdup("");
    sandbox->network = g_strdup("");
    return sandbox;
}

void sandbox_free(Sandbox *sandbox)
{
    g_free(sandbox->name);
    g_free(sandbox->project);
    g_free(sandbox->state);
    g_free(sandbox->image_id);
    g_free(sandbox->image);
    g_free(sandbox->network);
    g_free(sandbox);
}

char *sandbox_container(const char *name)
{
    return g_strconcat(SANDBOX_CONTAINER_PREFIX, name, NULL);
}

/* Of podman's states the others (running, paused, stopping...) are those of a live container. */
static gboolean is_stale(const char *state)
{
    static const char *const stale[] = {"created", "configured", "initialized",
                                        "exited",  "stopped",    NULL};

    return g_strv_contains(stale, state);
}

static void parse_container(JsonObject *container, gpointer list)
{
    JsonObject *labels = jsontext_object(container, "Labels");
    gint64 port;

    if (!labels)
        return;
    const char *name = jsontext_string(labels, SANDBOX_LABEL_NAME);
    const char *project = jsontext_string(labels, SANDBOX_LABEL_PROJECT);
    if (!name_valid(name) || !g_path_is_absolute(project) || !project_mountable(project) ||
        !g_ascii_string_to_signed(jsontext_string(labels, SANDBOX_LABEL_PORT), 10, 1, 65535, &port,
                                  NULL))
        return;

    Sandbox *sandbox = sandbox_new(name, project, (int)port);
    g_free(sandbox->state);
    g_free(sandbox->image_id);
    g_free(sandbox->image);
    g_free(sandbox->network);
    sandbox->state = g_strdup(jsontext_string(container, "State"));
    sandbox->image_id = g_strdup(jsontext_string(container, "ImageID"));
    sandbox->image = g_strdup(jsontext_string(container, "Image"));
    sandbox->network = g_strdup(jsontext_string(labels, SANDBOX_LABEL_NETWORK));
    sandbox->running = strcmp(sandbox->state, "running") == 0;
    sandbox->stale = is_stale(sandbox->state);
    g_ptr_array_add(list, sandbox);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    const Sandbox *const *left = a;
    const Sandbox *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

GPtrArray *sandbox_parse(const char *json, gssize length, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_free);

    if (!jsontext_each(json, length, parse_container, list, error)) {
        g_prefix_error(error, "cannot read podman's list of containers: ");
        return NULL;
    }
    g_ptr_array_sort(list, by_name);
    return g_steal_pointer(&list);
}

GPtrArray *sandbox_list(GError **error)
{
    const char *const argv[] = {"podman", "ps",       "--all", "--filter",
                                OURS,     "--format", "json",  NULL};
    g_autofree char *json = NULL;

    if (!run_capture(argv, RUN_PROMPT, PS_MAX, &json, error))
        return NULL;
    return sandbox_parse(json, -1, error);
}

Sandbox *sandbox_named(GPtrArray *list, const char *name)
{
    for (guint i = 0; i < list->len; i++) {
        Sandbox *sandbox = list->pdata[i];
        if (strcmp(sandbox->name, name) == 0)
            return sandbox;
    }
    return NULL;
}

Sandbox *sandbox_at(GPtrArray *list, const char *dir)
{
    for (guint i = 0; i < list->len; i++) {
        Sandbox *sandbox = list->pdata[i];
        if (strcmp(sandbox->project, dir) == 0)
            return sandbox;
    }
    return NULL;
}

Sandbox *sandbox_around(GPtrArray *list, const char *dir)
{
    Sandbox *nearest = NULL;

    for (guint i = 0; i < list->len; i++) {
        Sandbox *sandbox = list->pdata[i];
        if (project_contains(sandbox->project, dir) &&
            (!nearest || strlen(sandbox->project) > strlen(nearest->project)))
            nearest = sandbox;
    }
    return nearest;
}

Sandbox *sandbox_overlapping(GPtrArray *list, const char *dir)
{
    for (guint i = 0; i < list->len; i++) {
        Sandbox *sandbox = list->pdata[i];
        if (!sandbox->stale && strcmp(sandbox->project, dir) != 0 &&
            (project_contains(sandbox->project, dir) || project_contains(dir, sandbox->project)))
            return sandbox;
    }
    return NULL;
}
