/* SPDX-License-Identifier: ISC */
#include "base/host.h"
#include "base/jsontext.h"
#include "base/printable.h"
#include "base/readfile.h"
#include "base/run.h"
#include "cmd.h"
#include "focus/proctcp.h"
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <string.h>

#define IMAGES_MAX ((gsize)4 * 1024 * 1024)
#define PROC_MAX ((gsize)4 * 1024 * 1024)

enum { HOUR = 3600, DAY = 86400 }; /* seconds */

typedef struct {
    const Sandbox *sandbox;
    gint64 image_age; /* seconds; -1: not known */
    unsigned sessions;
} Row;

typedef struct {
    const char *id;
    gint64 created; /* seconds since 1970; 0: not found */
} Image;

static void match_image(JsonObject *object, gpointer data)
{
    Image *image = data;

    if (*image->id && strcmp(jsontext_string(object, "Id"), image->id) == 0)
        image->created = jsontext_number(object, "Created");
}

/* -1 where it is not known: an image may be gone while a container made of it runs. */
static gint64 image_age(const char *images, const char *id)
{
    Image image = {id, 0};

    if (!images || !jsontext_each(images, -1, match_image, &image, NULL) || image.created == 0)
        return -1;
    return MAX(0, g_get_real_time() / G_USEC_PER_SEC - image.created);
}

static char *list_images(void)
{
    const char *const argv[] = {"podman", "images", "--all", "--no-trunc", "--format=json", NULL};
    char *json = NULL;

    return run_images(argv, IMAGES_MAX, &json, NULL) ? json : NULL;
}

static Row *make_rows(GPtrArray *sandboxes)
{
    Row *rows = g_new0(Row, sandboxes->len + 1);
    g_autofree char *images = sandboxes->len > 0 ? list_images() : NULL;
    g_autofree char *connections = NULL;

    if (!readfile_head("/proc/net/tcp", PROC_MAX, &connections, NULL))
        connections = g_strdup("");
    for (guint i = 0; i < sandboxes->len; i++) {
        const Sandbox *sandbox = sandboxes->pdata[i];
        rows[i] = (Row){sandbox, image_age(images, sandbox->image_id),
                        proctcp_sessions(connections, sandbox->port)};
    }
    return rows;
}

static char *age_text(gint64 seconds)
{
    if (seconds < 0)
        return g_strdup("-");
    if (seconds < HOUR)
        return g_strdup_printf("%d min", (int)(seconds / 60));
    if (seconds < (gint64)2 * DAY)
        return g_strdup_printf("%d h", (int)(seconds / HOUR));
    return g_strdup_printf("%d days", (int)(seconds / DAY));
}

static void print_table(const Row *rows)
{
    int name = (int)strlen("NAME"), state = (int)strlen("STATE");

    for (const Row *row = rows; row->sandbox; row++) {
        name = MAX(name, (int)strlen(row->sandbox->name));
        state = MAX(state, (int)strlen(row->sandbox->state));
    }
    printf("%-*s  %-*s  %5s  %8s  %8s  %s\n", name, "NAME", state, "STATE", "PORT", "SESSIONS",
           "IMAGE", "PROJECT");
    for (const Row *row = rows; row->sandbox; row++) {
        const Sandbox *sandbox = row->sandbox;
        g_autofree char *age = age_text(row->image_age);
        g_autofree char *project = printable(sandbox->project);
        printf("%-*s  %-*s  %5d  %8u  %8s  %s\n", name, sandbox->name, state, sandbox->state,
               sandbox->port, row->sessions, age, project);
    }
}

static void print_json(const Row *rows)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonGenerator) generator = json_generator_new();

    json_builder_begin_array(builder);
    for (const Row *row = rows; row->sandbox; row++) {
        json_builder_begin_object(builder);
        json_builder_set_member_name(builder, "name");
        json_builder_add_string_value(builder, row->sandbox->name);
        json_builder_set_member_name(builder, "state");
        json_builder_add_string_value(builder, row->sandbox->state);
        json_builder_set_member_name(builder, "port");
        json_builder_add_int_value(builder, row->sandbox->port);
        json_builder_set_member_name(builder, "project");
        json_builder_add_string_value(builder, row->sandbox->project);
        json_builder_set_member_name(builder, "image_age_seconds");
        if (row->image_age < 0)
            json_builder_add_null_value(builder);
        else
            json_builder_add_int_value(builder, row->image_age);
        json_builder_set_member_name(builder, "sessions");
        json_builder_add_int_value(builder, row->sessions);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_generator_set_root(generator, root);
    json_generator_set_pretty(generator, TRUE);
    g_autofree char *text = json_generator_to_data(generator, NULL);
    puts(text);
}

int cmd_ls(int argc, char **argv, GError **error)
{
    gboolean json = FALSE;
    const GOptionEntry options[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON, for programs", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 1) {
        cmd_usage(error, "ls: takes no argument, such as %s", argv[1]);
        return CMD_USAGE;
    }
    if (!host_check(error))
        return CMD_FAILED;
    g_autoptr(GPtrArray) sandboxes = sandbox_list(error);
    if (!sandboxes)
        return CMD_FAILED;
    Row *rows = make_rows(sandboxes);
    (json ? print_json : print_table)(rows);
    g_free(rows);
    return CMD_OK;
}
