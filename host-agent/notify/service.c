/* SPDX-License-Identifier: ISC */
#include "service.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define TIMEOUT 5000 /* ms */

static void bus_leave(Service *s)
{
    if (!s->bus)
        return;
    g_bus_unwatch_name(s->name_watch);
    g_signal_handlers_disconnect_by_data(s->bus, s);
    g_clear_object(&s->bus);
    s->ready = FALSE;
    s->gone++;
}

static void on_bus_closed(GDBusConnection *bus, gboolean vanished, GError *error, gpointer data)
{
    Service *s = data;

    (void)bus, (void)vanished, (void)error;
    bus_leave(s);
    s->changed(s->data);
}

static void on_name_appeared(GDBusConnection *bus, const char *name, const char *owner,
                             gpointer data)
{
    Service *s = data;

    (void)bus, (void)name, (void)owner;
    s->ready = FALSE;
    s->changed(s->data);
}

static void on_name_vanished(GDBusConnection *bus, const char *name, gpointer data)
{
    Service *s = data;

    (void)bus, (void)name;
    service_doubt(s);
    s->gone++;
}

static void on_socket_changed(GFileMonitor *monitor, GFile *file, GFile *other,
                              GFileMonitorEvent event, gpointer data)
{
    Service *s = data;

    (void)monitor, (void)file, (void)other;
    if (event == G_FILE_MONITOR_EVENT_CREATED && !s->bus)
        s->changed(s->data);
}

static char *socket_path(void)
{
    return g_build_filename(g_get_user_runtime_dir(), "bus", NULL);
}

static gboolean bus_join(Service *s, GError **error)
{
    if (s->bus)
        return TRUE;
    s->bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, error);
    if (!s->bus) {
        g_prefix_error(error, "no session bus: ");
        return FALSE;
    }
    g_dbus_connection_set_exit_on_close(s->bus, FALSE);
    g_signal_connect(s->bus, "closed", G_CALLBACK(on_bus_closed), s);
    s->name_watch = g_bus_watch_name_on_connection(s->bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                   on_name_appeared, on_name_vanished, s, NULL);
    return TRUE;
}

gboolean service_reach(Service *s, GError **error)
{
    g_auto(GStrv) caps = NULL;

    if (!bus_join(s, error))
        return FALSE;
    if (s->ready)
        return TRUE;
    g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
        s->bus, NAME, PATH, NAME, "GetCapabilities", NULL, G_VARIANT_TYPE("(as)"),
        G_DBUS_CALL_FLAGS_NONE, TIMEOUT, NULL, error);
    if (!reply)
        return FALSE;
    g_variant_get(reply, "(^as)", &caps);
    s->body = g_strv_contains((const char *const *)caps, "body");
    s->markup = g_strv_contains((const char *const *)caps, "body-markup");
    s->actions = g_strv_contains((const char *const *)caps, "actions");
    s->ready = TRUE;
    return TRUE;
}

void service_doubt(Service *s)
{
    s->ready = FALSE;
}

void service_name_bus(void)
{
    g_autofree char *path = socket_path();
    g_autofree char *escaped = g_dbus_address_escape_value(path);
    g_autofree char *address = g_strconcat("unix:path=", escaped, NULL);

    g_setenv("DBUS_SESSION_BUS_ADDRESS", address, FALSE);
}

void service_init(Service *s, ServiceChangedFunc *changed, void *data)
{
    g_autofree char *path = socket_path();
    g_autoptr(GFile) file = g_file_new_for_path(path);

    *s = (Service){.changed = changed, .data = data};
    s->socket = g_file_monitor_file(file, G_FILE_MONITOR_NONE, NULL, NULL);
    if (s->socket) /* without it, the caller's next try finds the bus */
        g_signal_connect(s->socket, "changed", G_CALLBACK(on_socket_changed), s);
}

void service_clear(Service *s)
{
    bus_leave(s);
    g_clear_object(&s->socket);
}
