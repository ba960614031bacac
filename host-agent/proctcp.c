/* SPDX-License-Identifier: ISC */
#include "proctcp.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#define ESTABLISHED 1 /* TCP_ESTABLISHED of the kernel's tcp_states.h */

/* A hexadecimal number and END after it; moves *text behind both. */
static gboolean take_hex(const char **text, guint64 *number, char end)
{
    char *stop;

    if (!g_ascii_isxdigit(**text))
        return FALSE;
    *number = g_ascii_strtoull(*text, &stop, 16);
    *text = stop + 1;
    return *stop == end;
}

/* `SLOT: LOCAL:PORT REMOTE:PORT STATE ...`; an address is its four bytes as this machine reads them
 * as one number. */
static gboolean is_session(const char *line, int port)
{
    guint64 slot, local, local_port, remote, remote_port, state;

    line += strspn(line, " ");
    if (!take_hex(&line, &slot, ':') || *line++ != ' ')
        return FALSE;
    return take_hex(&line, &local, ':') && take_hex(&line, &local_port, ' ') &&
           take_hex(&line, &remote, ':') && take_hex(&line, &remote_port, ' ') &&
           take_hex(&line, &state, ' ') && local == htonl(INADDR_LOOPBACK) &&
           local_port == (guint64)port && state == ESTABLISHED;
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
