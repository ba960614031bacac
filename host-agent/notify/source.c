/* SPDX-License-Identifier: ISC */
#include "source.h"

#include "message/lines.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX 65536   /* bytes at a time from one FIFO: what a pipe holds (pipe(7)) */
#define PAUSE 250        /* ms for a FIFO that had that much: the flood waits, not the others */
#define DRAINS_MAX 17    /* what the largest pipe holds */
#define FOLD_PAUSE 20    /* ms for one whose lines are but counted, or nothing yet */
#define SPOOL_MAX 262144 /* bytes of a file, before it is begun anew */
#define REST 1000        /* ms after which a line without its newline counts as whole */

struct Source {
    char *sandbox;
    Journal *journal;
    Intake *intake;
    Spool spool;
    Lines lines;
    int fd; /* the FIFO, or -1 */
    dev_t dev;
    ino_t ino;
    guint input; /* GLib's source ids, 0: none */
    guint timer;
};

static Mark mark_of(const Source *s)
{
    return (Mark){s->spool.number, s->lines.taken, s->lines.skipping};
}

static void on_line(const char *line, gsize size, gboolean cut, void *data)
{
    Source *s = data;
    const Mark mark = mark_of(s);

    intake_line(s->intake, s->sandbox, line, size, cut, &mark);
}

/* Whole lines need not stay in the file only because the last one goes on. */
static void renew(Source *s)
{
    if (s->spool.size < SPOOL_MAX || !spool_renew(&s->spool, s->lines.line, s->lines.size))
        return;
    s->lines.fed = s->lines.size;
    s->lines.taken = 0;
    const Mark mark = mark_of(s);
    journal_set_mark(s->journal, s->sandbox, &mark);
    spool_drop(&s->spool);
}

/* The file goes when nothing but whole lines was in it. */
static gboolean commit(Source *s)
{
    const Mark mark = mark_of(s);
    gboolean much = intake_commit(s->intake, s->sandbox, &mark);

    if (s->lines.size == 0) {
        const Mark kept = journal_mark(s->journal, s->sandbox);
        spool_done(&s->spool, &kept);
        s->lines.fed = s->lines.taken = 0;
    } else {
        renew(s);
    }
    return much;
}

static void finish_line(Source *s)
{
    lines_end(&s->lines, on_line, s);
    commit(s);
}

/* How long to leave the FIFO alone, ms; 0: it is empty. */
static guint drain(Source *s)
{
    char bytes[MESSAGE_LINE_MAX];
    gsize got = 0;
    ssize_t size;

    /* There is no end of file, for we hold it open for writing. */
    while (got < READ_MAX && (size = spool_take(&s->spool, s->fd, bytes, sizeof(bytes))) > 0) {
        lines_feed(&s->lines, bytes, (gsize)size, on_line, s);
        got += (gsize)size;
    }
    gboolean much = commit(s);
    if (got >= READ_MAX)
        return PAUSE;
    return got > 0 && much ? FOLD_PAUSE : 0;
}

static void set_timer(Source *s, guint ms, GSourceFunc func)
{
    g_clear_handle_id(&s->timer, g_source_remove);
    s->timer = g_timeout_add(ms, func, s);
}

static gboolean on_rest(gpointer data)
{
    Source *s = data;

    s->timer = 0;
    finish_line(s);
    return G_SOURCE_REMOVE;
}

static gboolean on_resume(gpointer data);

static gboolean on_input(int fd, GIOCondition condition, gpointer data)
{
    Source *s = data;
    guint pause = drain(s);

    (void)fd, (void)condition;
    if (pause > 0) {
        s->input = 0;
        set_timer(s, pause, on_resume);
        return G_SOURCE_REMOVE;
    }
    if (s->lines.size > 0 || s->lines.skipping)
        set_timer(s, REST, on_rest);
    return G_SOURCE_CONTINUE;
}

static gboolean on_resume(gpointer data)
{
    Source *s = data;

    s->input = g_unix_fd_add(s->fd, G_IO_IN, on_input, s);
    s->timer = g_timeout_add(REST, on_rest, s);
    return G_SOURCE_REMOVE;
}

/* What a killed bridge had taken from the FIFO. A line without its newline may go on there. */
static void recover(Source *s, const Mark *mark)
{
    char bytes[MESSAGE_LINE_MAX];
    ssize_t size;

    s->lines.fed = s->lines.taken = (guint64)s->spool.size;
    s->lines.skipping = mark->more;
    while ((size = spool_recover(&s->spool, bytes, sizeof(bytes))) > 0)
        lines_feed(&s->lines, bytes, (gsize)size, on_line, s);
    commit(s);
    if (s->lines.size > 0 || s->lines.skipping)
        set_timer(s, REST, on_rest);
}

Source *source_new(const char *sandbox, const char *spool_dir, Journal *journal, Intake *intake)
{
    const Mark mark = journal_mark(journal, sandbox);
    Source *s = g_new0(Source, 1);

    s->sandbox = g_strdup(sandbox);
    s->journal = journal;
    s->intake = intake;
    s->fd = -1;
    spool_init(&s->spool, spool_dir, sandbox, &mark);
    recover(s, &mark);
    return s;
}

static void fifo_close(Source *s)
{
    g_clear_handle_id(&s->input, g_source_remove);
    g_clear_handle_id(&s->timer, g_source_remove);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

void source_end(Source *s)
{
    for (int i = 0; i < DRAINS_MAX && s->fd >= 0 && drain(s) > 0; i++)
        ; /* whoever goes on writing is not waited for */
    fifo_close(s);
    finish_line(s);
}

void source_free(Source *s)
{
    fifo_close(s);
    spool_clear(&s->spool);
    g_free(s->sandbox);
    g_free(s);
}

static void refuse(const Source *s, const char *why)
{
    g_printerr("host-agent: notify: no messages from %s: its FIFO %s\n", s->sandbox, why);
}

static void fifo_open(Source *s, const char *fifo)
{
    struct stat st;
    int fd = open(fifo, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0) {
        if (errno != ENOENT)
            refuse(s, g_strerror(errno));
        return;
    }
    if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || st.st_uid != geteuid()) {
        refuse(s, "is no FIFO of yours");
        close(fd);
        return;
    }
    s->fd = fd;
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    s->input = g_unix_fd_add(fd, G_IO_IN, on_input, s);
}

/* Is the FIFO that we hold still the one at its place? An inode that is held is not used anew. */
static gboolean is_stale(const Source *s, const char *fifo)
{
    struct stat st;

    return s->fd >= 0 && (lstat(fifo, &st) < 0 || st.st_dev != s->dev || st.st_ino != s->ino);
}

void source_look(Source *s, const char *fifo)
{
    if (is_stale(s, fifo))
        source_end(s);
    if (s->fd < 0)
        fifo_open(s, fifo);
}
