/* SPDX-License-Identifier: ISC */
#include "foreground.h"

#include "fail.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/wait.h>

typedef struct {
    GMainLoop *loop;
    GPid child;
    int status; /* -1 while it runs */
} Foreground;

static void child_ended(GPid pid, gint wait_status, gpointer data)
{
    Foreground *foreground = data;

    foreground->status =
        WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    g_spawn_close_pid(pid);
    g_main_loop_quit(foreground->loop);
}

/* A terminal signals the whole foreground group, so that the child may get it twice: harmless. */
static gboolean pass_hangup(gpointer data)
{
    kill(((Foreground *)data)->child, SIGHUP);
    return G_SOURCE_CONTINUE;
}

static gboolean pass_interrupt(gpointer data)
{
    kill(((Foreground *)data)->child, SIGINT);
    return G_SOURCE_CONTINUE;
}

static gboolean pass_terminate(gpointer data)
{
    kill(((Foreground *)data)->child, SIGTERM);
    return G_SOURCE_CONTINUE;
}

/* A handler and not SIG_IGN, which the child would inherit. */
static void outlive(int signo)
{
    (void)signo;
}

int run_foreground(const char *const *argv, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Foreground foreground = {loop, 0, -1};
    const struct sigaction outliving = {.sa_handler = outlive};
    struct sigaction before;

    /* Before the child is there, so that no signal meets us without a handler. */
    sigaction(SIGQUIT, &outliving, &before);
    guint sources[] = {
        g_unix_signal_add(SIGHUP, pass_hangup, &foreground),
        g_unix_signal_add(SIGINT, pass_interrupt, &foreground),
        g_unix_signal_add(SIGTERM, pass_terminate, &foreground),
    };
    if (g_spawn_async(NULL, (char **)argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                          G_SPAWN_CHILD_INHERITS_STDIN,
                      NULL, NULL, &foreground.child, &cause)) {
        g_child_watch_add(foreground.child, child_ended, &foreground);
        g_main_loop_run(loop);
    } else {
        fail(error, "cannot run %s: %s", argv[0], cause->message);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
    sigaction(SIGQUIT, &before, NULL);
    return foreground.status;
}
