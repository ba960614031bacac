/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_LISTENER_H
#define SSHD_ENTRY_LISTENER_H

/* The socket to accept on, CLOEXEC and non-blocking: the one handed in by the socket-activation
 * protocol of sd_listen_fds(3), else one bound to ENDPOINT ("ADDRESS:PORT", "[V6]:PORT"). Takes
 * LISTEN_* out of the environment. Sets *INHERITED. Returns the descriptor, or -1: logged. */
int listener_open(const char *endpoint, int *inherited);

/* Where FD listens, "ADDRESS port N"; valid until the next call. */
const char *listener_name(int fd);

#endif
