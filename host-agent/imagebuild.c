/* SPDX-License-Identifier: ISC */
#include "imagebuild.h"

#include "fail.h"
#include "foreground.h"
#include "imageinfo.h"
#include "imagetags.h"
#include "paths.h"

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

static void add(GPtrArray *argv, const char *option, const char *value)
{
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, g_strdup(value));
}

static GPtrArray *build_argv(const Config *config, gboolean no_cache, const char *program,
                             const char *file, const char *context)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(program));
    if (no_cache)
        g_ptr_array_add(argv, g_strdup("--no-cache"));
    add(argv, "--file", file);
    add(argv, "--tag", config->image);
    if (config->base)
        add(argv, "--base", config->base);
    for (char **arg = config->build_args; arg && *arg; arg++)
        add(argv, "--build-arg", *arg);
    add(argv, context, NULL); /* ends the list, too */
    return argv;
}

static gboolean build(const Config *config, gboolean no_cache, GError **error)
{
    g_autofree char *context = paths_data_dir();
    g_autofree char *file = imagebuild_file(config);
    g_autofree char *program = g_build_filename(context, "image", "build", NULL);
    g_autoptr(GPtrArray) argv = build_argv(config, no_cache, program, file, context);

    if (access(program, X_OK) < 0)
        return fail(error,
                    "no %s to build %s with: install host-agent whole, or set HOST_AGENT_DATADIR "
                    "to its checkout",
                    program, config->image);
    if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
        return fail(error, "no Containerfile %s to build %s from", file, config->image);
    int status = run_foreground((const char *const *)argv->pdata, error);
    if (status < 0)
        return FALSE;
    return status == 0 || fail(error,
                               "the build of %s from %s failed with status %d: its own message "
                               "stands above",
                               config->image, file, status);
}

gboolean imagebuild_run(const Config *config, gboolean no_cache, GError **error)
{
    if (!build(config, no_cache, error))
        return FALSE;
    g_autoptr(ImageInfo) info = imageinfo_get(config->image, error);
    if (!info || !imagetags_adopt(config->image, info, error))
        return FALSE;
    /* What is built is built: another prune may be under way, a container may just start. */
    imagetags_prune(config->image, config->keep, NULL, NULL);
    return TRUE;
}
