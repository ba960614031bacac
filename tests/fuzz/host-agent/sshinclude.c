/* SPDX-License-Identifier: ISC */
#include "ssh/sshinclude.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TARGET "/home/me/.local/state/host-agent/ssh_config"

/* Any ssh_config: once the line is added it is found, so that it is never added twice. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *added = sshinclude_added(text, TARGET);

    (void)sshinclude_present(text, "/home/me", TARGET);
    g_assert_true(sshinclude_present(added, "/home/me", TARGET));
    g_assert_true(g_str_has_suffix(added, text));
    return 0;
}
