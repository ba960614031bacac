/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_CONNECT_H
#define HOST_AGENT_CONNECT_H

#include "sshfiles.h"

/* Runs ssh to the sandbox HOST and returns its exit status, or -1 with *error. COMMAND NULL: a
 * login shell. Inside tmux the window bears the sandbox's name meanwhile. IDENTITY may be NULL. */
int connect_run(const SshHost *host, const char *identity, char **command, GError **error);

/* Pure: the command line. With more than one word, COMMAND reaches the program there as these
 * words; one word is a line for the shell there, as with ssh. */
char **connect_argv(const SshHost *host, const char *known_hosts, const char *identity,
                    char *const *command, gboolean terminal);

#endif
