/* SPDX-License-Identifier: ISC */
#include "imagebuild.h"

#include "base/fail.h"
#include "base/foreground.h"
#include "base/lock.h"
#include "base/paths.h"
#include "imageinfo.h"
#include "imagetags.h"

#include <errno.h>
#include <unistd.h>

char *imagebuild_file(const Config *config)
{
    g_autofree char *dir = paths_config_dir();
    g_autofree char *own = g_build_filename(dir, "Containerfile", NULL);
    g_autofree char *context = NULL;

    if (config->containerfile)
        return g_strdup(config->containerfile);
    if (g_file_test(own, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&own);
    context = paths_data_dir();
    return g_build_filename(context, "Containerfile", NULL);
}

/* Either may be NULL: then it is left out. */
static void add(GPtrArray *argv, const char *option, const char *value)
{
    if (option)
        g_ptr_array_add(argv, g_strdup(option));
    if (value)
        g_ptr_array_add(argv, g_strdup(value));
}

/* Of image/SCRIPT, with the options that image/build and image/nightly have in common; the caller
 * adds others, and NULL. NULL where there is nothing to build with, or from. */
static GPtrArray *script_argv(const Config *config, const char *script, GError **error)
{
    g_autofree char *context = paths_data_dir();
    g_autofree char *file = imagebuild_file(config);
    g_autofree char *program = g_build_filename(context, "image", script, NULL);
    GPtrArray *argv;

    if (access(program, X_OK) < 0) {
        fail(error,
             "no %s to build %s with: install host-agent whole, or set HOST_AGENT_DATADIR to its "
             "checkout",
             program, config->image);
        return NULL;
    }
    if (!g_file_test(file, G_FILE_TEST_IS_REGULAR)) {
        fail(error, "no Containerfile %s to build %s from", file, config->image);
        return NULL;
    }
    argv = g_ptr_array_new_with_free_func(g_free);
    add(argv, program, context);
    add(argv, "--file", file);
    add(argv, "--tag", config->image);
    if (config->base)
        add(argv, "--base", config->base);
    for (char **arg = config->build_args; arg && *arg; arg++)
        add(argv, "--build-arg", *arg);
    return argv;
}

static gboolean build(const Config *config, const char *option, GError **error)
{
    g_autoptr(GPtrArray) argv = script_argv(config, "build", error);
    g_autofree char *file = imagebuild_file(config);

    if (!argv)
        return FALSE;
    add(argv, option, NULL);
    g_ptr_array_add(argv, NULL);
    int status = run_foreground((const char *const *)argv->pdata, error);
    if (status < 0)
        return FALSE;
    return status == 0 || fail(error,
                               "the build of %s from %s failed with status %d: its own message "
                               "stands above",
                               config->image, file, status);
}

/* Under lock_tags(). What is built is built: another prune may be under way, a container may just
 * start. */
static gboolean keep(const Config *config, GError **error)
{
    g_autoptr(ImageInfo) info = imageinfo_get(config->image, error);

    if (!info || !imagetags_adopt(config->image, info, error))
        return FALSE;
    imagetags_prune(config->image, config->keep, NULL, NULL);
    return TRUE;
}

/* The build itself moves the name. */
static gboolean keep_old(const Config *config, GError **error)
{
    int lock = lock_tags(error);
    gboolean kept = lock >= 0 && imagetags_keep(config->image, error);

    lock_drop(lock);
    return kept;
}

gboolean imagebuild_run(const Config *config, const char *option, GError **error)
{
    if (!keep_old(config, error) || !build(config, option, error))
        return FALSE;
    int lock = lock_tags(error);
    gboolean kept = lock >= 0 && keep(config, error);
    lock_drop(lock);
    return kept;
}

gboolean imagebuild_under_way(void)
{
    g_autofree char *dir = paths_state_dir();
    g_autofree char *path = g_build_filename(dir, "build.lock", NULL);
    g_autoptr(GError) error = NULL;
    int lock = lock_try(path, &error);

    lock_drop(lock);
    return lock < 0 && !error;
}

gboolean imagebuild_nightly(const Config *config, gboolean quiet, GError **error)
{
    g_autoptr(GPtrArray) argv = script_argv(config, "nightly", error);
    g_autofree char *number = g_strdup_printf("%d", config->keep);

    if (!argv)
        return FALSE;
    add(argv, "--keep", number);
    if (config->registry)
        add(argv, "--registry", config->registry);
    add(argv, quiet ? "--quiet" : NULL, NULL);
    g_ptr_array_add(argv, NULL);
    execv(argv->pdata[0], (char **)argv->pdata);
    return fail(error, "cannot run %s: %s", (char *)argv->pdata[0], g_strerror(errno));
}
