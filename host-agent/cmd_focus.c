/* SPDX-License-Identifier: ISC */
#include "base/fail.h"
#include "base/host.h"
#include "base/readfile.h"
#include "cmd.h"
#include "config/config.h"
#include "focus/holder.h"
#include "focus/pane.h"
#include "focus/proctcp.h"
#include "focus/raise.h"
#include "sandbox/choose.h"

#include <unistd.h>

#define PROC_MAX ((gsize)4 * 1024 * 1024)

/* The first of PANES is the one where something happened last, and so is the first that fits. */
static const Pane *pane_of(GPtrArray *panes, GArray *terminals)
{
    for (guint i = 0; i < terminals->len; i++) {
        for (guint k = 0; k < panes->len; k++) {
            const Pane *pane = panes->pdata[k];
            if (pane->terminal == g_array_index(terminals, dev_t, i))
                return pane;
        }
    }
    return NULL;
}

/* The pane of whoever holds one of SOCKETS. */
static const Pane *find_by_sockets(GPtrArray *panes, const GArray *sockets)
{
    g_autoptr(GArray) holders = holder_find(sockets);
    const Pane *found = NULL;

    for (guint i = 0; i < holders->len; i++) {
        g_autoptr(GArray) terminals = holder_terminals(g_array_index(holders, pid_t, i));
        const Pane *pane = pane_of(panes, terminals);
        if (pane && (!found || pane->activity > found->activity))
            found = pane;
    }
    return found;
}

static const Pane *find_by_name(GPtrArray *panes)
{
    for (guint i = 0; i < panes->len; i++) {
        const Pane *pane = panes->pdata[i];
        if (pane->named)
            return pane;
    }
    return NULL;
}

/* The sandbox says which of its connections, and nothing else: a port that is no connection to this
 * very sandbox counts for nothing. */
static const Pane *find_pane(GPtrArray *panes, const Sandbox *sandbox, int client)
{
    g_autofree char *connections = NULL;
    g_autoptr(GArray) one = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(guint64));

    if (!readfile_head("/proc/net/tcp", PROC_MAX, &connections, NULL))
        return find_by_name(panes);
    g_autoptr(GArray) clients = proctcp_clients(connections, sandbox->port, getuid());
    for (guint i = 0; i < clients->len; i++) {
        const ProctcpClient *end = &g_array_index(clients, ProctcpClient, i);
        g_array_append_val(all, end->socket);
        if (end->port == client)
            g_array_append_val(one, end->socket);
    }
    const Pane *pane = find_by_sockets(panes, one);
    if (!pane)
        pane = find_by_sockets(panes, all);
    return pane ? pane : find_by_name(panes);
}

static gboolean focus(const Sandbox *sandbox, int client, const char *command, GError **error)
{
    g_autoptr(GPtrArray) panes = pane_list(sandbox->name);
    const Pane *pane = panes->len > 0 ? find_pane(panes, sandbox, client) : NULL;
    g_autoptr(GError) cause = NULL;
    gboolean selected = pane && pane_select(pane, &cause);

    if (command)
        return raise_run(command, sandbox->name, pane, error);
    if (!pane)
        return fail(error,
                    "no tmux window has a session of %s: `host-agent ssh %s` in tmux makes one",
                    sandbox->name, sandbox->name);
    if (!selected)
        g_propagate_error(error, g_steal_pointer(&cause));
    return selected;
}

static gboolean parse_port(const char *word, int *port, GError **error)
{
    gint64 number;

    if (!g_ascii_string_to_signed(word, 10, 1, G_MAXUINT16, &number, NULL))
        return cmd_usage(error, "focus: %s is no port: the client's end of a connection has one",
                         word);
    *port = (int)number;
    return TRUE;
}

int cmd_focus(int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {G_OPTION_ENTRY_NULL};
    int client = 0;

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 3) {
        cmd_usage(error, "focus: takes a name and a port, not %s", argv[3]);
        return CMD_USAGE;
    }
    if (argc > 2 && !parse_port(argv[2], &client, error))
        return CMD_USAGE;
    g_autoptr(Config) config = config_load(error);
    if (!config || !host_check(error))
        return CMD_FAILED;
    g_autoptr(GPtrArray) sandboxes = sandbox_list(error);
    const Sandbox *sandbox = sandboxes ? choose_running(sandboxes, argv[1], error) : NULL;
    return sandbox && focus(sandbox, client, config->notify.raise, error) ? CMD_OK : CMD_FAILED;
}
