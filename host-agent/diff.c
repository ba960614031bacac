/* SPDX-License-Identifier: ISC */
#include "diff.h"

#include "printable.h"
#include "tree.h"

#include <string.h>

enum { CONTEXT = 3 };
/* Beyond that many pairs of lines, the shortest way from one to the other is not looked for. */
#define PAIRS_MAX ((gsize)4 * 1024 * 1024)

typedef struct {
    const char *text;
    gsize length; /* with its newline */
} Line;

typedef struct {
    char kind; /* ' ' in both, '-' in the old one, '+' in the new one */
    Line line;
} Edit;

/* What is left of a text, once its beginning and end are known to be the other's, too. */
typedef struct {
    const Line *lines;
    gsize count;
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

static void add_edits(GArray *edits, char kind, const Line *lines, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        Edit edit = {kind, lines[i]};
        g_array_append_val(edits, edit);
    }
}

/* By the table of the longest common subsequence: longest[i][j] is that of the lines from i and j
 * on. The shorter part has at most sqrt(PAIRS_MAX) lines, which fits. */
static void add_middle(GArray *edits, const Part *old, const Part *new)
{
    gsize width = new->count + 1;
    g_autofree guint16 *longest = g_new0(guint16, (old->count + 1) * width);
    gsize i, j;

    for (i = old->count; i-- > 0;) {
        for (j = new->count; j-- > 0;)
            longest[i * width + j] =
                same(&old->lines[i], &new->lines[j])
                    ? (guint16)(longest[(i + 1) * width + j + 1] + 1)
                    : MAX(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
    for (i = j = 0; i < old->count && j < new->count;) {
        if (same(&old->lines[i], &new->lines[j])) {
            add_edits(edits, ' ', &old->lines[i++], 1);
            j++;
        } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
            add_edits(edits, '-', &old->lines[i++], 1);
        } else {
            add_edits(edits, '+', &new->lines[j++], 1);
        }
    }
    add_edits(edits, '-', old->lines + i, old->count - i);
    add_edits(edits, '+', new->lines + j, new->count - j);
}

static GArray *compare(GArray *old, GArray *new)
{
    GArray *edits = g_array_new(FALSE, FALSE, sizeof(Edit));
    const Line *a = (const Line *)(const void *)old->data;
    const Line *b = (const Line *)(const void *)new->data;
    gsize n = old->len, m = new->len, head = 0, tail = 0;

    while (head < n && head < m && same(&a[head], &b[head]))
        head++;
    while (tail < n - head && tail < m - head && same(&a[n - 1 - tail], &b[m - 1 - tail]))
        tail++;
    const Part left = {a + head, n - head - tail}, right = {b + head, m - head - tail};
    add_edits(edits, ' ', a, head);
    if ((left.count + 1) * (right.count + 1) <= PAIRS_MAX) {
        add_middle(edits, &left, &right);
    } else {
        add_edits(edits, '-', left.lines, left.count);
        add_edits(edits, '+', right.lines, right.count);
    }
    add_edits(edits, ' ', a + n - tail, tail);
    return edits;
}

static void print_line(GString *out, char kind, const Line *line)
{
    gboolean whole = line->text[line->length - 1] == '\n';
    g_autofree char *text = g_strndup(line->text, line->length - whole);
    g_auto(GStrv) parts = g_strsplit(text, "\t", -1);

    g_string_append_c(out, kind);
    for (char **part = parts; *part; part++) {
        g_autofree char *clean = printable(*part);
        g_string_append_printf(out, "%s%s", part == parts ? "" : "\t", clean);
    }
    g_string_append(out, whole ? "\n" : "\n\\ No newline at end of file\n");
}

/* The end of the hunk that begins at FIRST: where more lines than two contexts hold follow
 * unchanged. */
static guint hunk_end(GArray *edits, guint first)
{
    guint last = first;

    for (guint i = first; i < edits->len && i <= last + 2 * CONTEXT + 1; i++) {
        if (g_array_index(edits, Edit, i).kind != ' ')
            last = i;
    }
    return MIN(last + CONTEXT + 1, edits->len);
}

/* Lines of nothing are said to stand after the one before. */
static void print_hunk(GString *out, GArray *edits, guint from, guint to, const guint before[2])
{
    guint old = 0, new = 0;

    for (guint i = from; i < to; i++) {
        char kind = g_array_index(edits, Edit, i).kind;
        old += kind != '+';
        new += kind != '-';
    }
    g_string_append_printf(out, "@@ -%u,%u +%u,%u @@\n", before[0] + (old > 0), old,
                           before[1] + (new > 0), new);
    for (guint i = from; i < to; i++) {
        const Edit *edit = &g_array_index(edits, Edit, i);
        print_line(out, edit->kind, &edit->line);
    }
}

static void print_edits(GString *out, GArray *edits)
{
    guint before[2] = {0, 0}; /* lines of the old and of the new one, before `counted` */
    guint counted = 0, end = 0;

    for (guint i = 0; i < edits->len; i++) {
        if (i < end || g_array_index(edits, Edit, i).kind == ' ')
            continue;
        guint from = i > end + CONTEXT ? i - CONTEXT : end;
        for (; counted < from; counted++) {
            char kind = g_array_index(edits, Edit, counted).kind;
            before[0] += kind != '+';
            before[1] += kind != '-';
        }
        end = hunk_end(edits, i);
        print_hunk(out, edits, from, end, before);
    }
}

/* ENTRY may be NULL. */
static const char *text_of(const TreeEntry *entry, gsize *length)
{
    *length = 0;
    return entry ? g_bytes_get_data(entry->bytes, length) : NULL;
}

/* Whatever else is in it, printable() shows: what is built must not hide behind a bad byte. */
static gboolean is_text(const TreeEntry *entry)
{
    gsize length;
    const char *text = text_of(entry, &length);

    return length == 0 || !memchr(text, '\0', length);
}

static const char *kind_of(const TreeEntry *entry)
{
    if (!entry->bytes)
        return "directory";
    return entry->executable ? "executable file" : "file";
}

/* No line of a file's begins with =, whatever is in it. */
static void print_name(GString *out, const TreeEntry *old, const TreeEntry *new)
{
    g_autofree char *name = printable(new ? new->path : old->path);

    g_string_append_printf(out, "=== %s: ", name);
    if (!old || !new)
        g_string_append_printf(out, "%s %s\n", new ? "new" : "removed", kind_of(new ? new : old));
    else if (strcmp(kind_of(old), kind_of(new)) == 0)
        g_string_append_printf(out, "changed %s\n", kind_of(new));
    else
        g_string_append_printf(out, "%s, was %s\n", kind_of(new), kind_of(old));
}

static void print_sum(GString *out, char kind, const TreeEntry *entry)
{
    g_autofree char *sum =
        entry ? g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, entry->bytes) : NULL;

    if (entry)
        g_string_append_printf(out, "%c%zu bytes that are no text, SHA-256 %s\n", kind,
                               g_bytes_get_size(entry->bytes), sum);
}

static void print_edits_of(GString *out, const TreeEntry *old, const TreeEntry *new)
{
    gsize old_length, new_length;
    const char *old_text = text_of(old, &old_length), *new_text = text_of(new, &new_length);
    g_autoptr(GArray) a = split(old_text, old_length);
    g_autoptr(GArray) b = split(new_text, new_length);
    g_autoptr(GArray) edits = compare(a, b);

    print_edits(out, edits);
}

static void print_content(GString *out, const TreeEntry *old, const TreeEntry *new)
{
    if (old && new &&g_bytes_equal(old->bytes, new->bytes))
        return;
    if (!is_text(old))
        print_sum(out, '-', old);
    if (!is_text(new))
        print_sum(out, '+', new);
    print_edits_of(out, is_text(old) ? old : NULL, is_text(new) ? new : NULL);
}

static gboolean unchanged(const TreeEntry *old, const TreeEntry *new)
{
    if (!old || !new)
        return old == new;
    if (!old->bytes != !new->bytes)
        return FALSE;
    return !old->bytes ||
           (old->executable == new->executable &&g_bytes_equal(old->bytes, new->bytes));
}

/* Either may be NULL. */
static void print_entry(GString *out, const TreeEntry *old, const TreeEntry *new)
{
    if (unchanged(old, new))
        return;
    print_name(out, old, new);
    print_content(out, old && old->bytes ? old : NULL, new &&new->bytes ? new : NULL);
}

char *diff_trees(GPtrArray *old, GPtrArray *new)
{
    GString *out = g_string_new(NULL);
    guint i = 0, j = 0;

    while (i < old->len || j < new->len) {
        const TreeEntry *a = i < old->len ? old->pdata[i] : NULL;
        const TreeEntry *b = j < new->len ? new->pdata[j] : NULL;
        int order = !a ? 1 : !b ? -1 : strcmp(a->path, b->path);
        print_entry(out, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    return g_string_free(out, FALSE);
}
