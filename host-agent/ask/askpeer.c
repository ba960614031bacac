/* SPDX-License-Identifier: ISC */
#include "askpeer.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

#define QUESTION "PermissionRequest"
enum { LINE_SECONDS = 2 };

struct AskPeer {
    int fd;
    AskPeerFunc *func;
    void *data;
    guint source; /* GLib's source ids, 0: none */
    guint timer;
};

static gboolean askpeer_late(gpointer data)
{
    AskPeer *p = data;

    p->timer = 0;
    p->func(NULL, p->data);
    return G_SOURCE_REMOVE;
}

static gboolean askpeer_hangup(int fd, GIOCondition condition, gpointer data)
{
    AskPeer *p = data;

    (void)fd, (void)condition;
    p->source = 0;
    p->func(NULL, p->data);
    return G_SOURCE_REMOVE;
}

/* Peeks: to receive could wait (closer.h). A line of one write is there in one piece. */
static Message *read_question(int fd)
{
    char line[MESSAGE_LINE_MAX + 1];
    struct iovec part = {.iov_base = line, .iov_len = sizeof(line)};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t size = recvmsg(fd, &header, MSG_PEEK | MSG_DONTWAIT);

    if (size <= 0 || size > MESSAGE_LINE_MAX || (header.msg_flags & MSG_CTRUNC) || /* descriptors */
        memchr(line, '\n', (size_t)size) != line + size - 1)
        return NULL;
    g_autoptr(Message) message = message_parse(line, (gsize)size - 1, FALSE);
    return message && g_strcmp0(message->event, QUESTION) == 0 ? g_steal_pointer(&message) : NULL;
}

/* It has said all that it may: from here on, its writes fail. */
static gboolean askpeer_input(int fd, GIOCondition condition, gpointer data)
{
    AskPeer *p = data;

    (void)condition;
    p->source = 0;
    shutdown(fd, SHUT_RD);
    p->func(read_question(fd), p->data);
    return G_SOURCE_REMOVE;
}

AskPeer *askpeer_new(int fd, AskPeerFunc *func, void *data)
{
    AskPeer *p = g_new0(AskPeer, 1);

    p->fd = fd;
    p->func = func;
    p->data = data;
    p->timer = g_timeout_add_seconds(LINE_SECONDS, askpeer_late, p);
    p->source = g_unix_fd_add(fd, G_IO_IN, askpeer_input, p);
    return p;
}

/* A half-close is no hang-up. */
void askpeer_wait(AskPeer *p, guint seconds)
{
    char words[32];

    g_snprintf(words, sizeof(words), "wait %u\n", seconds);
    askpeer_say(p, words);
    g_clear_handle_id(&p->timer, g_source_remove);
    p->timer = g_timeout_add_seconds(seconds, askpeer_late, p);
    p->source = g_unix_fd_add(p->fd, G_IO_HUP, askpeer_hangup, p);
}

void askpeer_say(const AskPeer *p, const char *words)
{
    send(p->fd, words, strlen(words), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void askpeer_free(AskPeer *p, Closer *closer)
{
    g_clear_handle_id(&p->source, g_source_remove);
    g_clear_handle_id(&p->timer, g_source_remove);
    closer_close(closer, p->fd);
    g_free(p);
}
