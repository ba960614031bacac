/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_JSONTEXT_H
#define HOST_AGENT_JSONTEXT_H

#include <json-glib/json-glib.h>

/* Objects of whose members nothing is taken for granted, such as podman prints with --format json.
 * Pure. */

/* Calls EACH with every object of the array JSON; a text of another shape has none. */
gboolean jsontext_each(const char *json, gssize length, void (*each)(JsonObject *, gpointer),
                       gpointer data, GError **error);

/* The object that TEXT is (a reference of the caller's), NULL where it is something else. Where
 * TEXT is a stranger's, its brackets are to be counted before: the parser calls itself for each. */
JsonObject *jsontext_parse(const char *text, gssize length);

/* The member NAME of OBJECT, which owns it: "", NULL, 0 or FALSE where it is missing or something
 * else. */
const char *jsontext_string(JsonObject *object, const char *name);
JsonObject *jsontext_object(JsonObject *object, const char *name);
JsonArray *jsontext_array(JsonObject *object, const char *name);
gint64 jsontext_number(JsonObject *object, const char *name);
gboolean jsontext_boolean(JsonObject *object, const char *name);

/* Element I of ARRAY, which owns it; NULL where it is no string. */
const char *jsontext_element(JsonArray *array, guint i);

/* Sets the member NAME, unless VALUE is 0, which a missing one reads as. */
void jsontext_set_number(JsonObject *object, const char *name, guint64 value);

#endif
