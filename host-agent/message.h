/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_MESSAGE_H
#define HOST_AGENT_MESSAGE_H

#include <glib.h>

/* What a sandbox writes into its FIFO is hostile input. Bytes become lines, a line becomes a text
 * that is safe to show. Pure: no I/O. */

#define MESSAGE_LINE_MAX 4096 /* bytes: PIPE_BUF, what a pipe takes in one piece (pipe(7)) */
#define MESSAGE_TEXT_MAX 400  /* characters */

/* Called for each line, without its newline; CUT when the line was longer than SIZE tells. */
typedef void MessageLineFunc(const char *line, gsize size, gboolean cut, void *data);

typedef struct {
    gsize size;
    gboolean cut;
    char line[MESSAGE_LINE_MAX];
} MessageLines; /* starts as zeroes, owns nothing */

/* Splits BYTES, that follow those of earlier calls, into lines. Where the calls cut the stream
 * makes no difference. Of a longer line than MESSAGE_LINE_MAX the rest is left out. */
void message_lines_feed(MessageLines *lines, const char *bytes, gsize size, MessageLineFunc *func,
                        void *data);

/* The stream ended, or paused: what came after the last newline is a line, too. */
void message_lines_end(MessageLines *lines, MessageLineFunc *func, void *data);

/* The text of a line: valid UTF-8, at most MESSAGE_TEXT_MAX characters, none of which controls a
 * terminal, breaks the line or turns the direction of writing; `…` ends one that was CUT. NULL when
 * nothing is left to show. Free with g_free(). */
char *message_parse(const char *line, gsize size, gboolean cut);

/* TEXT for a notification server that renders markup. Free with g_free(). */
char *message_escape(const char *text);

#endif
