/* SPDX-License-Identifier: ISC */
#include "base/fail.h"
#include "base/host.h"
#include "cmd.h"
#include "config/config.h"
#include "sandbox/choose.h"
#include "ssh/connect.h"
#include "ssh/keys.h"

static int connect_to(const Config *config, const Sandbox *sandbox, char **command, GError **error)
{
    g_autofree char *key = sshfiles_key(sandbox->name);
    g_autofree char *identity = keys_identity(config);
    const SshHost host = {sandbox->name, sandbox->port, key};

    if (!key) {
        fail(error, "the host key of %s is not known: `host-agent up %s` mends that", sandbox->name,
             sandbox->project);
        return CMD_FAILED;
    }
    return connect_run(&host, identity, command, error);
}

int cmd_ssh(int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {G_OPTION_ENTRY_NULL};
    g_auto(GStrv) command = NULL;

    if (!cmd_parse(&argc, &argv, options, &command, error))
        return CMD_USAGE;
    if (argc > 2) {
        cmd_usage(error, "ssh: one name at a time; a command stands after --");
        return CMD_USAGE;
    }
    g_autoptr(Config) config = config_load(error);
    if (!config || !host_check(error))
        return CMD_FAILED;
    g_autoptr(GPtrArray) sandboxes = sandbox_list(error);
    const Sandbox *sandbox = sandboxes ? choose_running(sandboxes, argv[1], error) : NULL;
    return sandbox ? connect_to(config, sandbox, command, error) : CMD_FAILED;
}
