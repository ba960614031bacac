/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include "base/name.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *spool_path(const Spool *s, guint64 number)
{
    g_autofree char *leaf = g_strdup_printf("%s.%" G_GUINT64_FORMAT, s->sandbox, number);

    return g_build_filename(s->dir, leaf, NULL);
}

/* SANDBOX.NUMBER. */
static char *leaf_sandbox(const char *leaf)
{
    const char *dot = strrchr(leaf, '.');

    if (!dot || dot[1] == '\0' || dot[1 + strspn(dot + 1, G_CSET_DIGITS)])
        return NULL;
    char *sandbox = g_strndup(leaf, (gsize)(dot - leaf));
    if (!name_valid(sandbox))
        g_clear_pointer(&sandbox, g_free);
    return sandbox;
}

static void discard(const Spool *s, guint64 number)
{
    g_autofree char *path = spool_path(s, number);

    g_unlink(path);
}

/* The file that the mark speaks of, or the next one, of which nothing is in the journal yet. A kill
 * in the midst of spool_renew() leaves one before or after it. */
static void adopt(Spool *s, const Mark *mark)
{
    for (guint64 number = mark->spool; s->fd < 0 && number <= mark->spool + 1; number++) {
        g_autofree char *path = spool_path(s, number);
        s->fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        s->number = number;
        s->size = number == mark->spool ? (off_t)mark->offset : 0;
    }
    if (s->fd >= 0)
        discard(s, s->number + 1);
    if (mark->spool > 0)
        discard(s, mark->spool - 1);
    if (s->fd < 0)
        s->number = mark->spool;
}

void spool_init(Spool *s, const char *dir, const char *sandbox, const Mark *mark)
{
    *s = (Spool){.dir = g_strdup(dir), .sandbox = g_strdup(sandbox), .fd = -1};
    adopt(s, mark);
}

void spool_clear(Spool *s)
{
    if (s->fd >= 0)
        close(s->fd);
    g_free(s->dir);
    g_free(s->sandbox);
}

static gboolean begin(Spool *s)
{
    if (s->fd >= 0)
        return TRUE;
    g_autofree char *path = spool_path(s, s->number + 1);
    s->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (s->fd < 0)
        return FALSE;
    s->number++;
    s->size = 0;
    return TRUE;
}

ssize_t spool_recover(Spool *s, char *bytes, size_t size)
{
    ssize_t got = s->fd >= 0 ? pread(s->fd, bytes, size, s->size) : 0;

    if (got > 0)
        s->size += got;
    return MAX(got, 0);
}

/* With a full disk, say, a message is better shown than kept. What the file goes on with comes
 * after it, where the stream is by then. */
static ssize_t take_directly(Spool *s, int fifo, char *bytes, size_t size)
{
    ssize_t got = read(fifo, bytes, size);

    if (got > 0 && s->fd >= 0)
        s->size += got;
    return got;
}

ssize_t spool_take(Spool *s, int fifo, char *bytes, size_t size)
{
    if (!begin(s))
        return take_directly(s, fifo, bytes, size);
    off_t end = s->size;
    ssize_t moved = splice(fifo, NULL, s->fd, &end, size, SPLICE_F_NONBLOCK);
    if (moved < 0 && errno != EAGAIN)
        return take_directly(s, fifo, bytes, size);
    return moved > 0 ? spool_recover(s, bytes, (size_t)moved) : moved;
}

void spool_done(Spool *s, const Mark *mark)
{
    if (s->fd < 0)
        return;
    g_autofree char *path = spool_path(s, s->number);
    close(s->fd);
    s->fd = -1;
    g_unlink(path);
    s->number = mark->spool;
}

gboolean spool_renew(Spool *s, const char *bytes, size_t size)
{
    g_autofree char *path = spool_path(s, s->number + 1);
    int fd = s->fd < 0 ? -1 : open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return FALSE;
    if (pwrite(fd, bytes, size, 0) != (ssize_t)size) {
        close(fd);
        g_unlink(path);
        return FALSE;
    }
    close(s->fd);
    s->fd = fd;
    s->number++;
    s->size = (off_t)size;
    return TRUE;
}

void spool_drop(const Spool *s)
{
    discard(s, s->number - 1);
}

GPtrArray *spool_list(const char *dir)
{
    GPtrArray *sandboxes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    const char *leaf;

    while (entries && (leaf = g_dir_read_name(entries))) {
        char *sandbox = leaf_sandbox(leaf);
        if (sandbox)
            g_ptr_array_add(sandboxes, sandbox);
    }
    return sandboxes;
}
