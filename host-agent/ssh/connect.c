/* SPDX-License-Identifier: ISC */
#include "connect.h"

#include "base/foreground.h"
#include "tmux.h"

#include <unistd.h>

static char *command_line(char *const *command)
{
    GString *line = g_string_new(NULL);

    if (!command[1])
        return g_string_free(g_string_append(line, command[0]), FALSE);
    for (; *command; command++) {
        g_autofree char *quoted = g_shell_quote(*command);
        g_string_append(line, quoted);
        if (command[1])
            g_string_append_c(line, ' ');
    }
    return g_string_free(line, FALSE);
}

char **connect_argv(const SshHost *host, const char *known_hosts, const char *identity,
                    char *const *command, gboolean terminal)
{
    GPtrArray *argv = g_ptr_array_new();
    g_auto(GStrv) options = sshfiles_options(host, known_hosts, identity);

    g_ptr_array_add(argv, g_strdup("ssh"));
    for (char **option = options; *option; option++) {
        g_ptr_array_add(argv, g_strdup("-o"));
        g_ptr_array_add(argv, g_strdup(*option));
    }
    if (command && terminal)
        g_ptr_array_add(argv, g_strdup("-t"));
    g_ptr_array_add(argv, g_strdup("-l"));
    g_ptr_array_add(argv, g_strdup("agent"));
    g_ptr_array_add(argv, g_strconcat(host->name, ".sandbox", NULL));
    if (command) {
        /* ssh takes options after the host name, too. */
        g_ptr_array_add(argv, g_strdup("--"));
        g_ptr_array_add(argv, command_line(command));
    }
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

int connect_run(const SshHost *host, const char *identity, char **command, GError **error)
{
    g_autofree char *known_hosts = sshfiles_known_hosts_path();
    gboolean terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    g_auto(GStrv) argv = connect_argv(host, known_hosts, identity, command, terminal);
    TmuxWindow window;

    tmux_rename(&window, host->name);
    int status = run_foreground((const char *const *)argv, error);
    tmux_restore(&window);
    return status;
}
