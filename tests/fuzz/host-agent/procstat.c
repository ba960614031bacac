/* SPDX-License-Identifier: ISC */
#include "focus/procstat.h"

#include <stddef.h>
#include <stdint.h>

/* The text is the kernel's, but for the name in it. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    Procstat process;

    if (procstat_parse(text, &process))
        g_assert_cmpint(process.parent, >=, 0);
    return 0;
}
