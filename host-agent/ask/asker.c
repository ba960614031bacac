/* SPDX-License-Identifier: ISC */
#include "asker.h"

#include "askdir.h"
#include "askpeer.h"
#include "closer.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sandbox's share. More connections wait in the kernel; more questions are refused. */
enum {
    PEERS_MAX = 16, /* open ones, and new ones within PAUSE */
    QUESTIONS_MAX = 8,
    PAUSE = 250, /* ms */
};

struct Asker {
    AskerFunc *func;
    AskerGoneFunc *gone;
    void *data;
    guint seconds;
    GHashTable *places;    /* name -> Place, which owns the name */
    GHashTable *questions; /* id -> Peer, which owns the id */
};

/* A sandbox's socket. */
typedef struct {
    Asker *asker;
    char *name;
    char *path;
    gboolean refused; /* was said already */
    int dir;          /* -1: there is no socket, and nothing of the following */
    int listener;
    Closer *closer;
    GPtrArray *peers; /* of Peer */
    guint waiting;    /* questions among them */
    gint64 since;     /* µs: when the first of the RECENT came */
    guint recent;
    guint input; /* GLib's source ids, 0: none */
    guint timer;
} Place;

typedef struct {
    Place *place;
    AskPeer *connection;
    gboolean waits; /* for the answer to ID */
    guint64 id;
    char *slot; /* of its question's message */
} Peer;

/* --- One question ---------------------------------------------------------------------------- */

static void peer_unask(Peer *p)
{
    p->waits = FALSE;
    p->place->waiting--;
    g_hash_table_remove(p->place->asker->questions, &p->id);
}

static void peer_end(Peer *p)
{
    const Asker *a = p->place->asker;
    gboolean waited = p->waits;
    guint64 id = p->id;

    if (waited)
        peer_unask(p);
    askpeer_free(p->connection, p->place->closer);
    g_ptr_array_remove_fast(p->place->peers, p);
    g_free(p->slot);
    g_free(p);
    if (waited)
        a->gone(id, a->data);
}

static gboolean peer_ask(Peer *p, Message *question)
{
    g_autoptr(Message) message = question;
    Place *place = p->place;
    Asker *a = place->asker;

    p->slot = g_strdup(message_slot(message));
    if (place->waiting >= QUESTIONS_MAX ||
        !a->func(place->name, g_steal_pointer(&message), &p->id, a->data))
        return FALSE;
    p->waits = TRUE;
    place->waiting++;
    g_hash_table_insert(a->questions, &p->id, p);
    askpeer_wait(p->connection, a->seconds);
    return TRUE;
}

static void peer_said(Message *question, void *data)
{
    Peer *p = data;

    if (!question || !peer_ask(p, question))
        peer_end(p);
}

/* The socket's mode says the same. */
static gboolean is_ours(int fd)
{
    struct ucred who;
    socklen_t size = sizeof(who);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == geteuid();
}

static void peer_new(Place *place, int fd)
{
    if (!is_ours(fd)) {
        closer_close(place->closer, fd);
        return;
    }
    Peer *p = g_new0(Peer, 1);
    p->place = place;
    p->connection = askpeer_new(fd, peer_said, p);
    g_ptr_array_add(place->peers, p);
}

/* --- One sandbox ----------------------------------------------------------------------------- */

static gboolean place_input(int fd, GIOCondition condition, gpointer data);

static gboolean place_full(const Place *p)
{
    return p->peers->len + closer_pending(p->closer) >= PEERS_MAX;
}

static gboolean place_resume(gpointer data)
{
    Place *p = data;

    if (place_full(p))
        return G_SOURCE_CONTINUE;
    p->timer = 0;
    p->recent = 0;
    p->input = g_unix_fd_add(p->listener, G_IO_IN, place_input, p);
    return G_SOURCE_REMOVE;
}

/* An accept that fails counts, too: it may fail again and again (EMFILE). */
static gboolean place_had_enough(Place *p)
{
    gint64 now = g_get_monotonic_time();

    if (now - p->since > PAUSE * G_TIME_SPAN_MILLISECOND) {
        p->since = now;
        p->recent = 0;
    }
    p->recent++;
    return p->recent >= PEERS_MAX || place_full(p);
}

static gboolean place_input(int fd, GIOCondition condition, gpointer data)
{
    Place *p = data;
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)condition;
    if (peer >= 0)
        peer_new(p, peer);
    if (!place_had_enough(p))
        return G_SOURCE_CONTINUE;
    p->input = 0;
    p->timer = g_timeout_add(PAUSE, place_resume, p);
    return G_SOURCE_REMOVE;
}

static void place_close(Place *p)
{
    if (p->dir < 0)
        return;
    g_clear_handle_id(&p->input, g_source_remove);
    g_clear_handle_id(&p->timer, g_source_remove);
    while (p->peers->len > 0)
        peer_end(p->peers->pdata[0]);
    g_clear_pointer(&p->peers, g_ptr_array_unref);
    closer_close(p->closer, p->listener);
    g_clear_pointer(&p->closer, closer_free);
    close(p->dir);
    p->dir = -1;
}

/* Takes DIR. */
static gboolean place_open(Place *p, int dir, GError **error)
{
    Closer *closer = closer_new(error);
    int listener = closer ? askdir_listen(dir, error) : -1;

    if (listener < 0) {
        g_clear_pointer(&closer, closer_free);
        close(dir);
        return FALSE;
    }
    p->dir = dir;
    p->listener = listener;
    p->closer = closer;
    p->peers = g_ptr_array_new();
    p->input = g_unix_fd_add(listener, G_IO_IN, place_input, p);
    return TRUE;
}

/* An inode that is held is not used anew. */
static gboolean is_same(int one, int other)
{
    struct stat a, b;

    return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static gboolean place_make(Place *p, GError **error)
{
    int dir = askdir_open(p->path, error);

    if (dir >= 0 && p->dir >= 0 && is_same(dir, p->dir)) {
        close(dir);
        return TRUE;
    }
    place_close(p);
    return dir >= 0 && place_open(p, dir, error);
}

static void place_look(Place *p)
{
    g_autoptr(GError) error = NULL;

    if (p->asker->seconds == 0) {
        place_close(p);
        return;
    }
    gboolean fine =
        place_make(p, &error) || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    if (!fine && !p->refused)
        g_printerr("host-agent: notify: no questions from %s: %s\n", p->name, error->message);
    p->refused = !fine;
}

static void place_free(gpointer data)
{
    Place *p = data;

    place_close(p);
    g_free(p->name);
    g_free(p->path);
    g_free(p);
}

static Place *place_new(Asker *a, const char *name, const char *dir)
{
    Place *p = g_new0(Place, 1);

    p->asker = a;
    p->name = g_strdup(name);
    p->path = g_build_filename(dir, "ask", NULL);
    p->dir = -1;
    g_hash_table_insert(a->places, p->name, p);
    return p;
}

/* --- All of them ----------------------------------------------------------------------------- */

Asker *asker_new(AskerFunc *func, AskerGoneFunc *gone, void *data)
{
    Asker *a = g_new0(Asker, 1);

    a->func = func;
    a->gone = gone;
    a->data = data;
    a->places = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, place_free);
    a->questions = g_hash_table_new(g_int64_hash, g_int64_equal);
    return a;
}

void asker_set_timeout(Asker *a, guint seconds)
{
    GHashTableIter iter;
    gpointer place;

    a->seconds = seconds;
    g_hash_table_iter_init(&iter, a->places);
    while (g_hash_table_iter_next(&iter, NULL, &place))
        place_look(place);
}

void asker_look(Asker *a, const char *sandbox, const char *dir)
{
    Place *place = g_hash_table_lookup(a->places, sandbox);

    place_look(place ? place : place_new(a, sandbox, dir));
}

void asker_forget(Asker *a, const char *sandbox)
{
    g_hash_table_remove(a->places, sandbox);
}

void asker_answer(Asker *a, guint64 id, gboolean allow)
{
    Peer *peer = g_hash_table_lookup(a->questions, &id);

    if (!peer)
        return;
    peer_unask(peer);
    askpeer_say(peer->connection, allow ? "allow\n" : "deny\n");
    peer_end(peer);
}

void asker_dismiss(Asker *a, guint64 id)
{
    Peer *peer = g_hash_table_lookup(a->questions, &id);

    if (!peer)
        return;
    peer_unask(peer);
    peer_end(peer);
}

void asker_over(Asker *a, const char *sandbox, const char *slot)
{
    Place *place = g_hash_table_lookup(a->places, sandbox);

    for (guint i = place && place->dir >= 0 ? place->peers->len : 0; i-- > 0;) {
        Peer *peer = place->peers->pdata[i];
        if (peer->waits && g_strcmp0(peer->slot, slot) == 0)
            peer_end(peer);
    }
}

void asker_free(Asker *a)
{
    g_hash_table_unref(a->places);
    g_hash_table_unref(a->questions);
    g_free(a);
}
