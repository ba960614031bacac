/* SPDX-License-Identifier: ISC */
#include "osc.h"

#include <string.h>

enum { BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b };

/* A block, and where in it each byte that matters is next: none is looked for twice, whatever the
 * order they come in. */
struct scan {
    const char *at, *end;
    const char *next[ESC + 1]; /* by byte; before `at`: not known */
};

static const char *next_of(struct scan *scan, int byte)
{
    const char **next = &scan->next[byte];

    if (!*next || *next < scan->at) {
        *next = memchr(scan->at, byte, (size_t)(scan->end - scan->at));
        if (!*next)
            *next = scan->end;
    }
    return *next;
}

static const char *earlier(const char *a, const char *b)
{
    return a < b ? a : b;
}

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

static void pass_ground(struct osc *osc, struct scan *scan)
{
    const char *esc = next_of(scan, ESC);

    /* Whether a BEL is before the ESC; the ones after it are judged when it was read. */
    if (!osc->rang && next_of(scan, BEL) < esc)
        osc->rang = true;
    scan->at = esc;
    if (esc < scan->end) {
        scan->at++;
        osc->state = OSC_ESCAPE;
    }
}

static void pass_escape(struct osc *osc, struct scan *scan)
{
    if (*scan->at == ESC) {
        scan->at++;
    } else if (*scan->at == ']') {
        scan->at++;
        osc->length = 0;
        osc->state = OSC_STRING;
    } else {
        osc->state = OSC_GROUND;
    }
}

static void keep(struct osc *osc, const char *bytes, size_t size)
{
    size_t room = sizeof(osc->string) - osc->length;
    size_t n = size < room ? size : room;

    memcpy(osc->string + osc->length, bytes, n);
    osc->length += n;
}

static void pass_string(struct osc *osc, struct scan *scan, osc_func *func, void *data)
{
    const char *end = earlier(earlier(next_of(scan, BEL), next_of(scan, ESC)),
                              earlier(next_of(scan, CAN), next_of(scan, SUB)));

    keep(osc, scan->at, (size_t)(end - scan->at));
    scan->at = end;
    if (end == scan->end)
        return;
    scan->at++;
    osc->state = *end == ESC ? OSC_STRING_ESCAPE : OSC_GROUND;
    if (*end == BEL)
        end_string(osc, func, data);
}

static void pass_string_escape(struct osc *osc, struct scan *scan, osc_func *func, void *data)
{
    if (*scan->at == '\\') {
        scan->at++;
        osc->state = OSC_GROUND;
        end_string(osc, func, data);
    } else if (*scan->at == ESC) {
        scan->at++;
    } else {
        osc->state = OSC_ESCAPE;
    }
}

void osc_feed(struct osc *osc, const char *bytes, size_t size, osc_func *func, void *data)
{
    struct scan scan = {.at = bytes, .end = bytes + size};

    while (scan.at < scan.end) {
        switch (osc->state) {
        case OSC_GROUND:
            pass_ground(osc, &scan);
            break;
        case OSC_ESCAPE:
            pass_escape(osc, &scan);
            break;
        case OSC_STRING:
            pass_string(osc, &scan, func, data);
            break;
        case OSC_STRING_ESCAPE:
            pass_string_escape(osc, &scan, func, data);
            break;
        }
    }
}
