/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_OPTIONS_H
#define SSHD_ENTRY_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#define OPTIONS_LOGINS_MAX 16

/* What the command line says, sshd-entry(8). Strings point into argv or are constants. */
struct options {
    const char *logins[OPTIONS_LOGINS_MAX]; /* names that may log in, all to the one account */
    size_t login_count;
    const char *workdir;             /* where sessions start; NULL: the home directory */
    const char *authorized_keys;     /* file */
    const char *host_key;            /* file; NULL: below the home directory */
    const char *listen;              /* ADDRESS:PORT, used when no socket is inherited */
    const char *accept_env;          /* patterns, as AcceptEnv of sshd_config(5) */
    const char *agent_socket;        /* the path that SSH_AUTH_SOCK names in every session */
    const char *hold_fifo;           /* a FIFO to hold open, or NULL */
    const char *sftp_server;         /* program of the sftp subsystem */
    unsigned login_grace;            /* seconds from connection to login */
    unsigned max_auth_tries;         /* refused requests before the connection is closed */
    unsigned max_connections;        /* that have logged in */
    unsigned max_startups;           /* that have not */
    unsigned client_alive_interval;  /* seconds of silence before we ask; 0: never */
    unsigned client_alive_count_max; /* questions without an answer */
    uint64_t rekey_limit;            /* bytes under one key; 0: what the cipher bears */
    unsigned rekey_interval;         /* seconds under one key; 0: any time */
    unsigned gateway_ports;          /* enum options_gateway_ports */
    unsigned terminal_messages;      /* set of enum options_terminal */
    unsigned log_level;              /* enum log_level */
};

/* Which addresses a client may have us listen on: GatewayPorts of sshd_config(5). */
enum options_gateway_ports { GATEWAY_PORTS_NO, GATEWAY_PORTS_YES, GATEWAY_PORTS_CLIENTSPECIFIED };

/* What of a terminal's output becomes a message in the FIFO. */
enum options_terminal { OPTIONS_TERMINAL_OSC = 1, OPTIONS_TERMINAL_BELL = 2 };

enum options_outcome {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was answered */
    OPTIONS_WRONG, /* one line on stderr said what is wrong */
};

enum options_outcome options_parse(struct options *options, int argc, char **argv);

#endif
