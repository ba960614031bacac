/* SPDX-License-Identifier: ISC */
#include "bridge.h"
#include "cmd.h"
#include "fail.h"
#include "notify.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    GMainLoop *loop;
    Notifier *notifier;
    int lock;
} Daemon;

static void daemon_message(const char *sandbox, const char *text, void *data)
{
    notifier_show(((Daemon *)data)->notifier, sandbox, text);
}

/* Where the lock was removed (with the whole directory, perhaps), the next bridge would not find
 * this one. The directory's own end is no event to rely on: the open lock keeps it alive. */
static void daemon_changed(void *data)
{
    Daemon *d = data;
    struct stat st;

    if (fstat(d->lock, &st) == 0 && st.st_nlink > 0)
        return;
    g_printerr("host-agent: notify: my lock is gone, so I end\n");
    g_main_loop_quit(d->loop);
}

static gboolean daemon_signal(gpointer data)
{
    g_main_loop_quit(((Daemon *)data)->loop);
    return G_SOURCE_CONTINUE;
}

/* The lock is the descriptor's, and the daemon's while it lives. -1 when another holds it, or with
 * an error set. */
static int daemon_lock(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "notify.lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0) {
        fail(error, "cannot make %s: %s", path, g_strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (errno != EWOULDBLOCK)
        fail(error, "cannot lock %s: %s", path, g_strerror(errno));
    close(fd);
    return -1;
}

static gboolean daemon_run(const char *dir, int lock, GError **error)
{
    Daemon d = {.lock = lock, .loop = g_main_loop_new(NULL, FALSE), .notifier = notifier_new()};

    Bridge *bridge = bridge_new(dir, daemon_message, daemon_changed, &d, error);
    if (bridge) {
        g_unix_signal_add(SIGTERM, daemon_signal, &d);
        g_unix_signal_add(SIGINT, daemon_signal, &d);
        g_unix_signal_add(SIGHUP, daemon_signal, &d);
        g_main_loop_run(d.loop);
        bridge_free(bridge);
    }
    guint left = notifier_free(d.notifier);
    if (left > 0)
        g_printerr("host-agent: notify: %u messages were not shown\n", left);
    g_main_loop_unref(d.loop);
    return bridge != NULL;
}

int cmd_notify(int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {{0}};
    g_autofree char *dir = paths_runtime_dir();

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 1) {
        cmd_usage(error, "notify: takes no argument, not %s", argv[1]);
        return CMD_USAGE;
    }
    if (!paths_make_private(dir, error))
        return CMD_FAILED;
    int lock = daemon_lock(dir, error);
    if (lock < 0) {
        if (*error)
            return CMD_FAILED;
        g_printerr("host-agent: notify: runs already\n");
        return CMD_OK;
    }
    gboolean ran = daemon_run(dir, lock, error);
    close(lock);
    return ran ? CMD_OK : CMD_FAILED;
}
