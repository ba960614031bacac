/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SERVICE_H
#define HOST_AGENT_SERVICE_H

#include <gio/gio.h>

/* The desktop's notification service on the session bus: is it there, what can it do, when does it
 * come back. Either may be missing when we start, and go at any time. Lives in the thread-default
 * main context of the thread that calls service_init(); its calls wait for the bus, so that should
 * not be the main thread. */

typedef void ServiceChangedFunc(void *data);

typedef struct {
    ServiceChangedFunc *changed;
    void *data;
    GFileMonitor *socket;
    GDBusConnection *bus; /* NULL: not connected */
    guint name_watch;
    gboolean ready; /* it answered, and did not change since */
    guint gone;     /* how many services, or buses, have gone: what they showed is gone, too */
    /* What it can do: */
    gboolean body;
    gboolean markup; /* in the body */
    gboolean actions;
} Service;

/* Without an address in the environment, the session bus is $XDG_RUNTIME_DIR/bus, there yet or not:
 * GLib would otherwise launch a bus of its own, where nobody listens. Before any thread starts. */
void service_name_bus(void);

/* CHANGED is called when the bus or the service came or went. */
void service_init(Service *service, ServiceChangedFunc *changed, void *data);
void service_clear(Service *service);

/* Makes sure that the service is there: connects to the bus and asks it, as far as that was not
 * done since the last change. D-Bus starts it where it knows how. Waits 5 s at most for an answer.
 */
gboolean service_reach(Service *service, GError **error);

/* Lets the next service_reach() ask anew. */
void service_doubt(Service *service);

#endif
