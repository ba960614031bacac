/* SPDX-License-Identifier: ISC */
#include "base/name.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Any path gives a valid name. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = g_strndup((const char *)data, size);
    g_autofree char *name = name_from_path(path);
    g_autofree char *numbered = name_numbered(name, size % 1000);

    g_assert_true(name_valid(name));
    g_assert_true(name_valid(numbered));
    return 0;
}
