/* SPDX-License-Identifier: ISC */
#include "raise.h"

#include "base/fail.h"
#include "base/paths.h"
#include "base/run.h"

#include <unistd.h>

static void tell(const char *variable, const char *value)
{
    if (value)
        g_setenv(variable, value, TRUE);
    else
        g_unsetenv(variable);
}

static gboolean start(char **argv, GError **error)
{
    g_autofree char *dir = paths_state_dir();
    g_autofree char *log = g_build_filename(dir, "raise.log", NULL);
    g_autofree char *program = g_find_program_in_path(argv[0]);

    if (!program)
        return fail(error, "cannot run %s: there is no such program on PATH", argv[0]);
    if (!paths_make_private(dir, error))
        return FALSE;
    g_free(argv[0]);
    argv[0] = g_steal_pointer(&program);
    unlink(log);
    return run_daemon((const char *const *)argv, log, error);
}

gboolean raise_run(const char *command, const char *sandbox, const Pane *pane, GError **error)
{
    g_auto(GStrv) argv = NULL;

    tell("HOST_AGENT_SANDBOX", sandbox);
    tell("HOST_AGENT_TMUX_SOCKET", pane ? pane->socket : NULL);
    tell("HOST_AGENT_TMUX_PANE", pane ? pane->id : NULL);
    if (g_shell_parse_argv(command, NULL, &argv, error) && start(argv, error))
        return TRUE;
    g_prefix_error(error, "raise = %s in config.ini: ", command);
    return FALSE;
}
