/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_MESSAGE_H
#define HOST_AGENT_MESSAGE_H

#include <json-glib/json-glib.h>

/* What a sandbox says in one line: hostile input, made safe to show. host-agent-message(5) has the
 * schema. Pure: no I/O. */

#define MESSAGE_LINE_MAX 4096 /* bytes: PIPE_BUF, what a pipe takes in one piece (pipe(7)) */
#define MESSAGE_TEXT_MAX 400  /* characters */
#define MESSAGE_TITLE_MAX 80  /* characters */
#define MESSAGE_WORD_MAX 64   /* bytes */

/* As the Desktop Notifications Specification numbers them. */
typedef enum {
    MESSAGE_UNSAID = -1,
    MESSAGE_LOW = 0,
    MESSAGE_NORMAL = 1,
    MESSAGE_CRITICAL = 2
} MessageUrgency;

/* Texts are valid UTF-8 without anything that controls a terminal, breaks the line or turns the
 * direction of writing. Words are 1 to MESSAGE_WORD_MAX of A-Z a-z 0-9 _ . -. NULL: not said. */
typedef struct {
    char *event; /* a word; NULL: plain text */
    char *title;
    char *text;
    char *session;    /* a word: the agent's session */
    char *key;        /* a word: this message replaces the last one with the same key */
    char *cwd;        /* an absolute path */
    gboolean cut;     /* the text was longer: not of the schema */
    int urgency;      /* MessageUrgency */
    guint client;     /* the port at the client's end of the SSH connection; 0: not said */
    guint background; /* tasks that go on */
} Message;

/* The message of a line without its newline; CUT when the line was longer than SIZE tells. A JSON
 * object is read by the schema, what is not of it left out; any other line, and an object that says
 * nothing, is plain text. NULL when nothing is left to show. */
Message *message_parse(const char *line, gsize size, gboolean cut);

/* The same as a JSON object of the schema, and back: NULL when nothing is left to show. */
JsonObject *message_to_json(const Message *message);
Message *message_from_json(JsonObject *object);

/* What it replaces, and is replaced by, within its sandbox: its key, or its session; NULL: nothing.
 * MESSAGE's own. */
const char *message_slot(const Message *message);

void message_free(Message *message); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)

#endif
