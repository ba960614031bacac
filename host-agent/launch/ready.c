/* SPDX-License-Identifier: ISC */
#include "ready.h"

#include "base/fail.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "sandbox/sandbox.h"
#include "ssh/hostlog.h"

#include <gio/gio.h>
#include <signal.h>
#include <sys/wait.h>

#define HEAD_MAX 65536 /* the key is among the first lines */
#define TAIL_MAX 4096
enum { SECONDS = 30, LAST_LINES = 3 };

typedef struct {
    GMainLoop *loop;
    const char *log;
    char *key;
    GPid watcher; /* podman wait: ends with the container; 0 once reaped */
    gboolean timed_out;
} Ready;

static gboolean look(Ready *ready)
{
    g_autofree char *text = NULL;

    if (!ready->key && readfile_head(ready->log, HEAD_MAX, &text, NULL))
        ready->key = hostlog_key(text);
    return ready->key != NULL;
}

static void log_changed(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                        gpointer data)
{
    Ready *ready = data;

    (void)monitor, (void)file, (void)other, (void)event;
    if (look(ready))
        g_main_loop_quit(ready->loop);
}

static void container_ended(GPid pid, gint status, gpointer data)
{
    Ready *ready = data;

    (void)status;
    g_spawn_close_pid(pid);
    ready->watcher = 0;
    g_main_loop_quit(ready->loop);
}

static gboolean time_is_up(gpointer data)
{
    Ready *ready = data;

    ready->timed_out = TRUE;
    g_main_loop_quit(ready->loop);
    return G_SOURCE_CONTINUE;
}

/* Without the watcher, a dead container is noticed when the time is up. */
static guint watch_container(Ready *ready, const char *name)
{
    g_autofree char *container = sandbox_container(name);
    const char *const argv[] = {"podman", "wait", container, NULL};

    if (!g_spawn_async(NULL, (char **)argv, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                           G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, &ready->watcher, NULL))
        return 0;
    return g_child_watch_add(ready->watcher, container_ended, ready);
}

static void stop_watching(Ready *ready, guint source)
{
    if (ready->watcher <= 0)
        return;
    g_source_remove(source);
    kill(ready->watcher, SIGKILL);
    TEMP_FAILURE_RETRY(waitpid(ready->watcher, NULL, 0));
}

static void await(Ready *ready, const char *name)
{
    g_autoptr(GFile) file = g_file_new_for_path(ready->log);
    g_autoptr(GFileMonitor) monitor = g_file_monitor_file(file, G_FILE_MONITOR_NONE, NULL, NULL);

    if (monitor) {
        g_file_monitor_set_rate_limit(monitor, 0);
        g_signal_connect(monitor, "changed", G_CALLBACK(log_changed), ready);
    }
    if (look(ready)) /* since the monitor tells changes only */
        return;
    guint timer = g_timeout_add_seconds(SECONDS, time_is_up, ready);
    guint source = watch_container(ready, name);
    g_main_loop_run(ready->loop);
    stop_watching(ready, source);
    g_source_remove(timer);
    look(ready);
}

char *ready_wait(const char *name, GError **error)
{
    g_autofree char *log = paths_state(name, "log");
    g_autofree char *text = NULL;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Ready ready = {.loop = loop, .log = log};

    await(&ready, name);
    if (ready.key)
        return ready.key;
    if (!readfile_tail(log, TAIL_MAX, &text, NULL))
        text = g_strdup("");
    g_autofree char *last = hostlog_last(text, LAST_LINES);
    const char *words = *last ? last : "it said nothing";
    if (ready.timed_out)
        fail(error, "sandbox %s was not ready within %d s: %s", name, SECONDS, words);
    else
        fail(error, "sandbox %s ended at once: %s", name, words);
    return NULL;
}
