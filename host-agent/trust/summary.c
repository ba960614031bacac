/* SPDX-License-Identifier: ISC */
#include "summary.h"

#include "base/printable.h"
#include "diff.h"

#include <string.h>

/* For the lines on all files, and for the question. */
enum { SPARE = 10, ROWS_MIN = 3, LONG_LINE = 200 };

static const char *const kinds[] = {
    [DIFF_NEW] = "new", [DIFF_CHANGED] = "changed", [DIFF_REMOVED] = "removed"};

typedef struct {
    guint kinds[G_N_ELEMENTS(kinds)];
    guint executable, hidden;
    guint64 added, removed, foreign, bytes, longest;
} Total;

static void total_add(Total *total, const DiffFile *file)
{
    total->kinds[file->kind]++;
    total->executable += file->executable;
    total->hidden += file->hidden > 0;
    total->added += file->added;
    total->removed += file->removed;
    total->foreign += file->foreign;
    total->bytes += file->hidden;
    total->longest = MAX(total->longest, file->longest);
}

/* The name yields where both do not fit. */
static void add_file(GString *out, const DiffFile *file, const Screen *screen)
{
    g_autofree char *name = printable(file->path);
    g_autoptr(GString) what = g_string_new(": ");

    g_string_append_printf(what, "%s%s, +%u -%u lines", kinds[file->kind],
                           file->executable ? ", executable" : "", file->added, file->removed);
    if (file->hidden)
        g_string_append_printf(what, ", %zu bytes NOT SHOWN", file->hidden);
    guint taken = (guint)what->len + 2;
    g_autofree char *clipped =
        screen_clip(name, screen->columns > taken ? screen->columns - taken : 1);
    g_string_append_printf(out, "  %s%s\n", clipped, what->str);
}

static void add_total(GString *out, const Total *total, const char *head)
{
    g_string_append_printf(out,
                           "%s%u new, %u changed, %u removed: +%" G_GUINT64_FORMAT
                           " -%" G_GUINT64_FORMAT " lines",
                           head, total->kinds[DIFF_NEW], total->kinds[DIFF_CHANGED],
                           total->kinds[DIFF_REMOVED], total->added, total->removed);
    if (total->executable)
        g_string_append_printf(out, ", %u executable", total->executable);
    g_string_append_c(out, '\n');
}

/* What an eye may pass over. */
static void add_warnings(GString *out, const Total *total)
{
    if (total->hidden)
        g_string_append_printf(out, "NOT SHOWN: %" G_GUINT64_FORMAT " bytes, files: %u\n",
                               total->bytes, total->hidden);
    if (total->longest > LONG_LINE)
        g_string_append_printf(out, "longest line: %" G_GUINT64_FORMAT " characters\n",
                               total->longest);
    if (total->foreign)
        g_string_append_printf(out, "lines with letters beyond ASCII: %" G_GUINT64_FORMAT "\n",
                               total->foreign);
}

char *summary_text(GPtrArray *files, const char *first, const Screen *screen)
{
    guint room = screen->rows > SPARE + ROWS_MIN ? screen->rows - SPARE : ROWS_MIN;
    GString *out = g_string_new(NULL);
    Total all = {0}, rest = {0};
    guint listed = 0;

    for (int turn = 0; turn < 2; turn++) {
        for (guint i = 0; i < files->len; i++) {
            const DiffFile *file = files->pdata[i];
            if ((strcmp(file->path, first) == 0) != (turn == 0))
                continue;
            total_add(&all, file);
            if (listed++ < room)
                add_file(out, file, screen);
            else
                total_add(&rest, file);
        }
    }
    if (listed > room)
        add_total(out, &rest, "  and others: ");
    add_total(out, &all, "in all: ");
    add_warnings(out, &all);
    return g_string_free(out, FALSE);
}
