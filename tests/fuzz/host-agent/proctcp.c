/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/proctcp.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The text is the kernel's; its count is still bounded by its lines. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    unsigned lines = 1;

    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    g_assert_cmpuint(proctcp_sessions(text, 2222), <=, lines);
    return 0;
}
