/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_DIAL_H
#define SSHD_ENTRY_DIAL_H

#include <stdbool.h>

/* Connects to HOST (a name or an address) at PORT, without waiting. For an address, or localhost,
 * returns the socket itself, connected or about to be, and sets *CONNECTED. A name has to be looked
 * up, which may take long: then what it returns becomes readable and gives the socket by
 * control_receive_fd(), or none if it could not be had. Non-blocking, CLOEXEC, the caller's. -1:
 * refused, errno. */
int dial(const char *host, int port, bool *connected);

/* The same for the stream socket at PATH, which must fit a sockaddr_un. */
int dial_path(const char *path, bool *connected);

#endif
