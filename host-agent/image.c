/* SPDX-License-Identifier: ISC */
#include "image.h"

#include "fail.h"
#include "foreground.h"
#include "paths.h"
#include "printable.h"
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PULL_SECONDS = 3600 }; /* for the layers; the registry answers within pull_timeout, or not */

static void say(const char *image, const char *how, const char *reason)
{
    g_autofree char *line = printable(reason);

    fprintf(stderr, *line ? "host-agent: image %s: %s (%s)\n" : "host-agent: image %s: %s\n", image,
            how, line);
}

/* The manifest is small: a dead registry is known after pull_timeout, and a live one then has all
 * the time that its layers take. Podman 4 fails on the manifest of an image of one platform, but
 * what it says of it is an answer too. */
static gboolean answers(const Config *config, GError **error)
{
    const char *const ask[] = {"podman", "manifest", "inspect", config->registry, NULL};
    g_autoptr(GError) failed = NULL;

    if (run_capture(ask, (unsigned)config->pull_timeout, 0, NULL, &failed) ||
        strstr(failed->message, "single image"))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

static gboolean pull(const Config *config, GError **error)
{
    const char *const pull_it[] = {"podman", "pull", "--quiet", config->registry, NULL};
    const char *const tag[] = {"podman", "tag", config->registry, config->image, NULL};

    return answers(config, error) && run_capture(pull_it, PULL_SECONDS, 0, NULL, error) &&
           run_capture(tag, RUN_PROMPT, 0, NULL, error);
}

static gboolean exists(const char *image)
{
    const char *const argv[] = {"podman", "image", "exists", image, NULL};

    return run_capture(argv, RUN_PROMPT, 0, NULL, NULL);
}

/* Holds the Containerfile and all that it copies: by default PREFIX/share/host-agent, if we are
 * PREFIX/bin/host-agent. */
static char *context_dir(void)
{
    const char *dir = g_getenv("HOST_AGENT_DATADIR");
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = g_path_get_dirname(self ? self : "/usr/bin/host-agent");
    g_autofree char *prefix = g_path_get_dirname(bin);

    return dir && *dir ? g_strdup(dir) : g_build_filename(prefix, "share", "host-agent", NULL);
}

static char *containerfile(const Config *config, const char *context)
{
    g_autofree char *dir = paths_config_dir();
    g_autofree char *own = g_build_filename(dir, "Containerfile", NULL);

    if (config->containerfile)
        return g_strdup(config->containerfile);
    if (g_file_test(own, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&own);
    return g_build_filename(context, "Containerfile", NULL);
}

static void add(GPtrArray *argv, const char *option, const char *value)
{
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, g_strdup(value));
}

static GPtrArray *build_argv(const Config *config, const char *program, const char *file,
                             const char *context)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(program));
    add(argv, "--file", file);
    add(argv, "--tag", config->image);
    if (config->base)
        add(argv, "--base", config->base);
    for (char **arg = config->build_args; arg && *arg; arg++)
        add(argv, "--build-arg", *arg);
    add(argv, context, NULL); /* ends the list, too */
    return argv;
}

static gboolean build(const Config *config, const char *context, const char *file, GError **error)
{
    g_autofree char *program = g_build_filename(context, "image", "build", NULL);
    g_autoptr(GPtrArray) argv = build_argv(config, program, file, context);

    if (access(program, X_OK) < 0)
        return fail(error,
                    "no image %s and no %s to build it with: install host-agent whole, or set "
                    "HOST_AGENT_DATADIR to its checkout",
                    config->image, program);
    if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
        return fail(error, "no image %s and no Containerfile %s to build it from", config->image,
                    file);
    int status = run_foreground((const char *const *)argv->pdata, error);
    if (status < 0)
        return FALSE;
    if (status > 0)
        return fail(error,
                    "the build of %s from %s failed with status %d: its own message stands "
                    "above",
                    config->image, file, status);
    return TRUE;
}

gboolean image_resolve(const Config *config, GError **error)
{
    g_autoptr(GError) no_pull = NULL;
    g_autofree char *context = context_dir();
    g_autofree char *file = containerfile(config, context);
    g_autofree char *from = g_strconcat("built from ", file, NULL);

    if (config->registry && pull(config, &no_pull)) {
        say(config->image, "pulled from the registry", config->registry);
        return TRUE;
    }
    g_autofree char *reason = no_pull
                                  ? g_strdup_printf("%s: %s", config->registry, no_pull->message)
                                  : g_strdup("no registry configured");
    if (exists(config->image)) {
        say(config->image, "the local one", reason);
        return TRUE;
    }
    g_autofree char *reasons = g_strconcat(reason, "; no local image", NULL);
    say(config->image, "building it", reasons);
    if (!build(config, context, file, error))
        return FALSE;
    say(config->image, from, reasons);
    return TRUE;
}
