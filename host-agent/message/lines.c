/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <string.h>

static void lines_emit(Lines *lines, gboolean cut, LinesFunc *func, void *data)
{
    gsize size = lines->size;

    lines->size = 0;
    lines->skipping = cut;
    lines->taken = lines->fed;
    func(lines->line, size, cut, data);
}

static void lines_append(Lines *lines, const char *bytes, gsize size, LinesFunc *func, void *data)
{
    gsize room = sizeof(lines->line) - lines->size;

    if (lines->skipping) {
        lines->fed += size;
        return;
    }
    memcpy(lines->line + lines->size, bytes, MIN(size, room));
    lines->size += MIN(size, room);
    lines->fed += size;
    if (size > room)
        lines_emit(lines, TRUE, func, data);
}

static void lines_newline(Lines *lines, LinesFunc *func, void *data)
{
    lines->fed++;
    if (!lines->skipping) {
        lines_emit(lines, FALSE, func, data);
        return;
    }
    lines->skipping = FALSE;
    lines->taken = lines->fed;
}

void lines_feed(Lines *lines, const char *bytes, gsize size, LinesFunc *func, void *data)
{
    const char *end = bytes + size;
    const char *newline;

    while (bytes < end && (newline = memchr(bytes, '\n', (gsize)(end - bytes)))) {
        lines_append(lines, bytes, (gsize)(newline - bytes), func, data);
        lines_newline(lines, func, data);
        bytes = newline + 1;
    }
    lines_append(lines, bytes, (gsize)(end - bytes), func, data);
}

void lines_end(Lines *lines, LinesFunc *func, void *data)
{
    if (lines->size > 0)
        lines_emit(lines, FALSE, func, data);
    lines->skipping = FALSE;
    lines->taken = lines->fed;
}
