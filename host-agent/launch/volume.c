/* SPDX-License-Identifier: ISC */
#include "volume.h"

#include "base/jsontext.h"
#include "base/name.h"
#include "base/run.h"
#include "sandbox/sandbox.h"

#include <string.h>

#define LIST_MAX ((gsize)4 * 1024 * 1024)
#define OURS ("label=" SANDBOX_LABEL_PROJECT)
#define PREFIX VOLUME_SHARED "-"

static void volume_free(Volume *volume)
{
    g_free(volume->name);
    g_free(volume->project);
    g_free(volume);
}

/* Podman 4 splits a volume's labels at commas and minds quotes, later ones do not: so a label has
 * neither. */
static char *label_of(const char *project)
{
    GString *label = g_string_new("--label=" SANDBOX_LABEL_PROJECT "=");

    for (; *project; project++) {
        if (strchr("%,\"", *project))
            g_string_append_printf(label, "%%%02X", *project);
        else
            g_string_append_c(label, *project);
    }
    return g_string_free(label, FALSE);
}

static void parse_volume(JsonObject *object, gpointer list)
{
    JsonObject *labels = jsontext_object(object, "Labels");
    const char *name = jsontext_string(object, "Name");
    g_autofree char *project =
        labels ? g_uri_unescape_string(jsontext_string(labels, SANDBOX_LABEL_PROJECT), NULL) : NULL;

    if (!g_str_has_prefix(name, PREFIX) || !name_valid(name + strlen(PREFIX)) || !project ||
        !*project)
        return;
    Volume *volume = g_new0(Volume, 1);
    volume->name = g_strdup(name + strlen(PREFIX));
    volume->project = g_steal_pointer(&project);
    g_ptr_array_add(list, volume);
}

GPtrArray *volume_parse(const char *json, gssize length, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)volume_free);

    if (!jsontext_each(json, length, parse_volume, list, error)) {
        g_prefix_error(error, "cannot read podman's list of volumes: ");
        return NULL;
    }
    return g_steal_pointer(&list);
}

GPtrArray *volume_list(GError **error)
{
    const char *const argv[] = {"podman", "volume",   "ls",   "--filter",
                                OURS,     "--format", "json", NULL};
    g_autofree char *json = NULL;

    if (!run_capture(argv, RUN_PROMPT, LIST_MAX, &json, error))
        return NULL;
    return volume_parse(json, -1, error);
}

Volume *volume_named(GPtrArray *list, const char *name)
{
    for (guint i = 0; i < list->len; i++) {
        Volume *volume = list->pdata[i];
        if (strcmp(volume->name, name) == 0)
            return volume;
    }
    return NULL;
}

char *volume_name(const char *sandbox)
{
    return g_strconcat(PREFIX, sandbox, NULL);
}

gboolean volume_ensure(const char *volume, const char *project, gboolean *made, GError **error)
{
    const char *const exists[] = {"podman", "volume", "exists", volume, NULL};
    g_autofree char *label =
        project ? label_of(project) : g_strdup("--label=" SANDBOX_LABEL_NAME "=");
    const char *const create[] = {"podman", "volume", "create", label, volume, NULL};

    *made = FALSE;
    if (run_capture(exists, RUN_PROMPT, 0, NULL, NULL))
        return TRUE;
    *made = run_capture(create, RUN_PROMPT, 0, NULL, error);
    return *made;
}

gboolean volume_remove(const char *volume, GError **error)
{
    const char *const exists[] = {"podman", "volume", "exists", volume, NULL};
    const char *const remove[] = {"podman", "volume", "rm", volume, NULL};

    return !run_capture(exists, RUN_PROMPT, 0, NULL, NULL) ||
           run_capture(remove, RUN_PROMPT, 0, NULL, error);
}
