/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_GREETING_H
#define SSHD_ENTRY_GREETING_H

#include <libssh/libssh.h>
#include <stdbool.h>

#include "extension.h"

/* The identification strings, RFC 4253 section 4.2, are exchanged here and not by libssh, so that
 * what we offer can depend on what the client can do.
 *
 * Of the client's ciphers the first that the server has as well is taken. OpenSSH's client names
 * chacha20-poly1305 first, which has half the speed of AES-GCM where the processor has AES: for
 * that one to be taken, the others must not be offered. A client that names no AES-GCM, be it that
 * its user wants it so, is offered all. */

/* No dash: RFC 4253 section 4.2. */
#define GREETING_VERSION EXTENSION_BANNER "sshd_entry_" VERSION

/* Sends ours on FD and looks at what the client says, which stays in the socket: true if AES-GCM is
 * all that should be offered. Waits 1 s at most, and for a client that is not OpenSSH's not at all.
 */
bool greeting_exchange(int fd);

/* Has SESSION, on a descriptor that NOBODY reads, begin its key exchange, and puts FD in that
 * descriptor's place: libssh settles what it offers with the same call that sends its own
 * identification. FD is closed, SESSION's is non-blocking. -1: logged. */
int greeting_hand_over(ssh_session session, int nobody, int fd);

#endif
