/* SPDX-License-Identifier: ISC */
#include "bridge.h"

#include "base/fail.h"
#include "base/name.h"
#include "source.h"
#include "spool.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Only entries that come and go. GFileMonitor asks for more: with it, a sandbox that opens, writes
 * and closes its FIFO in a loop fills the inotify queue that all watches of a process share, and
 * events of the other sandboxes get lost. */
#define WATCH_MASK                                                                         \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | \
     IN_ONLYDIR | IN_DONT_FOLLOW)

struct Bridge {
    char *dir;
    char *spool_dir;
    Journal *journal;
    Intake *intake;
    const BridgeFuncs *funcs;
    void *data;
    int inotify;
    guint inotify_source;
    GHashTable *entries; /* name -> Entry, which owns the name */
};

typedef struct {
    Bridge *bridge;
    char *name;
    gboolean seen; /* by the scan under way */
    int watch;     /* inotify's, of the directory */
    Source *source;
} Entry;

static Entry *entry_new(Bridge *b, const char *name)
{
    Entry *entry = g_new0(Entry, 1);

    entry->bridge = b;
    entry->name = g_strdup(name);
    entry->watch = -1;
    entry->source = source_new(name, b->spool_dir, b->journal, b->intake);
    g_hash_table_insert(b->entries, entry->name, entry);
    return entry;
}

static void entry_free(gpointer data)
{
    Entry *entry = data;

    source_free(entry->source);
    inotify_rm_watch(entry->bridge->inotify, entry->watch); /* fails where the directory is gone */
    g_free(entry->name);
    g_free(entry);
}

static void entry_end(Entry *entry)
{
    Bridge *b = entry->bridge;

    source_end(entry->source);
    intake_forget(b->intake, entry->name);
    b->funcs->gone(entry->name, b->data);
}

/* The watch comes first: what is made after the look at it makes an event. */
static void bridge_look(Bridge *b, const char *name)
{
    g_autofree char *dir = g_build_filename(b->dir, name, NULL);
    g_autofree char *fifo = g_build_filename(dir, "notify", NULL);
    int watch = inotify_add_watch(b->inotify, dir, WATCH_MASK);

    if (watch < 0 && (errno == ENOTDIR || errno == ENOENT))
        return;
    Entry *entry = g_hash_table_lookup(b->entries, name);
    if (!entry)
        entry = entry_new(b, name);
    if (watch < 0)
        g_printerr("host-agent: notify: cannot watch %s: %s\n", dir, g_strerror(errno));
    entry->watch = watch;
    entry->seen = TRUE;
    source_look(entry->source, fifo);
    b->funcs->look(name, dir, b->data);
}

/* Makes the entries what the directory is now. */
static void bridge_scan(Bridge *b)
{
    g_autoptr(GDir) dir = g_dir_open(b->dir, 0, NULL);
    GHashTableIter iter;
    gpointer value;
    const char *name;

    g_hash_table_iter_init(&iter, b->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((Entry *)value)->seen = FALSE;
    while (dir && (name = g_dir_read_name(dir))) {
        if (name_valid(name))
            bridge_look(b, name);
    }
    g_hash_table_iter_init(&iter, b->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (((Entry *)value)->seen)
            continue;
        entry_end(value);
        g_hash_table_iter_remove(&iter);
    }
}

/* What a killed bridge took from sandboxes that are gone by now. */
static void bridge_recover(Bridge *b)
{
    g_autoptr(GPtrArray) sandboxes = spool_list(b->spool_dir);

    for (guint i = 0; i < sandboxes->len; i++) {
        const char *name = sandboxes->pdata[i];
        if (g_hash_table_contains(b->entries, name))
            continue;
        Source *source = source_new(name, b->spool_dir, b->journal, b->intake);
        source_end(source);
        source_free(source);
    }
}

/* Events come seldom, and may be lost (IN_Q_OVERFLOW): whatever they say, the directory itself
 * tells the truth. */
static gboolean bridge_event(int fd, GIOCondition condition, gpointer data)
{
    Bridge *b = data;
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

    (void)condition;
    while (read(fd, events, sizeof(events)) > 0)
        ;
    bridge_scan(b);
    b->funcs->changed(b->data);
    return G_SOURCE_CONTINUE;
}

Bridge *bridge_new(const char *dir, const char *spool_dir, Journal *journal, Intake *intake,
                   const BridgeFuncs *funcs, void *data, GError **error)
{
    int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (inotify < 0 || inotify_add_watch(inotify, dir, WATCH_MASK) < 0) {
        fail(error, "cannot watch %s: %s", dir, g_strerror(errno));
        if (inotify >= 0)
            close(inotify);
        return NULL;
    }
    Bridge *b = g_new0(Bridge, 1);
    b->dir = g_strdup(dir);
    b->spool_dir = g_strdup(spool_dir);
    b->journal = journal;
    b->intake = intake;
    b->funcs = funcs;
    b->data = data;
    b->inotify = inotify;
    b->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    b->inotify_source = g_unix_fd_add(inotify, G_IO_IN, bridge_event, b);
    bridge_scan(b);
    bridge_recover(b);
    return b;
}

void bridge_free(Bridge *b)
{
    g_clear_handle_id(&b->inotify_source, g_source_remove);
    g_hash_table_unref(b->entries);
    close(b->inotify);
    g_free(b->dir);
    g_free(b->spool_dir);
    g_free(b);
}
