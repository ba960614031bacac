/* SPDX-License-Identifier: ISC */
#include "focus/proctcp.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The text is the kernel's; what is found is still bounded by its lines. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    unsigned lines = 1;

    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    g_assert_cmpuint(proctcp_sessions(text, 2222), <=, lines);
    g_autoptr(GArray) clients = proctcp_clients(text, 2222, 1000);
    g_assert_cmpuint(clients->len, <=, lines);
    for (guint i = 0; i < clients->len; i++) {
        const ProctcpClient *client = &g_array_index(clients, ProctcpClient, i);
        g_assert_cmpint(client->port, >=, 0);
        g_assert_cmpint(client->port, <=, G_MAXUINT16);
        g_assert_cmpuint(client->socket, >, 0);
    }
    return 0;
}
