/* SPDX-License-Identifier: ISC */
#include "cmd.h"

#include <string.h>

G_DEFINE_QUARK(host - agent - cmd - error - quark, cmd_error)

const CmdVerb cmd_verbs[] = {
    {"up", "[DIR] [-- CMD…]", "start the sandbox of DIR, or find it running, and connect", cmd_up},
    {"ssh", "[NAME] [-- CMD…]", "one more session in a running sandbox", cmd_ssh},
    {"ls", "", "list the sandboxes", cmd_ls},
    {"down", "[NAME…]", "stop and remove sandboxes", cmd_down},
    {"image", "VERB", "build, pull, push, roll back… the sandboxes' image", cmd_image},
    {"init", "[DIR]", "write a Containerfile that extends the image for DIR", cmd_init},
    {"trust", "[DIR]", "show what changed in DIR's Containerfile, and accept it", cmd_trust},
    {"focus", "[NAME [CLIENT-PORT]]", "bring up the tmux window of a sandbox's session", cmd_focus},
    {"notify", "", "show the agents' messages on the desktop", cmd_notify},
    {"notifications", "[NAME]", "list the last messages, and what became of them",
     cmd_notifications},
    {0},
};

const CmdVerb *cmd_find(const char *name)
{
    for (const CmdVerb *verb = cmd_verbs; verb->name; verb++) {
        if (strcmp(verb->name, name) == 0)
            return verb;
    }
    return NULL;
}

gboolean cmd_usage(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    GError *made = g_error_new_valist(CMD_ERROR, CMD_ERROR_USAGE, format, args);
    va_end(args);
    g_propagate_error(error, made);
    return FALSE;
}

/* Cuts argv at the first `--`, so that GOption never sees CMD's own options. */
static char **split_command(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        char **command = g_strdupv(argv + i + 1);
        argv[i] = NULL;
        *argc = i;
        return command;
    }
    return NULL;
}

gboolean cmd_parse(int *argc, char ***argv, const GOptionEntry *options, char ***command,
                   GError **error)
{
    const CmdVerb *verb = cmd_find((*argv)[0]);
    g_autoptr(GOptionContext) context = g_option_context_new(verb ? verb->synopsis : "");
    g_auto(GStrv) rest = split_command(argc, *argv);
    g_autofree char *prgname = g_strconcat("host-agent ", (*argv)[0], NULL);

    g_set_prgname(prgname); /* the usage line shows it */
    if (verb) {
        g_autofree char *summary = g_strconcat("  ", verb->help, NULL);
        g_option_context_set_summary(context, summary);
    }
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        g_prefix_error(error, "%s: ", (*argv)[0]);
        return FALSE;
    }
    if (rest && (!command || !rest[0]))
        return cmd_usage(error,
                         command ? "%s: no command after --: leave -- out, or name one"
                                 : "%s: takes no command after --",
                         (*argv)[0]);
    if (command)
        *command = g_steal_pointer(&rest);
    return TRUE;
}
