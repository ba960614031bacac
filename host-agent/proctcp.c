/* SPDX-License-Identifier: ISC */
#include "proctcp.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define ESTABLISHED 1 /* TCP_ESTABLISHED of the kernel's tcp_states.h */

/* `SLOT: LOCAL:PORT REMOTE:PORT STATE ...`, all hexadecimal; an address is the four bytes as this
 * machine reads them as one number. */
static gboolean is_session(const char *line, int port)
{
    unsigned local, local_port, remote, remote_port, state;

    line += strspn(line, " ");
    /* Since sscanf() would skip a newline, too, and count the next line twice. */
    return g_ascii_isdigit(*line) &&
           sscanf(line, "%*u: %8X:%4X %8X:%4X %2X", &local, &local_port, &remote, &remote_port,
                  &state) == 5 &&
           local == htonl(INADDR_LOOPBACK) && local_port == (unsigned)port && state == ESTABLISHED;
}

unsigned proctcp_sessions(const char *text, int port)
{
    unsigned count = 0;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += is_session(line, port);
    }
    return count;
}
