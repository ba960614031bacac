/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_LINES_H
#define HOST_AGENT_LINES_H

#include "message.h"

/* Cuts a sandbox's stream into lines, each bounded. Pure: no I/O. */

typedef struct {
    gsize size;        /* of the line that has begun */
    gboolean skipping; /* a line that was too long goes on: its rest is left out */
    guint64 taken;     /* bytes up to the end of the last line that was given out */
    guint64 fed;       /* bytes in all; both may be set when nothing has begun */
    char line[MESSAGE_LINE_MAX];
} Lines; /* starts as zeroes, owns nothing */

/* Called for each line, without its newline; CUT when only its beginning is here, which is given
 * out once it is there. */
typedef void LinesFunc(const char *line, gsize size, gboolean cut, void *data);

/* Takes BYTES, that follow those of earlier calls. Where the calls cut the stream makes no
 * difference. */
void lines_feed(Lines *lines, const char *bytes, gsize size, LinesFunc *func, void *data);

/* The stream ended, or paused: what came after the last newline is a line, too. */
void lines_end(Lines *lines, LinesFunc *func, void *data);

#endif
