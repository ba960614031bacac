/* SPDX-License-Identifier: ISC */
#include "closer.h"

#include <sys/socket.h>
#include <unistd.h>

enum { END = -1 };

struct Closer {
    GAsyncQueue *queue; /* of int, descriptors and END */
    int pending;        /* atomic */
};

static void closer_clear(gpointer data)
{
    g_async_queue_unref(((Closer *)data)->queue);
}

static void closer_push(Closer *c, int fd)
{
    int *item = g_new(int, 1);

    *item = fd;
    g_async_queue_push(c->queue, item);
}

static int closer_pop(Closer *c)
{
    g_autofree int *item = g_async_queue_pop(c->queue);

    return *item;
}

/* With unread bytes, the other end would get ECONNRESET for its end of file. No more of them come:
 * the socket is shut down. */
static void drain(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

static gpointer closer_run(gpointer data)
{
    Closer *c = data;
    int fd;

    while ((fd = closer_pop(c)) != END) {
        drain(fd);
        close(fd);
        g_atomic_int_add(&c->pending, -1);
    }
    g_atomic_rc_box_release_full(c, closer_clear);
    return NULL;
}

Closer *closer_new(GError **error)
{
    Closer *c = g_atomic_rc_box_new0(Closer);

    c->queue = g_async_queue_new();
    GThread *thread = g_thread_try_new("closer", closer_run, g_atomic_rc_box_acquire(c), error);
    if (!thread) {
        g_atomic_rc_box_release(c);
        g_atomic_rc_box_release_full(c, closer_clear);
        return NULL;
    }
    g_thread_unref(thread);
    return c;
}

void closer_close(Closer *c, int fd)
{
    shutdown(fd, SHUT_RDWR);
    g_atomic_int_inc(&c->pending);
    closer_push(c, fd);
}

guint closer_pending(const Closer *c)
{
    return (guint)g_atomic_int_get(&c->pending);
}

void closer_free(Closer *c)
{
    closer_push(c, END);
    g_atomic_rc_box_release_full(c, closer_clear);
}
