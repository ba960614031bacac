/* SPDX-License-Identifier: ISC */
#include "record.h"

#include "base/jsontext.h"
#include "base/name.h"

#include <string.h>

static const char *const states[RECORD_STATES] = {"waiting",  "shown",  "folded",
                                                  "replaced", "silent", "failed"};

const char *record_state_name(RecordState state)
{
    return states[state];
}

static void set_mark(JsonObject *object, const Mark *mark)
{
    jsontext_set_number(object, "spool", mark->spool);
    jsontext_set_number(object, "offset", mark->offset);
    if (mark->more)
        json_object_set_boolean_member(object, "more", TRUE);
}

/* Takes OBJECT. */
static char *print(JsonObject *object)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, object);
    return json_to_string(node, FALSE);
}

char *record_print(const Record *record)
{
    JsonObject *object = json_object_new();

    jsontext_set_number(object, "id", record->id);
    jsontext_set_number(object, "time", (guint64)record->time);
    if (record->took >= 0)
        json_object_set_int_member(object, "took", record->took);
    json_object_set_string_member(object, "sandbox", record->sandbox);
    jsontext_set_number(object, "fold", record->fold);
    if (record->state != RECORD_WAITING)
        json_object_set_string_member(object, "state", states[record->state]);
    set_mark(object, &record->mark);
    if (record->message)
        json_object_set_object_member(object, "message", message_to_json(record->message));
    return print(object);
}

char *record_print_state(guint64 id, RecordState state)
{
    JsonObject *object = json_object_new();

    jsontext_set_number(object, "id", id);
    json_object_set_string_member(object, "state", states[state]);
    return print(object);
}

char *record_print_mark(const char *sandbox, const Mark *mark)
{
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "sandbox", sandbox);
    set_mark(object, mark);
    return print(object);
}

static guint64 number(JsonObject *object, const char *name)
{
    return (guint64)MAX(0, jsontext_number(object, name));
}

static RecordState state_of(JsonObject *object)
{
    const char *name = jsontext_string(object, "state");

    for (int i = 0; i < RECORD_STATES; i++) {
        if (strcmp(name, states[i]) == 0)
            return i;
    }
    return RECORD_WAITING;
}

static Record *from_object(JsonObject *object)
{
    JsonObject *message = jsontext_object(object, "message");
    const char *sandbox = jsontext_string(object, "sandbox");
    Record *record = g_new0(Record, 1);

    record->id = number(object, "id");
    record->time = (gint64)number(object, "time");
    record->took = json_object_has_member(object, "took") ? (gint64)number(object, "took") : -1;
    record->sandbox = name_valid(sandbox) ? g_strdup(sandbox) : NULL;
    record->message = message ? message_from_json(message) : NULL;
    record->fold = MIN(number(object, "fold"), G_MAXINT64 / 2);
    record->state = state_of(object);
    record->mark.spool = number(object, "spool");
    record->mark.offset = number(object, "offset");
    record->mark.more = jsontext_boolean(object, "more");
    return record;
}

Record *record_parse(const char *line, gsize size)
{
    g_autoptr(JsonObject) object = jsontext_parse(line, (gssize)size);

    return object ? from_object(object) : NULL;
}

void record_free(Record *record)
{
    if (!record)
        return;
    g_free(record->sandbox);
    message_free(record->message);
    g_free(record);
}
