/* SPDX-License-Identifier: ISC */
#include "base/printable.h"
#include "cmd.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static int print_help(void)
{
    puts("Usage: host-agent VERB [OPTION…] [ARGUMENT…]\n"
         "Sandboxes for coding agents: rootless containers that you reach over SSH.\n");
    for (const CmdVerb *verb = cmd_verbs; verb->name; verb++)
        printf("  %-13s %s\n", verb->name, verb->help);
    puts("\n`host-agent VERB --help` lists a verb's options; host-agent(1) tells the rest.");
    return CMD_OK;
}

static int print_version(void)
{
    puts("host-agent " VERSION);
    return CMD_OK;
}

static gboolean is_usage(const GError *error)
{
    return error->domain == G_OPTION_ERROR || g_error_matches(error, CMD_ERROR, CMD_ERROR_USAGE);
}

static int run_verb(int argc, char **argv, GError **error)
{
    if (argc < 2) {
        cmd_usage(error, "no verb given: `host-agent --help` lists them");
        return CMD_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0)
        return print_version();

    const CmdVerb *verb = cmd_find(argv[1]);
    if (!verb) {
        cmd_usage(error, "%s is no verb: `host-agent --help` lists them", argv[1]);
        return CMD_USAGE;
    }
    return verb->run(argc - 1, argv + 1, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    setlocale(LC_CTYPE, "");
    int status = run_verb(argc, argv, &error);
    if (error) {
        g_autofree char *line = printable(error->message);
        fprintf(stderr, "host-agent: %s\n", line);
        status = is_usage(error) ? CMD_USAGE : CMD_FAILED;
    }
    if (fflush(stdout) == EOF && status == CMD_OK) {
        perror("host-agent: cannot write to standard output");
        status = CMD_FAILED;
    }
    return status;
}
