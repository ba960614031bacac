/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_CMD_H
#define HOST_AGENT_CMD_H

#include <glib.h>

/* Exit statuses; with `-- CMD` it is CMD's own. */
enum { CMD_OK = 0, CMD_FAILED = 1, CMD_USAGE = 2 };

#define CMD_ERROR (cmd_error_quark())
GQuark cmd_error_quark(void);
typedef enum { CMD_ERROR_USAGE } CmdError;

/* What a verb does. argv[0] is the verb's name, argv[argc] NULL. Returns the exit status; with
 * *error set, main() prints it as one line and the status comes from the error's code: any
 * GOptionError and CMD_ERROR_USAGE are wrong usage, all others failures. */
typedef int CmdFunc(int argc, char **argv, GError **error);

CmdFunc cmd_up, cmd_ssh, cmd_ls, cmd_down, cmd_image, cmd_init, cmd_trust, cmd_focus, cmd_notify,
    cmd_notifications;

typedef struct {
    const char *name;
    const char *synopsis; /* what follows the name */
    const char *help;     /* one line */
    CmdFunc *run;
} CmdVerb;

extern const CmdVerb cmd_verbs[]; /* ends with a row without a name */
const CmdVerb *cmd_find(const char *name);

/* Parses a verb's OPTIONS. What stands after `--` goes to *command (a new array, free with
 * g_strfreev(); NULL without `--`); with COMMAND NULL, `--` is wrong usage. argv keeps the verb and
 * its plain arguments. */
gboolean cmd_parse(int *argc, char ***argv, const GOptionEntry *options, char ***command,
                   GError **error);

/* Wrong usage: sets *error, always FALSE. */
gboolean cmd_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
