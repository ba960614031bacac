/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_TRANSPORT_H
#define SSHD_ENTRY_TRANSPORT_H

#include <libssh/libssh.h>
#include <libssh/server.h>

/* What is negotiated with a client: the host key and the algorithms, RFC 4253 section 7.1. */

/* What a user's key may sign by. No certificates: nothing here checks an authority. */
#define TRANSPORT_USER_KEYS                                                           \
    "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384," \
    "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"

/* Takes ownership of HOST_KEY. Made once, before any fork, so that no connection has to read a
 * key. NULL: logged. */
ssh_bind transport_new(ssh_key host_key);

/* A non-blocking session on the connected socket FD, which it then owns. Takes part in the
 * beginning of the protocol, for at most 1 s. NULL: logged; FD stays the caller's. */
ssh_session transport_accept(ssh_bind transport, int fd);

#endif
