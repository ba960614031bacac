/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SCREEN_H
#define HOST_AGENT_SCREEN_H

#include <glib.h>

/* What fits on a terminal. But for the first one pure; all texts are printable UTF-8. */
typedef struct {
    guint rows, columns; /* neither is 0 */
} Screen;

Screen screen_of(int fd); /* 24 by 80 where the terminal does not tell */

/* How many rows TEXT, some lines, takes. Tabs are counted as the widest they can be. */
gsize screen_rows(const Screen *screen, const char *text);

/* TEXT, a line without tabs, in COLUMNS at most: of a longer one the middle is left out. */
char *screen_clip(const char *text, guint columns);

#endif
