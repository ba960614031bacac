/* SPDX-License-Identifier: ISC */
#include "ssh/pubkeys.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whatever lies in a .pub file: only lines that are one valid key come out. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) keys = pubkeys_new();

    pubkeys_add(keys, (const char *)data, size);
    for (guint i = 0; i < keys->len; i++) {
        const char *key = keys->pdata[i];
        g_autoptr(GPtrArray) again = pubkeys_new();
        g_assert_null(strpbrk(key, "\r\n\t\""));
        pubkeys_add(again, key, strlen(key));
        g_assert_cmpuint(again->len, ==, 1);
        g_assert_cmpstr(again->pdata[0], ==, key);
    }
    return 0;
}
