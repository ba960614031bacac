/* SPDX-License-Identifier: ISC */
#include "base/fail.h"
#include "base/host.h"
#include "base/lock.h"
#include "base/name.h"
#include "base/printable.h"
#include "base/run.h"
#include "cmd.h"
#include "config/config.h"
#include "image/image.h"
#include "launch/launch.h"
#include "launch/ready.h"
#include "launch/teardown.h"
#include "notify/autostart.h"
#include "sandbox/project.h"
#include "sandbox/sandbox.h"
#include "ssh/connect.h"
#include "ssh/keys.h"
#include "ssh/sshinclude.h"
#include "trust/extend.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    gboolean detach;
    gboolean dry_run;
    char *name;
    int port;
    char **command;
    const char *dir; /* borrowed from argv */
    char *project;
    gboolean has_base; /* the configured image is there */
    char *image;       /* for a new sandbox; NULL: not known yet */
    Config *config;
} Up;

static void up_clear(Up *up)
{
    g_free(up->name);
    g_strfreev(up->command);
    g_free(up->project);
    g_free(up->image);
    config_free(up->config);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Up, up_clear)

static gboolean parse(Up *up, int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {
        {"detach", 'd', 0, G_OPTION_ARG_NONE, &up->detach, "Say how to connect, and do not", NULL},
        {"name", 0, 0, G_OPTION_ARG_STRING, &up->name, "Its name, else made of DIR's", "NAME"},
        {"port", 0, 0, G_OPTION_ARG_INT, &up->port, "Its port on 127.0.0.1", "PORT"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &up->dry_run, "Print podman's command line only",
         NULL},
        G_OPTION_ENTRY_NULL,
    };

    up->port = -1;
    if (!cmd_parse(&argc, &argv, options, &up->command, error))
        return FALSE;
    if (argc > 2)
        return cmd_usage(error, "up: one directory at a time, not %s too", argv[2]);
    if (up->name && !name_valid(up->name))
        return cmd_usage(error,
                         "up: --name %s: a name is 1 to %d of a-z 0-9 _ . -, and starts with a "
                         "letter or digit",
                         up->name, NAME_MAX_LENGTH);
    if (up->port != -1 && (up->port < 1024 || up->port > 65535))
        return cmd_usage(error, "up: --port %d: a port is 1024 to 65535", up->port);
    if (up->port == -1)
        up->port = 0;
    if (up->detach && up->command)
        return cmd_usage(error, "up: -d does not connect, so there is no place for a command");
    up->dir = argc > 1 ? argv[1] : ".";
    return TRUE;
}

/* The agent that may write to the outer directory could put a link in the inner one's place. */
static gboolean check_apart(const Up *up, GPtrArray *sandboxes, GError **error)
{
    const Sandbox *other = sandbox_overlapping(sandboxes, up->project);

    return !other || fail(error,
                          "%s and %s, which the sandbox %s has, lie within each other: `host-agent "
                          "down %s` first",
                          up->project, other->project, other->name, other->name);
}

/* The sandbox that runs for the project; NULL if there is none. FALSE: there is one, but not for
 * this. */
static gboolean find_running(const Up *up, GPtrArray *sandboxes, Sandbox **found, GError **error)
{
    Sandbox *sandbox = sandbox_at(sandboxes, up->project);

    *found = NULL;
    if (!sandbox || sandbox->stale)
        return check_apart(up, sandboxes, error);
    if (!sandbox->running)
        return fail(error, "the sandbox %s is %s: wait, or `host-agent down %s` first",
                    sandbox->name, sandbox->state, sandbox->name);
    if ((up->name && strcmp(up->name, sandbox->name) != 0) ||
        (up->port && up->port != sandbox->port))
        return fail(error,
                    "%s has the sandbox %s at port %d already: `host-agent down %s` first, or "
                    "leave --name and --port out",
                    up->project, sandbox->name, sandbox->port, sandbox->name);
    *found = sandbox;
    return TRUE;
}

/* Its network was set when it started. */
static void tell_network(const Up *up, const Sandbox *sandbox)
{
    const char *wanted = config_network(up->config);

    if (*sandbox->network && strcmp(sandbox->network, wanted) != 0)
        fprintf(stderr,
                "host-agent: network = %s takes effect after `host-agent down %s` and up: it runs "
                "with another\n",
                wanted, sandbox->name);
}

/* What an `up` that was killed half way left undone. */
static gboolean mend(const Up *up, const Sandbox *sandbox, GError **error)
{
    g_autofree char *key = sshfiles_key(sandbox->name);

    if (!keys_write(up->config, sandbox->name, error))
        return FALSE;
    if (key)
        return TRUE;
    key = ready_wait(sandbox->name, error);
    return key && sshfiles_remember(sandbox->name, key, error);
}

static gboolean refresh(const Up *up, GPtrArray *sandboxes, GError **error)
{
    g_autofree char *identity = keys_identity(up->config);

    return sshfiles_refresh(sandboxes, identity, error);
}

static gboolean resolve_image(Up *up, GError **error)
{
    if (!up->has_base && !image_resolve(up->config, error))
        return FALSE;
    up->has_base = TRUE;
    up->image = extend_resolve(up->config->image, up->project, error);
    return up->image != NULL;
}

/* It runs already. */
static gboolean take_up(const Up *up, GPtrArray *list, const Sandbox *sandbox, GError **error)
{
    tell_network(up, sandbox);
    if (!extend_tell_waiting(sandbox))
        image_tell_waiting(up->config, sandbox);
    image_look_for_newer(up->config);
    return mend(up, sandbox, error) && refresh(up, list, error);
}

static Sandbox *launch_new(Up *up, GPtrArray *list, GError **error)
{
    const Launch launch = {up->config, up->project, up->name, up->port, up->image};
    Sandbox *sandbox = launch_run(&launch, list, error);

    if (!sandbox)
        return NULL;
    g_ptr_array_add(list, sandbox);
    if (refresh(up, list, error))
        return sandbox;
    teardown(sandbox->name, NULL);
    return NULL;
}

/* Under the lock. The sandbox belongs to *list, that the caller frees. NULL: none runs, and there
 * is no image yet for a new one. */
static gboolean find_or_launch(Up *up, GPtrArray **list, Sandbox **sandbox, GError **error)
{
    *list = sandbox_list(error);
    if (!*list || !find_running(up, *list, sandbox, error) || !teardown_stale(*list, error))
        return FALSE;
    if (*sandbox)
        return take_up(up, *list, *sandbox, error);
    if (up->image && !extend_settle(up->image, up->project))
        g_clear_pointer(&up->image, g_free); /* another round */
    return !up->image || (*sandbox = launch_new(up, *list, error));
}

/* An image may take minutes, in which nobody is to wait for the lock: so it is got between two
 * rounds. */
static Sandbox *obtain(Up *up, GPtrArray **list, GError **error)
{
    Sandbox *sandbox = NULL;

    do {
        g_clear_pointer(list, g_ptr_array_unref);
        int lock = lock_take(error);
        gboolean good = lock >= 0 && find_or_launch(up, list, &sandbox, error);
        lock_drop(lock);
        if (!good)
            return NULL;
    } while (!sandbox && resolve_image(up, error));
    return sandbox;
}

static gboolean has_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* A program that runs a command through us needs no line, and no advice about it. */
static void offer_include(const Up *up)
{
    g_autoptr(GError) error = NULL;

    if (up->config->include == INCLUDE_ASK && up->command && !has_terminal())
        return;
    if (!sshinclude_offer((ConfigInclude)up->config->include, &error)) {
        g_autofree char *line = printable(error->message);
        fprintf(stderr, "host-agent: %s\n", line);
    }
}

static int say_how(const Sandbox *sandbox)
{
    g_autofree char *project = printable(sandbox->project);

    printf("sandbox %s of %s is up at 127.0.0.1:%d\n", sandbox->name, project, sandbox->port);
    /* Without the line, ssh does not know the name. */
    if (sshinclude_done())
        printf("  ssh -p %d localhost\n  ssh %s.sandbox\n", sandbox->port, sandbox->name);
    else
        printf("  ssh -p %d localhost\n", sandbox->port);
    printf("  host-agent ssh %s\n", sandbox->name);
    return CMD_OK;
}

static int connect_to(const Up *up, const Sandbox *sandbox, GError **error)
{
    g_autofree char *key = sshfiles_key(sandbox->name);
    g_autofree char *identity = keys_identity(up->config);
    const SshHost host = {sandbox->name, sandbox->port, key};

    if (up->detach || (!up->command && !has_terminal()))
        return say_how(sandbox);
    return connect_run(&host, identity, up->command, error);
}

static int dry_run(const Up *up, GError **error)
{
    g_autofree char *image = extend_name(up->config->image, up->project);
    const Launch launch = {up->config, up->project, up->name, up->port, image};
    g_autoptr(GPtrArray) sandboxes = sandbox_list(error);
    Sandbox *running;

    if (!sandboxes || !find_running(up, sandboxes, &running, error))
        return CMD_FAILED;
    if (running)
        fprintf(stderr, "host-agent: the sandbox %s runs already: up would connect to it\n",
                running->name);
    g_autofree char *line = running ? NULL : launch_describe(&launch, sandboxes, error);
    if (line)
        puts(line);
    return running || line ? CMD_OK : CMD_FAILED;
}

int cmd_up(int argc, char **argv, GError **error)
{
    g_auto(Up) up = {0};
    g_autoptr(GPtrArray) sandboxes = NULL;

    if (!parse(&up, argc, argv, error))
        return CMD_USAGE;
    if (!(up.config = config_load(error)) || !host_check(error) ||
        !(up.project = project_resolve(up.dir, error)))
        return CMD_FAILED;
    if (up.dry_run)
        return dry_run(&up, error);
    const Sandbox *sandbox = obtain(&up, &sandboxes, error);
    if (!sandbox)
        return CMD_FAILED;
    autostart_bridge();
    offer_include(&up);
    return connect_to(&up, sandbox, error);
}
