/* SPDX-License-Identifier: ISC */
#include "config/config.h"
#include "base/imageref.h"

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
    g_assert_true(g_ascii_isalnum(*config->image) && imageref_has_host(config->image));
    g_assert_true(!config->registry || imageref_has_host(config->registry));
    g_assert_true(!config->authorized_keys || g_path_is_absolute(config->authorized_keys));
    for (char **arg = config->build_args; arg && *arg; arg++)
        g_assert_nonnull(strchr(*arg, '='));
    const ConfigNotify *notify = &config->notify;
    g_assert_true(notify->rate >= 1 && notify->rate <= 1000);
    g_assert_true((notify->quiet_from < 0) == (notify->quiet_to < 0));
    g_assert_true(notify->quiet_from < 24 * 60 && notify->quiet_to < 24 * 60);
    g_assert_true(notify->terminal >= 0 && notify->terminal <= (TERMINAL_OSC | TERMINAL_BELL));
    for (int i = 0; i < EVENT_SHOWN; i++)
        g_assert_true(notify->urgency[i] >= EVENT_OFF && notify->urgency[i] <= MESSAGE_CRITICAL);
    return 0;
}
