/* SPDX-License-Identifier: ISC */
#include "message.h"
#include "base/jsontext.h"

#include <string.h>

#define ELLIPSIS 0x2026
#define REPLACEMENT 0xfffd
#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d
#define PATH_MAX_LENGTH 1024 /* characters */
#define DEPTH_MAX 32         /* of brackets: the JSON parser calls itself for each */

static const char *const urgencies[] = {"low", "normal", "critical"};

/* What is not shown as it is: C0 and C1 controls (terminal escapes start with one) and format
 * characters (they turn the direction of writing, or hide text). The joiners are format characters
 * that scripts and emoji are written with. */
static gboolean is_unsafe(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    if (c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER)
        return FALSE;
    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT;
}

/* Blanks, line and paragraph separators among them, fold into one space; none leads or ends. */
static GString *clean(const char *utf8)
{
    GString *text = g_string_new(NULL);
    gboolean blank = FALSE;

    for (; *utf8; utf8 = g_utf8_next_char(utf8)) {
        gunichar c = g_utf8_get_char(utf8);
        if (g_unichar_isspace(c)) {
            blank = TRUE;
            continue;
        }
        if (blank && text->len > 0)
            g_string_append_c(text, ' ');
        g_string_append_unichar(text, is_unsafe(c) ? REPLACEMENT : c);
        blank = FALSE;
    }
    return text;
}

/* FALSE: it is whole. */
static gboolean shorten(GString *text, glong max, gboolean cut)
{
    glong length = g_utf8_strlen(text->str, -1);

    if (length <= max && !cut)
        return FALSE;
    if (length >= max)
        g_string_truncate(text, (gsize)(g_utf8_offset_to_pointer(text->str, max - 1) - text->str));
    g_string_append_unichar(text, ELLIPSIS);
    return TRUE;
}

/* BYTES as a text of at most MAX characters; `…` ends one that was *CUT, here or before. NULL when
 * nothing is left to show. */
static char *safe_text(const char *bytes, gsize size, glong max, gboolean *cut)
{
    g_autofree char *utf8 = g_utf8_make_valid(bytes, (gssize)size);
    GString *text = clean(utf8);

    if (text->len == 0) {
        g_string_free(text, TRUE);
        return NULL;
    }
    *cut = shorten(text, max, *cut);
    return g_string_free(text, FALSE);
}

static gboolean word_valid(const char *word)
{
    gsize size = strspn(word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-");

    return size > 0 && size <= MESSAGE_WORD_MAX && word[size] == '\0';
}

static char *text_of(JsonObject *object, const char *name, glong max, gboolean *cut)
{
    const char *text = jsontext_string(object, name);

    *cut = FALSE;
    return safe_text(text, strlen(text), max, cut);
}

static char *word_of(JsonObject *object, const char *name)
{
    const char *word = jsontext_string(object, name);

    return word_valid(word) ? g_strdup(word) : NULL;
}

static guint number_of(JsonObject *object, const char *name, guint max)
{
    gint64 number = jsontext_number(object, name);

    return number > 0 && number <= max ? (guint)number : 0;
}

static char *path_of(JsonObject *object, const char *name)
{
    gboolean cut;
    g_autofree char *path = text_of(object, name, PATH_MAX_LENGTH, &cut);

    return path && !cut && g_path_is_absolute(path) ? g_steal_pointer(&path) : NULL;
}

static int urgency_of(JsonObject *object)
{
    const char *name = jsontext_string(object, "urgency");

    for (int i = 0; i < (int)G_N_ELEMENTS(urgencies); i++) {
        if (strcmp(name, urgencies[i]) == 0)
            return i;
    }
    return MESSAGE_UNSAID;
}

Message *message_from_json(JsonObject *object)
{
    g_autoptr(Message) message = g_new0(Message, 1);

    message->event = word_of(object, "event");
    message->title = text_of(object, "title", MESSAGE_TITLE_MAX, &message->cut);
    message->text = text_of(object, "text", MESSAGE_TEXT_MAX, &message->cut);
    message->session = word_of(object, "session");
    message->key = word_of(object, "key");
    message->cwd = path_of(object, "cwd");
    message->urgency = urgency_of(object);
    message->client = number_of(object, "client", G_MAXUINT16);
    message->background = number_of(object, "background", G_MAXUINT16);
    return message->event || message->title || message->text ? g_steal_pointer(&message) : NULL;
}

/* Brackets within strings count, too: no honest message has that many. */
static gboolean is_deep(const char *line, gsize size)
{
    int depth = 0;

    for (gsize i = 0; i < size; i++) {
        depth += (line[i] == '{' || line[i] == '[') - (line[i] == '}' || line[i] == ']');
        if (depth > DEPTH_MAX)
            return TRUE;
    }
    return FALSE;
}

/* NULL when it is no JSON object. */
static JsonObject *object_of(const char *line, gsize size)
{
    if (size == 0 || *line != '{' || is_deep(line, size) || !g_utf8_validate_len(line, size, NULL))
        return NULL;
    return jsontext_parse(line, (gssize)size);
}

static Message *plain(const char *line, gsize size, gboolean cut)
{
    char *text = safe_text(line, size, MESSAGE_TEXT_MAX, &cut);

    if (!text)
        return NULL;
    Message *message = g_new0(Message, 1);
    message->text = text;
    message->cut = cut;
    message->urgency = MESSAGE_UNSAID;
    return message;
}

Message *message_parse(const char *line, gsize size, gboolean cut)
{
    JsonObject *object = cut ? NULL : object_of(line, size);
    Message *message = object ? message_from_json(object) : NULL;

    g_clear_pointer(&object, json_object_unref);
    return message ? message : plain(line, size, cut);
}

static void set_string(JsonObject *object, const char *name, const char *value)
{
    if (value)
        json_object_set_string_member(object, name, value);
}

JsonObject *message_to_json(const Message *message)
{
    JsonObject *object = json_object_new();

    set_string(object, "event", message->event);
    set_string(object, "title", message->title);
    set_string(object, "text", message->text);
    set_string(object, "session", message->session);
    set_string(object, "key", message->key);
    set_string(object, "cwd", message->cwd);
    if (message->urgency != MESSAGE_UNSAID)
        set_string(object, "urgency", urgencies[message->urgency]);
    jsontext_set_number(object, "client", message->client);
    jsontext_set_number(object, "background", message->background);
    return object;
}

const char *message_slot(const Message *message)
{
    return message->key ? message->key : message->session;
}

void message_free(Message *message)
{
    if (!message)
        return;
    g_free(message->event);
    g_free(message->title);
    g_free(message->text);
    g_free(message->session);
    g_free(message->key);
    g_free(message->cwd);
    g_free(message);
}
