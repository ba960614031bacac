/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_ACCOUNT_H
#define SSHD_ENTRY_ACCOUNT_H

/* The one account that every login ends up in: the user this process already is. */
struct account {
    const char *name;
    const char *home;
    const char *shell;
};

/* From the password database; a uid that it does not know (a cluster's random one) gets $HOME,
 * $SHELL and the name "agent". The strings live as long as the process. */
struct account account_of_process(void);

#endif
