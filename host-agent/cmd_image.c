/* SPDX-License-Identifier: ISC */
#include "base/fail.h"
#include "base/foreground.h"
#include "base/host.h"
#include "base/imageref.h"
#include "base/lock.h"
#include "cmd.h"
#include "config/config.h"
#include "image/imagebuild.h"
#include "image/imageinfo.h"
#include "image/imagestatus.h"
#include "image/imagetags.h"
#include "image/pull.h"
#include "image/remote.h"
#include "trust/extend.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *full; /* as messages have it */
    const char *help;
    const char *option; /* its only one; NULL: none */
    const char *option_help;
    gboolean needs_image;
    gboolean (*run)(const Config *config, gboolean option, GError **error);
} ImageVerb;

static gboolean check_registry(const Config *config, GError **error)
{
    return config->registry || fail(error, "no registry is configured: [image] registry in "
                                           "host-agent.ini(5) names one");
}

static gboolean build(const Config *config, gboolean no_cache, GError **error)
{
    if (!imagebuild_run(config, no_cache ? IMAGEBUILD_ANEW : NULL, error))
        return FALSE;
    printf("%s is built; sandboxes that run keep their image until they are down\n", config->image);
    return TRUE;
}

/* By hand, the registry's is wanted, be it older or rolled back from. */
static gboolean pull(const Config *config, gboolean unused, GError **error)
{
    g_autoptr(ImageInfo) local = imageinfo_get(config->image, NULL);
    PullOutcome outcome = PULL_SAME;

    (void)unused;
    if (!check_registry(config, error))
        return FALSE;
    g_autoptr(Remote) remote = remote_ask(config->registry, (unsigned)config->pull_timeout, error);
    if (!remote ||
        ((!local || !remote_is(remote, local)) && !pull_run(config, TRUE, &outcome, error)))
        return FALSE;
    printf(outcome == PULL_NEW ? "%s is now what %s has\n"
                               : "%s is what %s has already: nothing to pull\n",
           config->image, config->registry);
    return TRUE;
}

static gboolean push_as(const Config *config, const char *id, const char *name, GError **error)
{
    const char *const argv[] = {"podman", "push", id, name, NULL};
    int status = run_foreground(argv, error);

    if (status < 0)
        return FALSE;
    return status == 0 ||
           fail(error, "the push of %s as %s failed with status %d: its own message stands above",
                config->image, name, status);
}

/* What the name means now; it may mean another image before the second push. */
static ImageInfo *look_up(const Config *config, GError **error)
{
    int lock = lock_tags(error);
    ImageInfo *info = lock >= 0 ? imageinfo_get(config->image, error) : NULL;

    lock_drop(lock);
    return info;
}

/* The date first: who finds the new one finds it under both. */
static gboolean push(const Config *config, gboolean unused, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;

    (void)unused;
    if (!check_registry(config, error) || !(info = look_up(config, error)))
        return FALSE;
    g_autofree char *date = imagetags_date(config->image, info, g_get_real_time() / G_USEC_PER_SEC);
    g_autofree char *dated = imageref_with_tag(config->registry, date);
    if (!push_as(config, info->id, dated, error) ||
        !push_as(config, info->id, config->registry, error))
        return FALSE;
    printf("%s is pushed as %s and %s\n", config->image, config->registry, date);
    return TRUE;
}

static gboolean rollback(const Config *config, gboolean unused, GError **error)
{
    g_autofree char *to = NULL;
    int lock = lock_tags(error);
    gboolean done = lock >= 0 && imagetags_rollback(config->image, &to, error);

    (void)unused;
    lock_drop(lock);
    if (!done)
        return FALSE;
    printf("%s is now %s; sandboxes that run keep their image until they are down\n", config->image,
           to);
    return TRUE;
}

static gboolean prune(const Config *config, gboolean unused, GError **error)
{
    unsigned removed;
    int lock = lock_tags(error);
    gboolean done = lock >= 0 && imagetags_prune(config->image, config->keep, &removed, error);

    (void)unused;
    lock_drop(lock);
    if (!done || !extend_prune(error))
        return FALSE;
    printf("%u removed, the newest %d are kept\n", removed, config->keep);
    return TRUE;
}

static const ImageVerb verbs[] = {
    {"build", "image build", "build it here", "no-cache", "Every layer anew", FALSE, build},
    {"pull", "image pull", "get the registry's, be it older", NULL, NULL, FALSE, pull},
    {"push", "image push", "put it into the registry, also under its date", NULL, NULL, TRUE, push},
    {"status", "image status", "its age, what is in it, whether the registry has another", "json",
     "As JSON, for programs", TRUE, imagestatus_print},
    {"nightly", "image nightly", "build it from scratch, prove it, push it, prune", "quiet",
     "Nothing on standard output", FALSE, imagebuild_nightly},
    {"rollback", "image rollback", "one step back", NULL, NULL, TRUE, rollback},
    {"prune", "image prune", "remove what is older than the newest [image] keep", NULL, NULL, FALSE,
     prune},
};

static gboolean check_image(const ImageVerb *verb, const Config *config, GError **error)
{
    return !verb->needs_image || imageinfo_exists(config->image) ||
           fail(error,
                "there is no image %s: `host-agent image build` makes one, or `pull` gets "
                "the registry's",
                config->image);
}

static const ImageVerb *find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static int print_help(void)
{
    puts("Usage: host-agent image VERB [OPTION]\nThe image of the sandboxes.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        printf("  %-9s %s%s%s%s\n", verbs[i].name, verbs[i].help, verbs[i].option ? " (--" : "",
               verbs[i].option ? verbs[i].option : "", verbs[i].option ? ")" : "");
    return CMD_OK;
}

static int run(const ImageVerb *verb, int argc, char **argv, GError **error)
{
    gboolean option = FALSE;
    const GOptionEntry options[] = {
        {verb->option, 0, 0, G_OPTION_ARG_NONE, &option, verb->option_help, NULL},
        G_OPTION_ENTRY_NULL,
    };

    argv[0] = (char *)verb->full;
    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return CMD_USAGE;
    if (argc > 1) {
        cmd_usage(error, "%s: takes no argument, such as %s", verb->full, argv[1]);
        return CMD_USAGE;
    }
    g_autoptr(Config) config = config_load(error);
    return config && host_check(error) && check_image(verb, config, error) &&
                   verb->run(config, option, error)
               ? CMD_OK
               : CMD_FAILED;
}

int cmd_image(int argc, char **argv, GError **error)
{
    const ImageVerb *verb = argc > 1 ? find(argv[1]) : NULL;

    if (verb)
        return run(verb, argc - 1, argv + 1, error);
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return print_help();
    cmd_usage(error,
              argc > 1 ? "image: %s is no verb of it: `host-agent image --help` lists them"
                       : "image: no verb given: `host-agent image --help` lists them",
              argc > 1 ? argv[1] : "");
    return CMD_USAGE;
}
