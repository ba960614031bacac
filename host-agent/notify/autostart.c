/* SPDX-License-Identifier: ISC */
#include "autostart.h"

#include "base/paths.h"
#include "base/printable.h"
#include "base/run.h"

#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

#define UNIT "host-agent-notify.service"
#define SECONDS 5 /* that systemd has for its answer */

/* FALSE as well where the unit is not installed, or systemd has given it up. */
static gboolean start_unit(void)
{
    const char *const argv[] = {"systemctl", "--user", "--quiet", "start", UNIT, NULL};
    g_autofree char *manager =
        g_build_filename(g_get_user_runtime_dir(), "systemd", "private", NULL);

    return access(manager, F_OK) == 0 && run_capture(argv, SECONDS, 0, NULL, NULL);
}

static gboolean start_daemon(GError **error)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", error);
    g_autofree char *dir = paths_state_dir();
    g_autofree char *log = g_build_filename(dir, "notify.log", NULL);
    const char *const argv[] = {self, "notify", NULL};

    return self && run_daemon(argv, log, error);
}

void autostart_bridge(void)
{
    g_autoptr(GError) error = NULL;

    if (start_unit() || start_daemon(&error))
        return;
    g_autofree char *line = printable(error->message);
    fprintf(stderr, "host-agent: no notifications: %s\n", line);
}
