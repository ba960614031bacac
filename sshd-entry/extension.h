/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_EXTENSION_H
#define SSHD_ENTRY_EXTENSION_H

#include <libssh/callbacks.h>

#include "packet.h"

struct connection;

/* The banner's beginning: OpenSSH's client sends an eow only to what calls itself so. */
#ifdef WITH_LIBSSH_INTERNALS
#define EXTENSION_BANNER "OpenSSH_compatible_"
#else
#define EXTENSION_BANNER ""
#endif

/* Every mode once takes 796 bytes; a longer list is not applied. */
#define EXTENSION_MODES_MAX 1024

/* What libssh.so offers no way to: the modes of a pty-req, direct-streamlocal@openssh.com,
 * eow@openssh.com, whether a security key was touched, and an answer to every key that is not good.
 * It takes libssh.a, `make LIBSSH=static`; else nothing here is ever set, and libssh refuses or
 * ignores them.
 *
 * Each packet is seen here before libssh parses it and calls back, so these hold for that callback
 * and no longer. */
struct extension {
    struct ssh_packet_callbacks_struct callbacks;
    unsigned char modes[EXTENSION_MODES_MAX]; /* of the pty-req, encoded */
    size_t modes_length;
    /* Of the direct-streamlocal that libssh takes for a direct-tcpip; empty: it really is one. */
    char path[sizeof(((struct packet_streamlocal *)0)->path)];
};

/* Before libssh has read anything of the client's. */
void extension_watch(struct connection *connection);

/* For --version: a line that tells libssh's version and what is here of the above. */
void extension_print_version(void);

#endif
