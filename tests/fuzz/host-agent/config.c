/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Any file: a valid configuration, or one line that says why not. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_parse((const char *)data, size, "config.ini", "/home/me", &error);

    g_assert_true(!config == !!error);
    if (!config)
        return 0;
    g_assert_cmpint(config->port, >=, 1024);
    g_assert_cmpint(config->port, <=, 65535);
    g_assert_cmpint(config->network, <=, NETWORK_NONE);
    g_assert_cmpint(config->home, <=, HOME_EPHEMERAL);
    g_assert_true(g_ascii_isalnum(*config->image));
    g_assert_true(!config->authorized_keys || g_path_is_absolute(config->authorized_keys));
    for (char **arg = config->build_args; arg && *arg; arg++)
        g_assert_nonnull(strchr(*arg, '='));
    return 0;
}
