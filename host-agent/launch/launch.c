/* SPDX-License-Identifier: ISC */
#include "launch.h"

#include "ask/askdir.h"
#include "base/fail.h"
#include "base/host.h"
#include "base/listen.h"
#include "base/name.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "base/run.h"
#include "fifo.h"
#include "podman.h"
#include "ready.h"
#include "sandbox/project.h"
#include "ssh/keys.h"
#include "ssh/sshfiles.h"
#include "teardown.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PID_MAX 16
enum { NUMBERS = 1000 };
/* The first start of an image maps its files to the user's ids, by a copy on some kernels. */
enum { START_SECONDS = 600 };

/* All that podman_run_argv() borrows. */
typedef struct {
    char *name;
    int port;
    int listener; /* -1: none */
    char *login;
    char *volume; /* NULL: the home is ephemeral */
    char *etc;
    char *log;
    char *fifo;
    char *ask;
    char *gitconfig;
    char *nvim;
    char *pidfile;
} Plan;

static void plan_clear(Plan *plan)
{
    if (plan->listener >= 0)
        close(plan->listener);
    g_free(plan->name);
    g_free(plan->login);
    g_free(plan->volume);
    g_free(plan->etc);
    g_free(plan->log);
    g_free(plan->fifo);
    g_free(plan->ask);
    g_free(plan->gitconfig);
    g_free(plan->nvim);
    g_free(plan->pidfile);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

/* Whose NAME is, if another project's. */
static const char *other_owner(const char *project, const char *name, GPtrArray *sandboxes,
                               GPtrArray *volumes)
{
    const Sandbox *sandbox = sandbox_named(sandboxes, name);
    const Volume *volume = volume_named(volumes, name);

    if (sandbox && strcmp(sandbox->project, project) != 0)
        return sandbox->project;
    if (volume && strcmp(volume->project, project) != 0)
        return volume->project;
    return NULL;
}

char *launch_name(const char *project, const char *wanted, GPtrArray *sandboxes, GPtrArray *volumes,
                  GError **error)
{
    g_autofree char *base = name_from_path(project);

    if (wanted) {
        const char *owner = other_owner(project, wanted, sandboxes, volumes);
        if (!owner)
            return g_strdup(wanted);
        fail(error, "the name %s belongs to %s: choose another, or `host-agent down --volumes %s`",
             wanted, owner, wanted);
        return NULL;
    }
    for (guint i = 0; i < volumes->len; i++) {
        const Volume *volume = volumes->pdata[i];
        if (strcmp(volume->project, project) == 0 &&
            !other_owner(project, volume->name, sandboxes, volumes))
            return g_strdup(volume->name);
    }
    for (unsigned number = 1; number <= NUMBERS; number++) {
        g_autofree char *name = name_numbered(base, number);
        if (!other_owner(project, name, sandboxes, volumes))
            return g_steal_pointer(&name);
    }
    fail(error, "all names from %s to %s-%d are taken: name one with --name", base, base, NUMBERS);
    return NULL;
}

static const Sandbox *on_port(GPtrArray *sandboxes, int port)
{
    for (guint i = 0; i < sandboxes->len; i++) {
        const Sandbox *sandbox = sandboxes->pdata[i];
        if (sandbox->port == port)
            return sandbox;
    }
    return NULL;
}

static gboolean fail_busy(int port, GPtrArray *sandboxes, GError **error)
{
    const Sandbox *sandbox = on_port(sandboxes, port);

    if (sandbox)
        return fail(error,
                    "port %d is the sandbox %s's: choose another with --port, or `host-agent down "
                    "%s`",
                    port, sandbox->name, sandbox->name);
    return fail(error,
                "port %d is another program's (`ss -ltnp` tells whose): choose another with "
                "--port",
                port);
}

static gboolean listen_strictly(Plan *plan, int port, GPtrArray *sandboxes, GError **error)
{
    g_autoptr(GError) local = NULL;

    plan->port = port;
    plan->listener = listen_on(port, &local);
    if (plan->listener >= 0)
        return TRUE;
    if (g_error_matches(local, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        return fail_busy(port, sandboxes, error);
    g_propagate_error(error, g_steal_pointer(&local));
    return FALSE;
}

static gboolean plan_listen(Plan *plan, const Launch *launch, GPtrArray *sandboxes, GError **error)
{
    if (launch->port)
        return listen_strictly(plan, launch->port, sandboxes, error);
    plan->port = launch->config->port;
    plan->listener = listen_first(&plan->port, error);
    if (plan->listener < 0)
        return FALSE;
    if (plan->port != launch->config->port) {
        const Sandbox *sandbox = on_port(sandboxes, launch->config->port);
        fprintf(stderr, "host-agent: port %d is taken by %s%s: %s gets %d\n", launch->config->port,
                sandbox ? "the sandbox " : "another program", sandbox ? sandbox->name : "",
                plan->name, plan->port);
    }
    return TRUE;
}

/* PATH, with links followed, if it is what TEST asks for; else NULL. Takes PATH. */
static char *if_there(char *path, GFileTest test)
{
    g_autofree char *owned = path;

    return g_file_test(owned, test) && project_mountable(owned) ? g_steal_pointer(&owned) : NULL;
}

static char *plan_volume(const Config *config, const char *name)
{
    switch (config->home) {
    case HOME_PROJECT:
        return volume_name(name);
    case HOME_SHARED:
        return g_strdup(VOLUME_SHARED);
    default:
        return NULL;
    }
}

static gboolean plan_make(Plan *plan, const Launch *launch, GPtrArray *sandboxes, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list(error);

    if (!volumes)
        return FALSE;
    if (launch->config->home != HOME_PROJECT)
        g_ptr_array_set_size(volumes, 0);
    plan->name = launch_name(launch->project, launch->name, sandboxes, volumes, error);
    if (!plan->name || !plan_listen(plan, launch, sandboxes, error))
        return FALSE;
    plan->login = host_login();
    plan->volume = plan_volume(launch->config, plan->name);
    plan->etc = paths_state(plan->name, "etc");
    plan->log = paths_state(plan->name, "log");
    plan->fifo = paths_fifo(plan->name);
    plan->ask = askdir_path(plan->name);
    plan->pidfile = paths_state(plan->name, "pid");
    plan->gitconfig =
        if_there(g_build_filename(g_get_home_dir(), ".gitconfig", NULL), G_FILE_TEST_IS_REGULAR);
    plan->nvim =
        if_there(g_build_filename(g_get_user_config_dir(), "nvim", NULL), G_FILE_TEST_IS_DIR);
    if (!project_mountable(plan->etc) || !project_mountable(plan->fifo))
        return fail(error, "XDG_STATE_HOME and XDG_RUNTIME_DIR must be UTF-8 without control "
                           "characters");
    return TRUE;
}

static char **plan_argv(const Plan *plan, const Launch *launch)
{
    const PodmanRun run = {
        .name = plan->name,
        .project = launch->project,
        .login = plan->login,
        .image = launch->image,
        .volume = plan->volume,
        .etc = plan->etc,
        .log = plan->log,
        .fifo = plan->fifo,
        .ask = plan->ask,
        .gitconfig = plan->gitconfig,
        .nvim = plan->nvim,
        .pidfile = plan->pidfile,
        .accept_env = launch->config->accept_env,
        .terminal_messages = config_terminal(launch->config),
        .port = plan->port,
        .network = launch->config->network == NETWORK_OPEN,
    };

    return podman_run_argv(&run);
}

char *launch_describe(const Launch *launch, GPtrArray *sandboxes, GError **error)
{
    g_auto(Plan) plan = {.listener = -1};

    if (!plan_make(&plan, launch, sandboxes, error))
        return NULL;
    g_auto(GStrv) argv = plan_argv(&plan, launch);
    return podman_shell_line((const char *const *)argv);
}

static gboolean forget_last_start(const Plan *plan)
{
    g_autofree char *key = paths_state(plan->name, "host_key");

    g_unlink(key);
    g_unlink(plan->log);
    g_unlink(plan->pidfile);
    return TRUE;
}

/* Podman's words, and what they mean here. */
static gboolean explain(const Plan *plan, GError *cause, GError **error)
{
    g_autoptr(GError) owned = cause;

    /* A live sandbox has its name to itself, under the lock. */
    if (strstr(owned->message, "is already in use"))
        return fail(error,
                    "podman has a container host-agent-%s that is no sandbox: rename it, or choose "
                    "another name with --name",
                    plan->name);
    /* The agent may have put anything in the place of what is mounted over its home. */
    if (plan->volume && strstr(owned->message, "crun: ") &&
        strstr(owned->message, "home/agent/.")) {
        if (strcmp(plan->volume, VOLUME_SHARED) == 0)
            return fail(error, "%s: `podman volume rm %s` gives a fresh home", owned->message,
                        plan->volume);
        return fail(error, "%s: `host-agent down --volumes %s` gives a fresh home", owned->message,
                    plan->name);
    }
    g_propagate_error(error, g_steal_pointer(&owned));
    return FALSE;
}

/* The host key of the sandbox that then runs. */
static char *run_podman(const Plan *plan, const Launch *launch, GError **error)
{
    g_auto(GStrv) argv = plan_argv(plan, launch);
    GError *cause = NULL;

    if (!run_with_listener((const char *const *)argv, plan->listener, START_SECONDS, &cause)) {
        explain(plan, cause, error);
        return NULL;
    }
    return ready_wait(plan->name, error);
}

/* Podman follows the project's path some time after we have checked it. */
static char *run_checked(const Plan *plan, const Launch *launch, GError **error)
{
    int held = project_hold(launch->project, error);
    g_autofree char *key = held >= 0 ? run_podman(plan, launch, error) : NULL;
    g_autofree char *pid = NULL;
    gboolean good = key && readfile(plan->pidfile, PID_MAX, &pid, NULL, error) &&
                    project_mounted(launch->project, held, g_strchomp(pid), error);

    if (held >= 0)
        close(held);
    return good ? g_steal_pointer(&key) : NULL;
}

static Sandbox *plan_start(const Plan *plan, const Launch *launch, GError **error)
{
    if (!keys_write(launch->config, plan->name, error) || !fifo_ensure(plan->name, error) ||
        !askdir_ensure(plan->name, error) || !forget_last_start(plan))
        return NULL;
    g_autofree char *key = run_checked(plan, launch, error);
    if (!key || !sshfiles_remember(plan->name, key, error))
        return NULL;
    return sandbox_new(plan->name, launch->project, plan->port);
}

Sandbox *launch_run(const Launch *launch, GPtrArray *sandboxes, GError **error)
{
    g_auto(Plan) plan = {.listener = -1};
    gboolean made = FALSE;

    if (!plan_make(&plan, launch, sandboxes, error))
        return NULL;
    const char *owner = launch->config->home == HOME_PROJECT ? launch->project : NULL;
    if (plan.volume && !volume_ensure(plan.volume, owner, &made, error))
        return NULL;
    g_autoptr(Sandbox) sandbox = plan_start(&plan, launch, error);
    if (!sandbox) {
        teardown(plan.name, NULL);
        if (made)
            volume_remove(plan.volume, NULL);
    }
    return g_steal_pointer(&sandbox);
}
