/* SPDX-License-Identifier: ISC */
#include "base/name.h"
#include "base/printable.h"
#include "cmd.h"
#include "notify/journal.h"
#include "notify/policy.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    int count;
    gboolean json;
    const char *sandbox; /* borrowed from argv; NULL: all */
} Options;

static gboolean parse(Options *o, int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {
        {"count", 'n', 0, G_OPTION_ARG_INT, &o->count, "How many, by default 20", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "As JSON, for programs", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return FALSE;
    if (argc > 2)
        return cmd_usage(error, "notifications: one sandbox at a time, not %s too", argv[2]);
    if (o->count < 1)
        return cmd_usage(error, "notifications: -n %d: at least 1", o->count);
    if (argc > 1 && !name_valid(argv[1]))
        return cmd_usage(error, "notifications: %s is no sandbox's name", argv[1]);
    o->sandbox = argc > 1 ? argv[1] : NULL;
    return TRUE;
}

static gboolean is_wanted(const Options *o, const Record *record)
{
    return record->message && !policy_is_sign(record->message) &&
           (!o->sandbox || strcmp(o->sandbox, record->sandbox) == 0);
}

/* The last ones that are wanted, the oldest first; HISTORY's own. */
static GPtrArray *choose(const Options *o, GPtrArray *history)
{
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = history->len; i-- > 0 && chosen->len < (guint)o->count;) {
        if (is_wanted(o, history->pdata[i]))
            g_ptr_array_insert(chosen, 0, history->pdata[i]);
    }
    return chosen;
}

static char *time_text(gint64 time, const char *format)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / 1000);
    g_autoptr(GDateTime) local = utc ? g_date_time_to_local(utc) : NULL;

    return local ? g_date_time_format(local, format) : g_strdup("-");
}

static const char *event_name(const Record *record)
{
    return record->message->event ? record->message->event : "-";
}

/* As the desktop has it: a title, and the text. */
static char *line_of(const Record *record)
{
    const char *title = record->message->title;
    g_autofree char *text = policy_text(record->message);
    gboolean both = title && text && *text;
    g_autofree char *line =
        record->fold > 0
            ? g_strdup_printf("and %" G_GUINT64_FORMAT " more", record->fold)
            : g_strconcat(title ? title : "", both ? ": " : "", text ? text : "", NULL);

    return printable(line);
}

static void print_table(const GPtrArray *records)
{
    int sandbox = (int)strlen("SANDBOX"), event = (int)strlen("EVENT");

    for (guint i = 0; i < records->len; i++) {
        const Record *record = records->pdata[i];
        sandbox = MAX(sandbox, (int)strlen(record->sandbox));
        event = MAX(event, (int)strlen(event_name(record)));
    }
    printf("%-19s  %-*s  %-8s  %-*s  %s\n", "TIME", sandbox, "SANDBOX", "STATE", event, "EVENT",
           "TEXT");
    for (guint i = 0; i < records->len; i++) {
        const Record *record = records->pdata[i];
        g_autofree char *time = time_text(record->time, "%F %T");
        g_autofree char *line = line_of(record);
        printf("%-19s  %-*s  %-8s  %-*s  %s\n", time, sandbox, record->sandbox,
               record_state_name(record->state), event, event_name(record), line);
    }
}

/* The message by its own schema, and what the host knows of it. */
static JsonNode *to_json(const Record *record)
{
    JsonObject *object = message_to_json(record->message);
    g_autofree char *time = time_text(record->time, "%FT%T%:z");

    json_object_set_int_member(object, "id", (gint64)record->id);
    json_object_set_string_member(object, "time", time);
    json_object_set_string_member(object, "sandbox", record->sandbox);
    json_object_set_string_member(object, "state", record_state_name(record->state));
    if (record->fold > 0)
        json_object_set_int_member(object, "fold", (gint64)record->fold);
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, object);
    return node;
}

static void print_json(const GPtrArray *records)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    for (guint i = 0; i < records->len; i++)
        json_array_add_element(array, to_json(records->pdata[i]));
    json_node_take_array(root, array);
    g_autofree char *text = json_to_string(root, TRUE);
    puts(text);
}

int cmd_notifications(int argc, char **argv, GError **error)
{
    Options o = {.count = 20};

    if (!parse(&o, argc, argv, error))
        return CMD_USAGE;
    g_autoptr(GPtrArray) history = journal_history(error);
    if (!history)
        return CMD_FAILED;
    g_autoptr(GPtrArray) chosen = choose(&o, history);
    (o.json ? print_json : print_table)(chosen);
    return CMD_OK;
}
