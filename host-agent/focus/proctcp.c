/* SPDX-License-Identifier: ISC */
#include "proctcp.h"

#include <netinet/in.h>
#include <string.h>

#define ESTABLISHED 1 /* TCP_ESTABLISHED of the kernel's tcp_states.h */

/* An end's address is its four bytes as this machine reads them as one number. */
typedef struct {
    guint64 local, local_port, remote, remote_port, state;
    const char *rest;
} Ends;

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

/* Blanks and a decimal number. */
static gboolean take_decimal(const char **text, guint64 *number)
{
    char *stop;

    *text += strspn(*text, " ");
    if (!g_ascii_isdigit(**text))
        return FALSE;
    *number = g_ascii_strtoull(*text, &stop, 10);
    *text = stop;
    return TRUE;
}

/* `SLOT: LOCAL:PORT REMOTE:PORT STATE ...` */
static gboolean take_ends(const char *line, Ends *ends)
{
    guint64 slot;

    line += strspn(line, " ");
    if (!take_hex(&line, &slot, ':') || *line++ != ' ')
        return FALSE;
    if (!take_hex(&line, &ends->local, ':') || !take_hex(&line, &ends->local_port, ' ') ||
        !take_hex(&line, &ends->remote, ':') || !take_hex(&line, &ends->remote_port, ' ') ||
        !take_hex(&line, &ends->state, ' '))
        return FALSE;
    ends->rest = line;
    return TRUE;
}

/* `... SENDING:RECEIVING TIMER:WHEN RETRANSMITS UID TIMEOUTS INODE ...` */
static gboolean take_owner(const char *rest, guint64 *uid, guint64 *inode)
{
    guint64 skipped;

    return take_hex(&rest, &skipped, ':') && take_hex(&rest, &skipped, ' ') &&
           take_hex(&rest, &skipped, ':') && take_hex(&rest, &skipped, ' ') &&
           take_hex(&rest, &skipped, ' ') && take_decimal(&rest, uid) &&
           take_decimal(&rest, &skipped) && take_decimal(&rest, inode);
}

static const char *next_line(const char *line)
{
    line = strchr(line, '\n');
    return line ? line + 1 : NULL;
}

unsigned proctcp_sessions(const char *text, int port)
{
    unsigned count = 0;
    Ends ends;

    for (const char *line = text; line; line = next_line(line))
        count += take_ends(line, &ends) && ends.local == htonl(INADDR_LOOPBACK) &&
                 ends.local_port == (guint64)port && ends.state == ESTABLISHED;
    return count;
}

GArray *proctcp_clients(const char *text, int port, uid_t uid)
{
    GArray *clients = g_array_new(FALSE, FALSE, sizeof(ProctcpClient));
    guint64 owner, inode;
    Ends ends;

    for (const char *line = text; line; line = next_line(line)) {
        if (!take_ends(line, &ends) || ends.local != htonl(INADDR_LOOPBACK) ||
            ends.remote != htonl(INADDR_LOOPBACK) || ends.remote_port != (guint64)port ||
            ends.local_port > G_MAXUINT16 || ends.state != ESTABLISHED)
            continue;
        /* A socket that no process holds any more has the inode 0. */
        if (!take_owner(ends.rest, &owner, &inode) || owner != uid || inode == 0)
            continue;
        const ProctcpClient client = {(int)ends.local_port, inode};
        g_array_append_val(clients, client);
    }
    return clients;
}
