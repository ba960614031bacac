/* SPDX-License-Identifier: ISC */
#include "base/host.h"
#include "base/lock.h"
#include "base/name.h"
#include "base/printable.h"
#include "cmd.h"
#include "config/config.h"
#include "launch/teardown.h"
#include "launch/volume.h"
#include "sandbox/choose.h"
#include "ssh/keys.h"
#include "ssh/sshfiles.h"
#include "trust/extend.h"

#include <stdio.h>
#include <unistd.h>

typedef struct {
    gboolean all;
    gboolean volumes;
    char **names; /* borrowed; empty: the current directory's */
} Down;

static gboolean parse(Down *down, int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &down->all, "Every sandbox", NULL},
        {"volumes", 0, 0, G_OPTION_ARG_NONE, &down->volumes, "Remove their home volumes, too",
         NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return FALSE;
    if (down->all && argc > 1)
        return cmd_usage(error, "down: --all or names, not both");
    for (int i = 1; i < argc; i++) {
        if (!name_valid(argv[i]))
            return cmd_usage(error, "down: %s is not a sandbox's name", argv[i]);
    }
    down->names = argv + 1;
    return TRUE;
}

static void add_once(GPtrArray *names, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

/* With --volumes, a name may be that of a home whose sandbox is down already. Or the sandbox ended
 * by itself, or a `down` half way, and its files are there yet. */
static gboolean add_named(GPtrArray *names, const char *name, GPtrArray *list, GPtrArray *volumes,
                          GError **error)
{
    if (!volume_named(volumes, name) && !teardown_left(name) && !choose_named(list, name, error))
        return FALSE;
    add_once(names, name);
    return TRUE;
}

/* The current directory's sandbox, or what is left of the one that would have its name. */
static gboolean add_here(GPtrArray *names, GPtrArray *list, GError **error)
{
    g_autofree char *here = g_get_current_dir();
    g_autofree char *name = name_from_path(here);
    const Sandbox *sandbox = choose_here(list, error);

    if (!sandbox && (sandbox_named(list, name) || !teardown_left(name)))
        return FALSE;
    g_clear_error(error);
    add_once(names, sandbox ? sandbox->name : name);
    return TRUE;
}

/* The names that are meant; NULL: one of them is nobody's. */
static GPtrArray *pick(const Down *down, GPtrArray *list, GPtrArray *volumes, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    if (down->all) {
        for (guint i = 0; i < list->len; i++)
            add_once(names, ((Sandbox *)list->pdata[i])->name);
        for (guint i = 0; i < volumes->len; i++)
            add_once(names, ((Volume *)volumes->pdata[i])->name);
    } else if (!down->names[0]) {
        if (!add_here(names, list, error))
            return NULL;
    }
    for (char **name = down->names; *name; name++) {
        if (!add_named(names, *name, list, volumes, error))
            return NULL;
    }
    return g_steal_pointer(&names);
}

static gboolean take_down(const Down *down, const char *name, GPtrArray *list, GPtrArray *volumes,
                          GError **error)
{
    g_autofree char *volume = volume_name(name);
    gboolean there = sandbox_named(list, name) != NULL;
    gboolean has_home = volume_named(volumes, name) != NULL;
    gboolean left = teardown_left(name);

    if (!teardown(name, error) || (has_home && !volume_remove(volume, error)))
        return FALSE;
    const char *what = there  ? "is down"
                       : left ? "was gone already; cleared up what it left"
                              : "was down already";
    const char *home = has_home ? ", its home removed" : "; it had no home of its own";
    fprintf(stderr, "host-agent: %s %s%s\n", name, what, down->volumes ? home : "");
    return TRUE;
}

static gboolean take_all_down(const Down *down, const Config *config, GError **error)
{
    g_autoptr(GPtrArray) list = sandbox_list(error);
    g_autoptr(GPtrArray) volumes = !list           ? NULL
                                   : down->volumes ? volume_list(error)
                                                   : g_ptr_array_new();
    g_autoptr(GPtrArray) names = list && volumes ? pick(down, list, volumes, error) : NULL;
    gboolean good = names != NULL;

    for (guint i = 0; good && i < names->len; i++)
        good = take_down(down, names->pdata[i], list, volumes, error);
    /* Also after a failure: the sandboxes before it are gone, and crashes may have left something.
     */
    g_autofree char *identity = keys_identity(config);
    GError **first = good ? error : NULL;
    g_autoptr(GPtrArray) left = list ? sandbox_list(first) : NULL;
    return left && teardown_stale(left, first) && sshfiles_refresh(left, identity, first) && good &&
           (!down->all || !down->volumes || extend_prune(error));
}

/* A sandbox must end, whatever the configuration says. */
static Config *settings(void)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_load(&error);

    if (config)
        return config;
    g_autofree char *line = printable(error->message);
    fprintf(stderr, "host-agent: %s; going on with the defaults\n", line);
    return config_default();
}

int cmd_down(int argc, char **argv, GError **error)
{
    Down down = {0};

    if (!parse(&down, argc, argv, error))
        return CMD_USAGE;
    if (!host_check(error))
        return CMD_FAILED;
    g_autoptr(Config) config = settings();
    int lock = lock_take(error);
    if (lock < 0)
        return CMD_FAILED;
    gboolean good = take_all_down(&down, config, error);
    close(lock);
    return good ? CMD_OK : CMD_FAILED;
}
