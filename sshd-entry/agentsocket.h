/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_AGENTSOCKET_H
#define SSHD_ENTRY_AGENTSOCKET_H

#include <sys/types.h>

/* The stable path that SSH_AUTH_SOCK names. Something listens there only while a connection
 * forwards an agent; else connecting to it is refused at once. */
struct agentsocket {
    const char *path;
    int fd;       /* -1: nothing listens */
    dev_t device; /* of the name that was bound, to tell whether it still stands */
    ino_t inode;
};

/* Listens, also where somebody removed or replaced what stood at the path. -1: logged. */
int agentsocket_open(struct agentsocket *socket);

/* Refuses from now on; the path stays, so that a later open serves who knows it. */
void agentsocket_close(struct agentsocket *socket);

/* The next client, CLOEXEC, for the caller to own, or -1. */
int agentsocket_accept(const struct agentsocket *socket);

#endif
