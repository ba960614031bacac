/* SPDX-License-Identifier: ISC */
#include "diff.h"

#include "base/printable.h"
#include "edits.h"
#include "tree.h"

#include <string.h>

#define LINES_MAX 100000
enum { CONTEXT = 3 };

typedef struct {
    GString *out;
    GPtrArray *files;
    DiffFile *file; /* the last of them */
} Diff;

static void file_free(DiffFile *file)
{
    g_free(file->path);
    g_free(file);
}

/* TEXT is printable. */
static void count(DiffFile *file, char kind, const char *text)
{
    file->removed += kind == '-';
    if (kind != '+')
        return;
    glong length = g_utf8_strlen(text, -1);
    file->added++;
    file->foreign += (gsize)length < strlen(text);
    file->longest = MAX(file->longest, (gsize)length);
}

static void print_line(Diff *diff, const Edit *edit)
{
    gboolean whole = edit->text[edit->length - 1] == '\n';
    g_autofree char *text = g_strndup(edit->text, edit->length - whole);
    g_auto(GStrv) parts = g_strsplit(text, "\t", -1);

    for (char **part = parts; *part; part++) {
        char *clean = printable(*part);
        g_free(*part);
        *part = clean;
    }
    g_autofree char *line = g_strjoinv("\t", parts);
    count(diff->file, edit->kind, line);
    g_string_append_printf(diff->out, "%c%s%s", edit->kind, line,
                           whole ? "\n" : "\n\\ No newline at end of file\n");
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
static void print_hunk(Diff *diff, GArray *edits, guint from, guint to, const guint before[2])
{
    guint old = 0, new = 0;

    for (guint i = from; i < to; i++) {
        char kind = g_array_index(edits, Edit, i).kind;
        old += kind != '+';
        new += kind != '-';
    }
    g_string_append_printf(diff->out, "@@ -%u,%u +%u,%u @@\n", before[0] + (old > 0), old,
                           before[1] + (new > 0), new);
    for (guint i = from; i < to; i++)
        print_line(diff, &g_array_index(edits, Edit, i));
}

static void print_edits(Diff *diff, GArray *edits)
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
        print_hunk(diff, edits, from, end, before);
    }
}

/* ENTRY may be NULL. */
static const char *text_of(const TreeEntry *entry, gsize *length)
{
    *length = 0;
    return entry ? g_bytes_get_data(entry->bytes, length) : NULL;
}

static gboolean too_many_lines(const char *text, gsize length)
{
    gsize lines = 0;

    for (gsize i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines > LINES_MAX;
}

/* Why it is not shown; NULL: it is. Whatever else is in it, printable() shows: what is built must
 * not hide behind a bad byte. */
static const char *why_hidden(const TreeEntry *entry)
{
    gsize length;
    const char *text = text_of(entry, &length);

    if (length == 0)
        return NULL;
    if (memchr(text, '\0', length))
        return "that are no text";
    return too_many_lines(text, length) ? "in more than " G_STRINGIFY(LINES_MAX) " lines" : NULL;
}

static const char *kind_of(const TreeEntry *entry)
{
    if (!entry->bytes)
        return "directory";
    return entry->executable ? "executable file" : "file";
}

/* No line of a file's begins with =, whatever is in it. */
static void print_name(Diff *diff, const TreeEntry *old, const TreeEntry *new)
{
    g_autofree char *name = printable(new ? new->path : old->path);
    GString *out = diff->out;

    g_string_append_printf(out, "=== %s: ", name);
    if (!old || !new)
        g_string_append_printf(out, "%s %s\n", new ? "new" : "removed", kind_of(new ? new : old));
    else if (strcmp(kind_of(old), kind_of(new)) == 0)
        g_string_append_printf(out, "changed %s\n", kind_of(new));
    else
        g_string_append_printf(out, "%s, was %s\n", kind_of(new), kind_of(old));
}

static void print_sum(Diff *diff, char kind, const TreeEntry *entry, const char *why)
{
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, entry->bytes);
    gsize length = g_bytes_get_size(entry->bytes);

    diff->file->hidden += length;
    g_string_append_printf(diff->out, "%c%zu bytes %s, SHA-256 %s\n", kind, length, why, sum);
}

/* Either may be NULL. */
static void print_edits_of(Diff *diff, const TreeEntry *old, const TreeEntry *new)
{
    gsize old_length, new_length;
    const char *old_text = text_of(old, &old_length), *new_text = text_of(new, &new_length);
    g_autoptr(GArray) edits = edits_between(old_text, old_length, new_text, new_length);

    print_edits(diff, edits);
}

static void print_content(Diff *diff, const TreeEntry *old, const TreeEntry *new)
{
    const char *why_old = why_hidden(old), *why_new = why_hidden(new);

    if (old && new &&g_bytes_equal(old->bytes, new->bytes))
        return;
    if (why_old)
        print_sum(diff, '-', old, why_old);
    if (why_new)
        print_sum(diff, '+', new, why_new);
    print_edits_of(diff, why_old ? NULL : old, why_new ? NULL : new);
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

static void add_file(Diff *diff, const TreeEntry *old, const TreeEntry *new)
{
    diff->file = g_new0(DiffFile, 1);
    diff->file->path = g_strdup(new ? new->path : old->path);
    diff->file->kind = !old ? DIFF_NEW : !new ? DIFF_REMOVED : DIFF_CHANGED;
    diff->file->executable = new &&new->executable;
    g_ptr_array_add(diff->files, diff->file);
}

/* Either may be NULL. */
static void print_entry(Diff *diff, const TreeEntry *old, const TreeEntry *new)
{
    if (unchanged(old, new))
        return;
    add_file(diff, old, new);
    print_name(diff, old, new);
    print_content(diff, old && old->bytes ? old : NULL, new &&new->bytes ? new : NULL);
}

char *diff_trees(GPtrArray *old, GPtrArray *new, GPtrArray **files)
{
    g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
    Diff diff = {g_string_new(NULL), made, NULL};
    guint i = 0, j = 0;

    while (i < old->len || j < new->len) {
        const TreeEntry *a = i < old->len ? old->pdata[i] : NULL;
        const TreeEntry *b = j < new->len ? new->pdata[j] : NULL;
        int order = !a ? 1 : !b ? -1 : strcmp(a->path, b->path);
        print_entry(&diff, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    if (files)
        *files = g_steal_pointer(&made);
    return g_string_free(diff.out, FALSE);
}
