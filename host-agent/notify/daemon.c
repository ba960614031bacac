/* SPDX-License-Identifier: ISC */
#include "daemon.h"

#include "ask/asker.h"
#include "base/paths.h"
#include "bridge.h"
#include "notify.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/stat.h>

typedef struct {
    GMainLoop *loop;
    int lock;
    Config *config;
    GFileMonitor *config_file;
    Journal *journal;
    Outbox *outbox;
    Notifier *notifier;
    Intake *intake;
    Asker *asker;
    Bridge *bridge;
} Daemon;

/* A session that goes on has its question answered, or does not ask any more. */
static void end_questions(const Daemon *d, const char *sandbox, const char *slot)
{
    if (slot)
        asker_over(d->asker, sandbox, slot);
}

/* Takes RECORD. */
static void show(const Daemon *d, Record *record, gboolean question)
{
    end_questions(d, record->sandbox, message_slot(record->message));
    outbox_add(d->outbox, record, question);
    notifier_wake(d->notifier);
}

static void on_show(Record *record, void *data)
{
    show(data, record, FALSE);
}

static gboolean on_question(const char *sandbox, Message *message, guint64 *id, void *data)
{
    const Daemon *d = data;

    /* Nobody allows what they cannot read to its end, or do not see before quiet hours end. */
    if (message->cut || outbox_quiet(d->outbox) > 0) {
        message_free(message);
        return FALSE;
    }
    Record *record = intake_message(d->intake, sandbox, message);
    if (!record)
        return FALSE;
    *id = record->id;
    show(d, record, TRUE);
    return TRUE;
}

static void on_question_gone(guint64 id, void *data)
{
    const Daemon *d = data;

    outbox_withdraw(d->outbox, id);
    notifier_wake(d->notifier);
}

/* With its prompt, a session's older notification is old news. That it finished is still news when
 * it has ended. */
static void on_sign(const char *sandbox, const char *slot, Event event, guint64 id, void *data)
{
    const Daemon *d = data;

    end_questions(d, sandbox, slot);
    if (event != EVENT_PROMPT)
        return;
    outbox_over(d->outbox, sandbox, slot, id);
    notifier_wake(d->notifier);
}

/* In a process of its own: tmux and the user's command may take their time. */
static void focus(const char *sandbox, guint client, const char *token)
{
    g_autofree char *port = client > 0 ? g_strdup_printf("%u", client) : NULL;
    const char *const argv[] = {"/proc/self/exe", "focus", sandbox, port, NULL};
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(GError) error = NULL;

    if (token)
        environment = g_environ_setenv(environment, "XDG_ACTIVATION_TOKEN", token, TRUE);
    if (!g_spawn_async(NULL, (char **)argv, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL, &error))
        g_printerr("host-agent: notify: cannot go to %s: %s\n", sandbox, error->message);
}

static void on_choice(PopupAction action, guint64 id, const char *sandbox, guint client,
                      const char *token, void *data)
{
    Daemon *d = data;

    if (action == POPUP_FOCUS) {
        focus(sandbox, client, token);
    } else if (action == POPUP_DISMISSED) {
        asker_dismiss(d->asker, id);
    } else {
        asker_answer(d->asker, id, action == POPUP_ALLOW);
        on_question_gone(id, d); /* not every service takes it off the desktop by itself */
    }
}

static void on_look(const char *sandbox, const char *dir, void *data)
{
    asker_look(((Daemon *)data)->asker, sandbox, dir);
}

static void on_gone(const char *sandbox, void *data)
{
    asker_forget(((Daemon *)data)->asker, sandbox);
}

/* Where the lock was removed (with the whole directory, perhaps), the next bridge would not find
 * this one. The directory's own end is no event to rely on: the open lock keeps it alive. */
static void on_changed(void *data)
{
    const Daemon *d = data;
    struct stat st;

    if (fstat(d->lock, &st) == 0 && st.st_nlink > 0)
        return;
    g_printerr("host-agent: notify: my lock is gone, so I end\n");
    g_main_loop_quit(d->loop);
}

static gboolean on_signal(gpointer data)
{
    g_main_loop_quit(((Daemon *)data)->loop);
    return G_SOURCE_CONTINUE;
}

/* Settings that make no sense are no reason to lose a message: the last ones hold, or the defaults.
 */
static Config *read_config(Config *last)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_load(&error);

    if (config)
        return config;
    g_printerr("host-agent: notify: %s: %s\n", error->message,
               last ? "the last settings hold" : "the defaults hold");
    return last ? last : config_default();
}

static void configure(Daemon *d)
{
    Config *old = d->config;

    d->config = read_config(old);
    if (d->config == old)
        return;
    intake_configure(d->intake, &d->config->notify);
    outbox_configure(d->outbox, &d->config->notify);
    asker_set_timeout(d->asker, (guint)d->config->notify.answer_timeout);
    notifier_wake(d->notifier);
    config_free(old);
}

static void on_config_changed(GFileMonitor *monitor, GFile *file, GFile *other,
                              GFileMonitorEvent event, gpointer data)
{
    (void)monitor, (void)file, (void)other;
    if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_RENAMED ||
        event == G_FILE_MONITOR_EVENT_DELETED || event == G_FILE_MONITOR_EVENT_MOVED_IN)
        configure(data);
}

/* GIO looks for a directory that is missing again and again, so there is one. */
static void watch_config(Daemon *d)
{
    g_autofree char *dir = paths_config_dir();
    g_autofree char *path = paths_config_file();
    g_autoptr(GFile) file = g_file_new_for_path(path);

    if (g_mkdir_with_parents(dir, 0700) < 0)
        return;
    d->config_file = g_file_monitor_file(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
    if (d->config_file)
        g_signal_connect(d->config_file, "changed", G_CALLBACK(on_config_changed), d);
}

static gboolean begin(Daemon *d, const char *dir, const char *spool, GError **error)
{
    static const BridgeFuncs funcs = {on_look, on_gone, on_changed};
    g_autoptr(GPtrArray) waiting = NULL;

    d->journal = journal_open(spool, &waiting, error);
    if (!d->journal)
        return FALSE;
    d->config = read_config(NULL);
    d->outbox = outbox_new(d->journal, &d->config->notify);
    for (guint i = 0; i < waiting->len; i++)
        outbox_add(d->outbox, g_steal_pointer(&waiting->pdata[i]), FALSE);
    d->notifier = notifier_new(d->outbox, d->journal, on_choice, d);
    notifier_wake(d->notifier);
    d->intake = intake_new(d->journal, on_show, on_sign, d);
    intake_configure(d->intake, &d->config->notify);
    d->asker = asker_new(on_question, on_question_gone, d);
    asker_set_timeout(d->asker, (guint)d->config->notify.answer_timeout);
    watch_config(d);
    d->bridge = bridge_new(dir, spool, d->journal, d->intake, &funcs, d, error);
    return d->bridge != NULL;
}

/* What hangs in a call to the desktop goes with the process. */
static void end(Daemon *d)
{
    g_clear_object(&d->config_file);
    g_clear_pointer(&d->bridge, bridge_free);
    g_clear_pointer(&d->asker, asker_free);
    g_clear_pointer(&d->intake, intake_free);
    if (!d->notifier)
        return;
    gboolean ended = notifier_free(d->notifier);
    guint64 left = outbox_count(d->outbox);
    if (left > 0)
        g_printerr("host-agent: notify: %" G_GUINT64_FORMAT " messages wait for the next start\n",
                   left);
    if (!ended)
        return;
    outbox_free(d->outbox);
    journal_close(d->journal);
    config_free(d->config);
}

gboolean daemon_run(const char *dir, int lock, GError **error)
{
    g_autofree char *spool = paths_spool_dir();
    Daemon *d = g_new0(Daemon, 1);

    d->lock = lock;
    d->loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, on_signal, d);
    g_unix_signal_add(SIGINT, on_signal, d);
    g_unix_signal_add(SIGHUP, on_signal, d);
    gboolean good = begin(d, dir, spool, error);
    if (good)
        g_main_loop_run(d->loop);
    end(d);
    g_main_loop_unref(d->loop);
    g_free(d);
    return good;
}
