/* SPDX-License-Identifier: ISC */
#include "ssh/hostlog.h"
#include "base/printable.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a container writes to its log: the key is valid or not there, the last words are inert. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *log = g_strndup((const char *)data, size);
    g_autofree char *key = hostlog_key(log);
    g_autofree char *last = hostlog_last(log, 3);
    g_autofree char *again = printable(last);

    g_assert_true(!key || hostlog_key_valid(key));
    g_assert_true(!key || strlen(key) == strlen("ssh-ed25519 ") + 68);
    g_assert_cmpstr(last, ==, again);
    return 0;
}
