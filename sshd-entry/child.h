/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_CHILD_H
#define SSHD_ENTRY_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "account.h"

/* What to run. Everything is borrowed. */
struct child_plan {
    const struct account *account;
    const char *workdir;      /* NULL, or gone: the home directory, else / */
    const char *const *argv;  /* NULL: the account's login shell */
    const char *command;      /* if argv is NULL: given to the shell with -c; NULL: a login shell */
    char *const *environment; /* for execve(2) */
    int terminal;             /* slave of a pty, or -1: three pipes */
};

struct child {
    pid_t pid;
    int pidfd; /* readable once it has ended; -1: none runs */
    int in;    /* ends of the pipes, non-blocking; -1 with a terminal */
    int out;
    int err;
};

/* Starts PLAN in a session of its own. The process has no descriptor of ours but its standard
 * three, and default signal handling. The caller owns what CHILD then holds. -1: logged. */
int child_start(struct child *child, const struct child_plan *plan);

/* How an ended child ended; reaps it and closes the pidfd. */
struct child_end {
    bool signalled;
    bool core;
    int code; /* exit status, or signal number */
};
struct child_end child_reap(struct child *child);

#endif
