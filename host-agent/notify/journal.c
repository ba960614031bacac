/* SPDX-License-Identifier: ISC */
#include "journal.h"

#include "base/fail.h"
#include "base/lock.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "base/writefile.h"
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define SIZE_MAX_READ ((gsize)64 * 1024 * 1024)
#define SIZE_TRIM ((gsize)1024 * 1024) /* below it is never written anew */

struct Journal {
    GMutex lock; /* of all below */
    char *path;
    int guard; /* the lock file: while it is held the journal is ours */
    int fd;
    gsize size;
    gsize trim_at; /* from this size on it is written anew */
    guint64 last;
    GHashTable *marks; /* sandbox -> Mark */
    gboolean broken;   /* it was said that something cannot be kept */
};

static Replay *load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) local = NULL;
    gsize size = 0;

    if (readfile(path, SIZE_MAX_READ, &text, &size, &local) ||
        g_error_matches(local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        return replay_new(text ? text : "", size);
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

/* The new file takes the old one's place when it is whole. Not by writefile(): its temporary files
 * have a new name each, and a kill would leave one more behind; and the umask it sets for a moment
 * is that of all threads. */
static gboolean rewrite(Journal *j, const Replay *replay)
{
    g_autofree char *path = g_strconcat(j->path, ".new", NULL);
    GString *text = replay_print(replay);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    gboolean good = fd >= 0 && writefile_all(fd, text->str, text->len) && fdatasync(fd) == 0 &&
                    g_rename(path, j->path) == 0;

    if (good) {
        if (j->fd >= 0)
            close(j->fd);
        j->fd = fd;
        j->size = text->len;
        j->trim_at = MAX(SIZE_TRIM, 2 * j->size); /* what must stay may be more */
    } else if (fd >= 0) {
        int e = errno;
        close(fd);
        g_unlink(path);
        errno = e;
    }
    g_string_free(text, TRUE);
    return good;
}

/* The old file goes on as it is, but for a line that was cut off. */
static gboolean go_on(Journal *j, gsize whole)
{
    j->fd = open(j->path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    j->size = whole;
    j->trim_at = MAX(SIZE_TRIM, 2 * whole);
    return j->fd >= 0 && ftruncate(j->fd, (off_t)whole) == 0;
}

static void complain(Journal *j)
{
    if (!j->broken)
        g_printerr("host-agent: notify: messages are not kept: cannot write %s: %s\n", j->path,
                   g_strerror(errno));
    j->broken = TRUE;
}

static void trim(Journal *j)
{
    g_autoptr(Replay) replay = load(j->path, NULL);

    j->trim_at = 2 * j->size; /* should it fail: not at each line again */
    if (!replay)
        return;
    replay_trim(replay);
    if (!rewrite(j, replay))
        complain(j);
}

/* A piece of a line that a full disk let in would spoil the next one: it is cut off again. */
static void append(Journal *j, const GString *text)
{
    if (text->len == 0)
        return;
    if (writefile_all(j->fd, text->str, text->len)) {
        j->size += text->len;
        j->broken = FALSE;
    } else {
        complain(j);
        if (ftruncate(j->fd, (off_t)j->size) < 0)
            complain(j);
    }
    if (j->size > j->trim_at)
        trim(j);
}

/* Takes LINE. */
static void add_line(GString *text, char *line)
{
    g_string_append_printf(text, "%s\n", line);
    g_free(line);
}

static void remember_mark(Journal *j, const char *sandbox, const Mark *mark)
{
    g_hash_table_replace(j->marks, g_strdup(sandbox), g_memdup2(mark, sizeof(*mark)));
}

static int take_guard(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "lock", NULL);
    g_autoptr(GError) local = NULL;
    int fd = lock_try(path, &local);

    if (local)
        g_propagate_error(error, g_steal_pointer(&local));
    else if (fd < 0)
        fail(error,
             "another bridge keeps its messages in %s: end that, or give this one an "
             "XDG_STATE_HOME of its own",
             dir);
    return fd;
}

static GPtrArray *take_waiting(Replay *replay)
{
    GPtrArray *waiting = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);

    for (guint i = 0; i < replay->records->len; i++) {
        Record *record = replay->records->pdata[i];
        if (record->state == RECORD_WAITING)
            g_ptr_array_add(waiting, g_steal_pointer(&replay->records->pdata[i]));
    }
    return waiting;
}

static Journal *begin(const char *dir, int guard, Replay *replay)
{
    Journal *j = g_new0(Journal, 1);

    g_mutex_init(&j->lock);
    j->path = g_build_filename(dir, "journal", NULL);
    j->guard = guard;
    j->fd = -1;
    j->last = replay->last;
    j->marks = g_hash_table_ref(replay->marks);
    return j;
}

Journal *journal_open(const char *dir, GPtrArray **waiting, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "journal", NULL);

    if (!paths_make_private(dir, error))
        return NULL;
    int guard = take_guard(dir, error);
    g_autoptr(Replay) replay = guard >= 0 ? load(path, error) : NULL;
    if (!replay) {
        if (guard >= 0)
            close(guard);
        return NULL;
    }
    Journal *j = begin(dir, guard, replay);
    replay_trim(replay);
    /* With a full disk messages are better shown than kept. */
    if (!rewrite(j, replay)) {
        complain(j);
        if (!go_on(j, replay->whole)) {
            fail(error, "cannot write %s: %s", path, g_strerror(errno));
            journal_close(j);
            return NULL;
        }
    }
    *waiting = take_waiting(replay);
    return j;
}

void journal_close(Journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    close(j->guard);
    g_hash_table_unref(j->marks);
    g_mutex_clear(&j->lock);
    g_free(j->path);
    g_free(j);
}

guint64 journal_next(Journal *j)
{
    g_mutex_lock(&j->lock);
    guint64 id = ++j->last;
    g_mutex_unlock(&j->lock);
    return id;
}

Mark journal_mark(Journal *j, const char *sandbox)
{
    g_mutex_lock(&j->lock);
    const Mark *found = g_hash_table_lookup(j->marks, sandbox);
    Mark mark = found ? *found : (Mark){0};
    g_mutex_unlock(&j->lock);
    return mark;
}

void journal_add(Journal *j, const GPtrArray *records)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_mutex_lock(&j->lock);
    for (guint i = 0; i < records->len; i++) {
        const Record *record = records->pdata[i];
        add_line(text, record_print(record));
        remember_mark(j, record->sandbox, &record->mark);
    }
    append(j, text);
    g_mutex_unlock(&j->lock);
}

/* In one piece, so that a kill leaves it counted once. */
void journal_fold(Journal *j, const Record *fold, guint64 id)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_line(text, record_print(fold));
    add_line(text, record_print_state(id, RECORD_FOLDED));
    g_mutex_lock(&j->lock);
    append(j, text);
    g_mutex_unlock(&j->lock);
}

void journal_set_mark(Journal *j, const char *sandbox, const Mark *mark)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_line(text, record_print_mark(sandbox, mark));
    g_mutex_lock(&j->lock);
    remember_mark(j, sandbox, mark);
    append(j, text);
    g_mutex_unlock(&j->lock);
}

void journal_set_state(Journal *j, guint64 id, RecordState state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_line(text, record_print_state(id, state));
    g_mutex_lock(&j->lock);
    append(j, text);
    g_mutex_unlock(&j->lock);
}

GPtrArray *journal_history(GError **error)
{
    g_autofree char *dir = paths_spool_dir();
    g_autofree char *path = g_build_filename(dir, "journal", NULL);
    g_autoptr(Replay) replay = load(path, error);

    return replay ? g_ptr_array_ref(replay->records) : NULL;
}
