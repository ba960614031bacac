/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PODMAN_H
#define HOST_AGENT_PODMAN_H

#include <glib.h>

#define PODMAN_FIFO "/tmp/cc-notify-pipe" /* where a sandbox finds its FIFO */
#define PODMAN_ASK "/run/host-agent"      /* and the directory of the socket for questions */
#define PODMAN_AUTHORIZED_KEYS_DIR "/etc/sshd-entry"
#define PODMAN_HOME "/home/agent"

/* All that a sandbox is started with. Paths are the host's; NULL: not handed over. */
typedef struct {
    const char *name;
    const char *project;
    const char *login; /* the user's own login name */
    const char *image;
    const char *volume; /* the home volume; NULL: the home dies with the container */
    const char *etc;    /* the directory that holds authorized_keys */
    const char *log;
    const char *fifo;
    const char *ask; /* the directory for the bridge's socket */
    const char *gitconfig;
    const char *nvim;
    const char *accept_env;
    const char *terminal_messages; /* which of a terminal's sequences become messages */
    const char *pidfile;           /* gets the host's pid of the container */
    int port;
    gboolean network;
} PodmanRun;

/* The command line. Pure. Free with g_strfreev(). */
char **podman_run_argv(const PodmanRun *run);

/* ARGV as one line that a shell reads back. */
char *podman_shell_line(const char *const *argv);

#endif
