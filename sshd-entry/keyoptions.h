/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_KEYOPTIONS_H
#define SSHD_ENTRY_KEYOPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* The options before a key in authorized_keys, sshd(8), AUTHORIZED_KEYS FILE FORMAT. Pure: the
 * caller brings the address and the time. */

#define KEYOPTIONS_LIST_MAX 32

struct keyoptions_list {
    char *items[KEYOPTIONS_LIST_MAX]; /* owned */
    size_t count;
};

struct keyoptions {
    bool pty, agent_forwarding, port_forwarding;
    char *command;                        /* runs whatever is asked for; NULL: none. Owned */
    struct keyoptions_list environment;   /* NAME=VALUE */
    struct keyoptions_list permit_open;   /* HOST:PORT; empty: everything */
    struct keyoptions_list permit_listen; /* [HOST:]PORT; empty: everything */
    struct keyoptions_list from;          /* address, CIDR or glob patterns, !-ed ones exclude */
    time_t expiry;                        /* 0: never */
};

/* What a key without options may. */
void keyoptions_default(struct keyoptions *options);

/* Reads TEXT (LENGTH bytes: the options field of a line, no blank outside quotes). -1: REASON (SIZE
 * bytes) says what is wrong with it; an option that is not known is wrong. OPTIONS is to be freed
 * in any case. */
int keyoptions_parse(struct keyoptions *options, const char *text, size_t length, char *reason,
                     size_t size);

/* Does `from` match ADDRESS (numeric), and is it not expired at NOW? Else REASON says why. */
bool keyoptions_admit(const struct keyoptions *options, const char *address, time_t now,
                      char *reason, size_t size);

/* May a direct-tcpip go to HOST and PORT; may PORT be listened on for HOST? */
bool keyoptions_permit_open(const struct keyoptions *options, const char *host, int port);
bool keyoptions_permit_listen(const struct keyoptions *options, const char *host, int port);

void keyoptions_free(struct keyoptions *options);

#endif
