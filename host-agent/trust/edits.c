/* SPDX-License-Identifier: ISC */
#include "edits.h"

#include <string.h>

/* Time and memory grow with its square. */
enum { EDITS_MAX = 1000 };

typedef struct {
    const char *text;
    gsize length;
} Line;

/* What is left of a text, once its beginning and end are known to be the other's, too. */
typedef struct {
    const Line *lines;
    gint count;
} Part;

static GArray *split(const char *text, gsize length)
{
    GArray *lines = g_array_sized_new(FALSE, FALSE, sizeof(Line), 1); /* an array, if of none */

    while (length > 0) {
        const char *newline = memchr(text, '\n', length);
        Line line = {text, newline ? (gsize)(newline - text) + 1 : length};
        g_array_append_val(lines, line);
        text += line.length;
        length -= line.length;
    }
    return lines;
}

static gboolean same(const Line *a, const Line *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static void add(GArray *edits, char kind, const Line *lines, gint count)
{
    for (gint i = 0; i < count; i++) {
        Edit edit = {kind, lines[i].text, lines[i].length};
        g_array_append_val(edits, edit);
    }
}

/* E. Myers, "An O(ND) difference algorithm and its variations" (1986): reach[d][k] is how many old
 * lines one gets over by d edits, when there are k more of them than of new ones; k is -d, -d+2,
 * ..., d. The rows lie one after the other. */
static gint *at(GArray *reach, gint d, gint k)
{
    return &g_array_index(reach, gint, d * (d + 1) / 2 + (k + d) / 2);
}

/* Was the last of the d edits that lead to k an added line? */
static gboolean adds(GArray *reach, gint d, gint k)
{
    return k == -d || (k != d && *at(reach, d - 1, k - 1) < *at(reach, d - 1, k + 1));
}

/* Where that edit leads, in old lines. */
static gint step(GArray *reach, gint d, gint k)
{
    if (d == 0)
        return 0;
    return adds(reach, d, k) ? *at(reach, d - 1, k + 1) : *at(reach, d - 1, k - 1) + 1;
}

/* How many edits it takes; -1: more than EDITS_MAX. */
static gint search(GArray *reach, const Part *old, const Part *new)
{
    for (gint d = 0; d <= EDITS_MAX; d++) {
        g_array_set_size(reach, (guint)((d + 1) * (d + 2) / 2));
        for (gint k = -d; k <= d; k += 2) {
            gint i = step(reach, d, k);
            while (i < old->count && i - k < new->count &&same(&old->lines[i], &new->lines[i - k]))
                i++;
            *at(reach, d, k) = i;
            if (i >= old->count && i - k >= new->count)
                return d;
        }
    }
    return -1;
}

static void reverse(GArray *edits, guint from)
{
    for (guint to = edits->len; from + 1 < to; from++) {
        Edit *a = &g_array_index(edits, Edit, from);
        Edit *b = &g_array_index(edits, Edit, --to);
        Edit kept = *a;
        *a = *b;
        *b = kept;
    }
}

static void add_middle(GArray *edits, const Part *old, const Part *new)
{
    g_autoptr(GArray) reach = g_array_new(FALSE, FALSE, sizeof(gint));
    guint from = edits->len;
    gint i = old->count, k = old->count - new->count;
    gint d = search(reach, old, new);

    if (d < 0) {
        add(edits, '-', old->lines, old->count);
        add(edits, '+', new->lines, new->count);
        return;
    }
    /* From the end, since only there it is known which way was the shortest. */
    for (; d >= 0; d--) {
        for (gint start = step(reach, d, k); i > start; i--)
            add(edits, ' ', &old->lines[i - 1], 1);
        if (d == 0)
            break;
        if (adds(reach, d, k)) {
            add(edits, '+', &new->lines[i - k - 1], 1);
            k++;
        } else {
            add(edits, '-', &old->lines[--i], 1);
            k--;
        }
    }
    reverse(edits, from);
}

GArray *edits_between(const char *old, gsize old_length, const char *new, gsize new_length)
{
    GArray *edits = g_array_new(FALSE, FALSE, sizeof(Edit));
    g_autoptr(GArray) left = split(old, old_length);
    g_autoptr(GArray) right = split(new, new_length);
    const Line *a = (const Line *)(const void *)left->data;
    const Line *b = (const Line *)(const void *)right->data;
    gint n = (gint)left->len, m = (gint)right->len, head = 0, tail = 0;

    while (head < n && head < m && same(&a[head], &b[head]))
        head++;
    while (tail < n - head && tail < m - head && same(&a[n - 1 - tail], &b[m - 1 - tail]))
        tail++;
    const Part old_part = {a + head, n - head - tail}, new_part = {b + head, m - head - tail};
    add(edits, ' ', a, head);
    add_middle(edits, &old_part, &new_part);
    add(edits, ' ', a + n - tail, tail);
    return edits;
}
