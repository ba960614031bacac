/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ASKER_WORLD_H
#define TESTS_ASKER_WORLD_H

/* What the tests of asker.c share. The sockets are real, and both of their ends in this one
 * process: turn() lets the asker's loop run. */

#include "ask/asker.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define QUESTION "{\"event\":\"PermissionRequest\",\"text\":\"rm\"}\n"
enum { SECONDS = 60, LONG = 10 };

typedef struct {
    guint descriptors; /* open at the start of the test */
    char *dir;
    Asker *asker;
    GString *log; /* what the asker called, a word each */
    guint64 last; /* id */
    gboolean refuse;
} World;

static inline gboolean asked(const char *sandbox, Message *message, guint64 *id, void *data)
{
    World *w = data;

    if (!w->refuse)
        *id = ++w->last;
    g_string_append_printf(w->log, "%s:%s ", sandbox, message->text ? message->text : "");
    message_free(message);
    return !w->refuse;
}

static inline void gone(guint64 id, void *data)
{
    World *w = data;

    g_string_append_printf(w->log, "gone:%d ", (int)id);
    asker_answer(w->asker, id, TRUE); /* is over: nothing */
}

static inline gboolean wake(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* One turn of the loop, of at most 20 ms. */
static inline void turn(void)
{
    guint timer = g_timeout_add(20, wake, NULL);

    g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
}

static inline void turns(guint ms)
{
    gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;

    while (g_get_monotonic_time() < end)
        turn();
}

/* --- The sandbox's end --- */

static inline char *path_of(const World *w, const char *sandbox, const char *leaf)
{
    return g_build_filename(w->dir, sandbox, leaf, NULL);
}

/* By a short path, as the container has one. */
static inline int try_connect(const World *w, const char *sandbox)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *path = path_of(w, sandbox, "ask");
    int dir = open(path, O_PATH | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/ask", dir);
    int failed = connect(fd, (struct sockaddr *)&address, sizeof(address));
    int e = errno;
    close(dir);
    if (failed) {
        close(fd);
        errno = e;
        return -1;
    }
    return fd;
}

/* A full backlog (EAGAIN) empties. */
static inline int connected(const World *w, const char *sandbox)
{
    gint64 end = g_get_monotonic_time() + LONG * G_TIME_SPAN_SECOND;
    int fd;

    while ((fd = try_connect(w, sandbox)) < 0 && errno == EAGAIN && g_get_monotonic_time() < end)
        turn();
    assert_true(fd >= 0);
    return fd;
}

static inline int ask(const World *w, const char *sandbox, const char *line)
{
    int fd = connected(w, sandbox);

    assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
    return fd;
}

/* What arrives until SIZE bytes or the end, which is `.`; an error is `!`. */
static inline char *heard(int fd, gsize max)
{
    gint64 end = g_get_monotonic_time() + LONG * G_TIME_SPAN_SECOND;
    GString *text = g_string_new(NULL);
    char bytes[64];

    while (text->len < max && g_get_monotonic_time() < end) {
        ssize_t size = recv(fd, bytes, MIN(sizeof(bytes), max - text->len), 0);
        if (size > 0) {
            g_string_append_len(text, bytes, size);
        } else if (size == 0 || errno != EAGAIN) {
            g_string_append_c(text, size == 0 ? '.' : '!');
            break;
        } else {
            turn();
        }
    }
    return g_string_free(text, FALSE);
}

static inline void hears(int fd, const char *want)
{
    g_autofree char *text = heard(fd, strlen(want));

    assert_string_equal(text, want);
}

static inline void hears_nothing(int fd)
{
    char byte;

    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

static inline void logged(World *w, const char *want)
{
    assert_string_equal(w->log->str, want);
    g_string_truncate(w->log, 0);
}

static inline guint descriptors(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir))
        count++;
    return count;
}

/* --- Set-up --- */

static inline void make(const World *w, const char *sandbox)
{
    g_autofree char *ask_dir = path_of(w, sandbox, "ask");

    assert_int_equal(g_mkdir_with_parents(ask_dir, 0700), 0);
}

static inline void look(const World *w, const char *sandbox)
{
    g_autofree char *dir = path_of(w, sandbox, NULL);

    asker_look(w->asker, sandbox, dir);
}

static inline void remove_tree(const char *path)
{
    g_autoptr(GDir) dir =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *deeper = g_build_filename(path, name, NULL);
        remove_tree(deeper);
    }
    g_remove(path);
}

static inline int set_up(void **state)
{
    World *w = g_new0(World, 1);

    w->descriptors = descriptors();
    w->dir = g_dir_make_tmp("asker-XXXXXX", NULL);
    w->log = g_string_new(NULL);
    w->asker = asker_new(asked, gone, w);
    asker_set_timeout(w->asker, SECONDS);
    make(w, "web");
    make(w, "api");
    look(w, "web");
    look(w, "api");
    *state = w;
    return 0;
}

/* All that was accepted is closed in the end, by a thread. */
static inline int tear_down(void **state)
{
    World *w = *state;
    gint64 end = g_get_monotonic_time() + LONG * G_TIME_SPAN_SECOND;
    guint before = w->descriptors;

    if (w->asker)
        asker_free(w->asker);
    while (descriptors() != before && g_get_monotonic_time() < end)
        turn();
    remove_tree(w->dir);
    g_string_free(w->log, TRUE);
    g_free(w->dir);
    g_free(w);
    return descriptors() == before ? 0 : -1;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
