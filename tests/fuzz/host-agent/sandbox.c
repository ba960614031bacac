/* SPDX-License-Identifier: ISC */
#include "sandbox/sandbox.h"
#include "base/name.h"
#include "launch/volume.h"
#include "sandbox/project.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Labels can be anything: what is taken from them is fit for a path, a file and a terminal. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) list = sandbox_parse((const char *)data, (gssize)size, NULL);
    g_autoptr(GPtrArray) volumes = volume_parse((const char *)data, (gssize)size, NULL);

    for (guint i = 0; list && i < list->len; i++) {
        const Sandbox *sandbox = list->pdata[i];
        g_assert_true(name_valid(sandbox->name));
        g_assert_true(project_mountable(sandbox->project));
        g_assert_true(g_path_is_absolute(sandbox->project));
        g_assert_cmpint(sandbox->port, >, 0);
        g_assert_false(sandbox->running && sandbox->stale);
    }
    for (guint i = 0; volumes && i < volumes->len; i++)
        g_assert_true(name_valid(((Volume *)volumes->pdata[i])->name));
    return 0;
}
