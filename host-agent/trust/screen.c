/* SPDX-License-Identifier: ISC */
#include "screen.h"

#include <string.h>
#include <sys/ioctl.h>

enum { TAB = 8, ROWS = 24, COLUMNS = 80 };
#define CUT "..."

Screen screen_of(int fd)
{
    struct winsize size = {0};

    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        return (Screen){ROWS, COLUMNS};
    return (Screen){size.ws_row, size.ws_col};
}

static guint width(gunichar c)
{
    if (c == '\t')
        return TAB;
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

gsize screen_rows(const Screen *screen, const char *text)
{
    gsize rows = 0, column = 0;

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        if (*p == '\n') {
            rows++;
            column = 0;
            continue;
        }
        column += width(g_utf8_get_char(p));
        if (column > screen->columns) {
            rows++;
            column = width(g_utf8_get_char(p));
        }
    }
    return rows + (column > 0);
}

/* As much of the text from FROM on as COLUMNS hold. */
static const char *forwards(const char *from, guint columns)
{
    while (*from && width(g_utf8_get_char(from)) <= columns) {
        columns -= width(g_utf8_get_char(from));
        from = g_utf8_next_char(from);
    }
    return from;
}

/* As much of what is before END. */
static const char *backwards(const char *text, const char *end, guint columns)
{
    while (end > text) {
        const char *p = g_utf8_prev_char(end);
        if (width(g_utf8_get_char(p)) > columns)
            break;
        columns -= width(g_utf8_get_char(p));
        end = p;
    }
    return end;
}

char *screen_clip(const char *text, guint columns)
{
    guint left = columns > strlen(CUT) ? columns - (guint)strlen(CUT) : 0;

    if (!*forwards(text, columns))
        return g_strdup(text);
    const char *head = forwards(text, left / 2);
    const char *tail = backwards(head, text + strlen(text), left - left / 2);
    return g_strdup_printf("%.*s%.*s%s", (int)(head - text), text, (int)MIN(columns, strlen(CUT)),
                           CUT, tail);
}
