/* SPDX-License-Identifier: ISC */
#include "osc.h"

#include <string.h>

enum { BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b };

/* What follows PREFIX in the string, or NULL. */
static const char *after(const struct osc *osc, const char *prefix)
{
    size_t n = strlen(prefix);

    return osc->length >= n && memcmp(osc->string, prefix, n) == 0 ? osc->string + n : NULL;
}

/* ConEmu's commands, progress and prompts among them, are numbers up to 12. */
static bool is_conemu(const char *text, const char *end)
{
    const char *p = text;

    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p > text && p - text <= 2 && (p == end || *p == ';');
}

static void end_string(const struct osc *osc, osc_func *func, void *data)
{
    const char *end = osc->string + osc->length;
    struct osc_message message = {0};
    const char *p;

    if ((p = after(osc, "9;")) && !is_conemu(p, end)) {
        message.text = p;
        message.text_length = (size_t)(end - p);
    } else if ((p = after(osc, "777;notify;"))) {
        const char *semicolon = memchr(p, ';', (size_t)(end - p));
        message.title = p;
        message.title_length = (size_t)((semicolon ? semicolon : end) - p);
        message.text = semicolon ? semicolon + 1 : end;
        message.text_length = (size_t)(end - message.text);
    }
    if (message.title_length || message.text_length)
        func(&message, data);
}

/* Each of these begins at AT, before END, and returns how far it came. */

/* Where ESC ] is over, or NULL. By the bracket, which is rare where colours make the ESC common. */
static const char *after_begin(const char *at, const char *end)
{
    const char *p = at;

    while ((p = memchr(p, ']', (size_t)(end - p)))) {
        p++;
        if (p - at >= 2 && p[-2] == ESC)
            break;
    }
    return p;
}

static const char *pass_ground(struct osc *osc, const char *at, const char *end)
{
    const char *string = after_begin(at, end);
    const char *to = string ? string : end;

    if (!osc->rang)
        osc->rang = memchr(at, BEL, (size_t)(to - at));
    osc->length = 0;
    osc->state = string ? OSC_STRING : end[-1] == ESC ? OSC_ESCAPE : OSC_GROUND;
    return to;
}

/* An ESC was the last of its block, or broke a string off. */
static const char *pass_escape(struct osc *osc, const char *at)
{
    if (*at != ESC)
        osc->state = *at == ']' ? OSC_STRING : OSC_GROUND;
    osc->length = 0;
    return osc->state == OSC_GROUND ? at : at + 1;
}

static void keep(struct osc *osc, const char *bytes, size_t size)
{
    size_t room = sizeof(osc->string) - osc->length;
    size_t n = size < room ? size : room;

    memcpy(osc->string + osc->length, bytes, n);
    osc->length += n;
}

static const char *pass_string(struct osc *osc, const char *at, const char *end, osc_func *func,
                               void *data)
{
    const char *p = at;

    while (p < end &&
           ((unsigned char)*p >= ' ' || (*p != BEL && *p != CAN && *p != SUB && *p != ESC)))
        p++;
    keep(osc, at, (size_t)(p - at));
    if (p == end)
        return end;
    osc->state = *p == ESC ? OSC_STRING_ESCAPE : OSC_GROUND;
    if (*p == BEL)
        end_string(osc, func, data);
    return p + 1;
}

static const char *pass_string_escape(struct osc *osc, const char *at, osc_func *func, void *data)
{
    if (*at == ESC)
        return at + 1;
    if (*at != '\\') {
        osc->state = OSC_ESCAPE;
        return at;
    }
    osc->state = OSC_GROUND;
    end_string(osc, func, data);
    return at + 1;
}

void osc_feed(struct osc *osc, const char *bytes, size_t size, osc_func *func, void *data)
{
    const char *end = bytes + size;

    for (const char *at = bytes; at < end;) {
        switch (osc->state) {
        case OSC_GROUND:
            at = pass_ground(osc, at, end);
            break;
        case OSC_ESCAPE:
            at = pass_escape(osc, at);
            break;
        case OSC_STRING:
            at = pass_string(osc, at, end, func, data);
            break;
        case OSC_STRING_ESCAPE:
            at = pass_string_escape(osc, at, func, data);
            break;
        }
    }
}
