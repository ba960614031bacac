/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_LISTEN_H
#define HOST_AGENT_LISTEN_H

#include <glib.h>

enum { LISTEN_FIRST_PORT = 2222, LISTEN_PORTS = 100 };

/* A socket that listens on 127.0.0.1:PORT, CLOEXEC; the caller closes it. -1: the port is busy
 * (*error G_IO_ERROR_ADDRESS_IN_USE) or another failure. */
int listen_on(int port, GError **error);

/* The same on the first free one of LISTEN_PORTS ports from *port on; *port is then which. */
int listen_first(int *port, GError **error);

#endif
