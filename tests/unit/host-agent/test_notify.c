/* SPDX-License-Identifier: ISC */
#include "notify/notify.h"

#include "config/config.h"
#include "notify/replay.h"
#include "records.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define WAIT (20 * G_TIME_SPAN_SECOND)

static const char interface[] =
    "<node><interface name='" NAME "'>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "<method name='GetServerInformation'><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/></method>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
    "<signal name='ActionInvoked'><arg type='u'/><arg type='s'/></signal>"
    "</interface></node>";

/* A session bus with a service on it, which does as it is told, and what is to be shown there. */
typedef struct {
    GPid daemon;
    char *address;
    GDBusNodeInfo *node;
    GDBusConnection *bus;
    char *top, *dir;
    Journal *journal;
    Config *config;
    Outbox *outbox;
    Notifier *notifier;
    const char *refused; /* a message with that in its summary or body is not taken; NULL: any is */
    guint refusals;
    gboolean withdraws; /* and before that it is over */
    guint64 said;       /* the last record */
    guint shown;        /* the last one's id */
    GString *bodies;    /* what was shown, a line each */
    guint closed;       /* the id that was closed last */
    PopupAction action; /* what the user chose last */
    guint64 chosen;     /* of which record; 0: none */
} World;

static void notify(World *w, GVariant *arguments, GDBusMethodInvocation *call)
{
    const char *summary, *body;

    g_variant_get_child(arguments, 3, "&s", &summary);
    g_variant_get_child(arguments, 4, "&s", &body);
    if (w->refused && (strstr(summary, w->refused) || strstr(body, w->refused))) {
        w->refusals++;
        if (w->withdraws)
            outbox_withdraw(w->outbox, w->said);
        g_dbus_method_invocation_return_dbus_error(call, "org.example.Refused", "not that one");
        return;
    }
    g_string_append_printf(w->bodies, "%s\n", body);
    g_dbus_method_invocation_return_value(call, g_variant_new("(u)", ++w->shown));
}

static void on_call(GDBusConnection *bus, const char *sender, const char *path,
                    const char *interface_name, const char *method, GVariant *arguments,
                    GDBusMethodInvocation *call, gpointer data)
{
    static const char *const capabilities[] = {"body", "actions", NULL};
    World *w = data;

    (void)bus, (void)sender, (void)path, (void)interface_name;
    if (strcmp(method, "Notify") == 0) {
        notify(w, arguments, call);
    } else if (strcmp(method, "GetCapabilities") == 0) {
        g_dbus_method_invocation_return_value(call, g_variant_new("(^as)", capabilities));
    } else if (strcmp(method, "CloseNotification") == 0) {
        g_variant_get(arguments, "(u)", &w->closed);
        g_dbus_method_invocation_return_value(call, NULL);
    } else {
        g_dbus_method_invocation_return_value(call, g_variant_new("(ssss)", "t", "t", "1", "1.2"));
    }
}

static void on_choice(PopupAction action, guint64 id, const char *sandbox, guint client,
                      const char *token, void *data)
{
    World *w = data;

    (void)sandbox, (void)client, (void)token;
    w->action = action;
    w->chosen = id;
}

static void end_with_us(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void daemon_begin(World *w)
{
    const char *const argv[] = {"dbus-daemon", "--session", "--nofork", "--print-address", NULL};
    g_autoptr(GError) error = NULL;
    char line[512];
    int out;

    assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
                                         G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                         end_with_us, NULL, &w->daemon, NULL, &out, NULL, &error));
    ssize_t size = read(out, line, sizeof(line));
    assert_in_range(size, 2, sizeof(line) - 1);
    close(out);
    w->address = g_strndup(line, (gsize)size - 1);
    g_setenv("DBUS_SESSION_BUS_ADDRESS", w->address, TRUE);
}

static void service_begin(World *w)
{
    static const GDBusInterfaceVTable table = {.method_call = on_call};
    g_autoptr(GError) error = NULL;

    daemon_begin(w);
    w->node = g_dbus_node_info_new_for_xml(interface, &error);
    assert_null(error);
    /* Apart from the one that the notifier has. */
    w->bus =
        g_dbus_connection_new_for_address_sync(w->address,
                                               G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                               NULL, NULL, &error);
    assert_null(error);
    g_dbus_connection_register_object(w->bus, PATH, w->node->interfaces[0], &table, w, NULL,
                                      &error);
    assert_null(error);
    g_bus_own_name_on_connection(w->bus, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
}

static int setup(void **state)
{
    World *w = g_new0(World, 1);
    g_autoptr(GPtrArray) waiting = NULL;
    g_autoptr(GError) error = NULL;

    w->bodies = g_string_new(NULL);
    service_begin(w);
    w->top = g_dir_make_tmp("host-agent-XXXXXX", NULL);
    w->dir = g_build_filename(w->top, "spool", NULL);
    w->journal = journal_open(w->dir, &waiting, &error);
    assert_null(error);
    w->config = config_default();
    w->config->notify.rate = 1000;
    w->outbox = outbox_new(w->journal, &w->config->notify);
    w->notifier = notifier_new(w->outbox, w->journal, on_choice, w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    World *w = *state;
    g_autofree char *journal = g_build_filename(w->dir, "journal", NULL);
    g_autofree char *lock = g_build_filename(w->dir, "lock", NULL);

    assert_true(notifier_free(w->notifier));
    outbox_free(w->outbox);
    journal_close(w->journal);
    config_free(w->config);
    g_dbus_connection_close_sync(w->bus, NULL, NULL);
    g_object_unref(w->bus);
    g_dbus_node_info_unref(w->node);
    kill(w->daemon, SIGTERM);
    assert_int_equal(waitpid(w->daemon, NULL, 0), w->daemon);
    g_free(w->address);
    g_unlink(journal);
    g_unlink(lock);
    g_rmdir(w->dir);
    g_rmdir(w->top);
    g_string_free(w->bodies, TRUE);
    g_free(w->dir);
    g_free(w->top);
    g_free(w);
    return 0;
}

static guint64 say_as(World *w, const char *sandbox, const char *line, gboolean question)
{
    Record *record = record_of(journal_next(w->journal), sandbox, line, 0);
    g_autoptr(GPtrArray) records = g_ptr_array_new();
    guint64 id = w->said = record->id;

    record->time = g_get_real_time() / G_TIME_SPAN_MILLISECOND;
    g_ptr_array_add(records, record);
    journal_add(w->journal, records);
    outbox_add(w->outbox, record, question);
    notifier_wake(w->notifier);
    return id;
}

static guint64 say(World *w, const char *sandbox, const char *line)
{
    return say_as(w, sandbox, line, FALSE);
}

static RecordState state_of(World *w, guint64 id)
{
    g_autofree char *path = g_build_filename(w->dir, "journal", NULL);
    g_autofree char *text = NULL;
    RecordState state = RECORD_STATES;
    gsize size;

    assert_true(g_file_get_contents(path, &text, &size, NULL));
    g_autoptr(Replay) replay = replay_new(text, size);
    for (guint i = 0; i < replay->records->len; i++) {
        const Record *record = replay->records->pdata[i];
        if (record->id == id)
            state = record->state;
    }
    return state;
}

static gboolean on_tick(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* The service, too, lives in the default main context. */
#define await(condition)                                 \
    do {                                                 \
        gint64 until = g_get_monotonic_time() + WAIT;    \
        guint tick = g_timeout_add(10, on_tick, NULL);   \
        while (!(condition)) {                           \
            assert_true(g_get_monotonic_time() < until); \
            g_main_context_iteration(NULL, TRUE);        \
        }                                                \
        g_source_remove(tick);                           \
    } while (0)

static void let_pass(guint ms)
{
    gint64 over = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;

    await(g_get_monotonic_time() >= over);
}

static void what_is_refused_keeps_nothing_waiting_after_it(void **state)
{
    World *w = *state;

    w->refused = "bad";
    guint64 bad = say(w, "demo", "bad");
    await(state_of(w, bad) == RECORD_FAILED);
    assert_int_equal(w->refusals, 3);
    let_pass(1500); /* the next try, which finds nothing to show */
    guint64 good = say(w, "other", "good");
    await(state_of(w, good) == RECORD_SHOWN);
    assert_string_equal(w->bodies->str, "good\n");
}

static void two_that_are_refused_in_turn_are_given_up(void **state)
{
    World *w = *state;

    w->refused = "bad";
    guint64 one = say(w, "demo", "bad one");
    guint64 two = say(w, "other", "bad two");
    await(state_of(w, one) == RECORD_FAILED && state_of(w, two) == RECORD_FAILED);
    assert_int_equal(w->refusals, 6);
}

static void what_the_settings_silence_meanwhile_is_not_shown(void **state)
{
    World *w = *state;
    g_autoptr(Config) old = w->config;

    w->refused = "done";
    guint64 stop = say(w, "demo", "{\"event\":\"Stop\",\"text\":\"done\"}");
    await(w->refusals > 0);
    w->refused = NULL;
    w->config = config_default();
    w->config->notify.urgency[EVENT_STOP] = EVENT_OFF;
    outbox_configure(w->outbox, &w->config->notify);
    await(state_of(w, stop) == RECORD_SILENT);
    assert_string_equal(w->bodies->str, "");
}

static void a_question_that_ends_while_it_is_refused_is_not_asked_again(void **state)
{
    World *w = *state;

    w->refused = "may I";
    w->withdraws = TRUE;
    guint64 id = say_as(w, "demo", "{\"event\":\"PermissionRequest\",\"text\":\"may I\"}", TRUE);
    await(w->refusals > 0);
    w->refused = NULL;
    await(state_of(w, id) == RECORD_REPLACED);
    let_pass(1000);
    assert_string_equal(w->bodies->str, "");
}

static void click(const World *w, guint id, const char *action)
{
    g_dbus_connection_emit_signal(w->bus, NULL, PATH, NAME, "ActionInvoked",
                                  g_variant_new("(us)", id, action), NULL);
}

static void a_noisy_sandbox_does_not_take_another_s_buttons_away(void **state)
{
    World *w = *state;

    guint64 id = say_as(w, "demo", "{\"event\":\"PermissionRequest\",\"text\":\"may I\"}", TRUE);
    await(w->shown == 1);
    for (guint i = 0; i < 300; i++) {
        g_autofree char *text = g_strdup_printf("noise %u", i);
        say(w, "noisy", text);
        await(w->shown == i + 2);
    }
    click(w, 1, "allow");
    await(w->chosen == id);
    assert_int_equal(w->action, POPUP_ALLOW);
    outbox_withdraw(w->outbox, id);
    notifier_wake(w->notifier);
    await(w->closed == 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_refused_keeps_nothing_waiting_after_it),
        TEST(two_that_are_refused_in_turn_are_given_up),
        TEST(what_the_settings_silence_meanwhile_is_not_shown),
        TEST(a_question_that_ends_while_it_is_refused_is_not_asked_again),
        TEST(a_noisy_sandbox_does_not_take_another_s_buttons_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
