/* SPDX-License-Identifier: ISC */
#include "bridge.h"
#include "fail.h"
#include "lines.h"
#include "name.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX 65536 /* bytes at a time from one FIFO: what a pipe holds (pipe(7)) */
#define PAUSE 250      /* ms for a FIFO that had that much: the flood waits, not the others */
#define REST 1000      /* ms after which a line without its newline counts as whole */

/* Only entries that come and go. GFileMonitor asks for more: with it, a sandbox that opens, writes
 * and closes its FIFO in a loop fills the inotify queue that all watches of a process share, and
 * events of the other sandboxes get lost. */
#define WATCH_MASK                                                                         \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | \
     IN_ONLYDIR | IN_DONT_FOLLOW)

struct Bridge {
    char *dir;
    BridgeFunc *func;
    BridgeChangedFunc *changed;
    void *data;
    int inotify;
    guint inotify_source;
    GHashTable *sources; /* name -> Source, which owns the name */
};

typedef struct {
    Bridge *bridge;
    char *name;
    gboolean seen; /* by the scan under way */
    int watch;     /* inotify's, of the directory */
    int fd;        /* the FIFO, or -1 */
    dev_t dev;
    ino_t ino;
    guint input; /* GLib's source ids, 0: none */
    guint timer;
    Lines lines;
} Source;

static void source_line(const char *line, gsize size, gboolean cut, void *data)
{
    Source *s = data;
    g_autoptr(Message) message = message_parse(line, size, cut);

    if (message && message->text)
        s->bridge->func(s->name, message->text, s->bridge->data);
}

/* FALSE when READ_MAX was not enough to empty the FIFO. */
static gboolean source_drain(Source *s)
{
    char bytes[MESSAGE_LINE_MAX];
    ssize_t size;

    for (gsize got = 0; got < READ_MAX; got += size) {
        size = read(s->fd, bytes, sizeof(bytes));
        if (size <= 0)
            return TRUE; /* EAGAIN; there is no end of file, for we hold it open for writing */
        lines_feed(&s->lines, bytes, size, source_line, s);
    }
    return FALSE;
}

static void source_timer(Source *s, guint ms, GSourceFunc func)
{
    g_clear_handle_id(&s->timer, g_source_remove);
    s->timer = g_timeout_add(ms, func, s);
}

static gboolean source_rest(gpointer data)
{
    Source *s = data;

    s->timer = 0;
    lines_end(&s->lines, source_line, s);
    return G_SOURCE_REMOVE;
}

static gboolean source_resume(gpointer data);

static gboolean source_input(int fd, GIOCondition condition, gpointer data)
{
    Source *s = data;

    (void)fd, (void)condition;
    if (!source_drain(s)) {
        s->input = 0;
        source_timer(s, PAUSE, source_resume);
        return G_SOURCE_REMOVE;
    }
    source_timer(s, REST, source_rest);
    return G_SOURCE_CONTINUE;
}

static gboolean source_resume(gpointer data)
{
    Source *s = data;

    s->input = g_unix_fd_add(s->fd, G_IO_IN, source_input, s);
    s->timer = g_timeout_add(REST, source_rest, s);
    return G_SOURCE_REMOVE;
}

static void source_close(Source *s)
{
    if (s->fd < 0)
        return;
    g_clear_handle_id(&s->input, g_source_remove);
    g_clear_handle_id(&s->timer, g_source_remove);
    lines_end(&s->lines, source_line, s);
    close(s->fd);
    s->fd = -1;
}

/* Nobody will find this FIFO again: what it holds is read now. */
static void source_retire(Source *s)
{
    if (s->fd >= 0)
        source_drain(s);
    source_close(s);
}

static void source_refuse(const Source *s, const char *why)
{
    g_printerr("host-agent: notify: no messages from %s: its FIFO %s\n", s->name, why);
}

static void source_open(Source *s, const char *fifo)
{
    struct stat st;
    int fd = open(fifo, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0) {
        if (errno != ENOENT)
            source_refuse(s, g_strerror(errno));
        return;
    }
    if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || st.st_uid != geteuid()) {
        source_refuse(s, "is no FIFO of yours");
        close(fd);
        return;
    }
    s->fd = fd;
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    s->input = g_unix_fd_add(fd, G_IO_IN, source_input, s);
}

/* Is the FIFO that we hold still the one at its place? An inode that is held is not used anew. */
static gboolean source_stale(const Source *s, const char *fifo)
{
    struct stat st;

    return s->fd >= 0 && (lstat(fifo, &st) < 0 || st.st_dev != s->dev || st.st_ino != s->ino);
}

static Source *source_new(Bridge *b, const char *name)
{
    Source *s = g_new0(Source, 1);

    s->bridge = b;
    s->name = g_strdup(name);
    s->watch = -1;
    s->fd = -1;
    g_hash_table_insert(b->sources, s->name, s);
    return s;
}

static void source_free(gpointer data)
{
    Source *s = data;

    source_close(s);
    inotify_rm_watch(s->bridge->inotify, s->watch); /* fails where the directory is gone */
    g_free(s->name);
    g_free(s);
}

/* The watch comes first: a FIFO that is made after the look at it makes an event. */
static void bridge_look(Bridge *b, const char *name)
{
    g_autofree char *dir = g_build_filename(b->dir, name, NULL);
    g_autofree char *fifo = g_build_filename(dir, "notify", NULL);
    int watch = inotify_add_watch(b->inotify, dir, WATCH_MASK);

    if (watch < 0 && (errno == ENOTDIR || errno == ENOENT))
        return;
    Source *s = g_hash_table_lookup(b->sources, name);
    if (!s)
        s = source_new(b, name);
    if (watch < 0)
        source_refuse(s, g_strerror(errno));
    s->watch = watch;
    s->seen = TRUE;
    if (source_stale(s, fifo))
        source_retire(s);
    if (s->fd < 0)
        source_open(s, fifo);
}

/* Makes the sources what the directory is now. */
static void bridge_scan(Bridge *b)
{
    g_autoptr(GDir) dir = g_dir_open(b->dir, 0, NULL);
    GHashTableIter iter;
    gpointer value;
    const char *name;

    g_hash_table_iter_init(&iter, b->sources);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((Source *)value)->seen = FALSE;
    while (dir && (name = g_dir_read_name(dir))) {
        if (name_valid(name))
            bridge_look(b, name);
    }
    g_hash_table_iter_init(&iter, b->sources);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (((Source *)value)->seen)
            continue;
        source_retire(value);
        g_hash_table_iter_remove(&iter);
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
    b->changed(b->data);
    return G_SOURCE_CONTINUE;
}

Bridge *bridge_new(const char *dir, BridgeFunc *func, BridgeChangedFunc *changed, void *data,
                   GError **error)
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
    b->func = func;
    b->changed = changed;
    b->data = data;
    b->inotify = inotify;
    b->sources = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, source_free);
    b->inotify_source = g_unix_fd_add(inotify, G_IO_IN, bridge_event, b);
    bridge_scan(b);
    return b;
}

void bridge_free(Bridge *b)
{
    g_clear_handle_id(&b->inotify_source, g_source_remove);
    g_hash_table_unref(b->sources);
    close(b->inotify);
    g_free(b->dir);
    g_free(b);
}
