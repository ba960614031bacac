/* SPDX-License-Identifier: ISC */
#include "image.h"

#include "base/printable.h"
#include "base/run.h"
#include "imagebuild.h"
#include "imageinfo.h"
#include "imagetags.h"
#include "pull.h"
#include "remote.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define AGAIN "`host-agent image pull` takes it all the same"

static void say(const char *image, const char *how, const char *reason)
{
    g_autofree char *all = g_strdup_printf(*reason ? "%s (%s)" : "%s", how, reason);
    g_autofree char *line = printable(all);

    fprintf(stderr, "host-agent: image %s: %s\n", image, line);
}

static void say_outcome(const Config *config, PullOutcome outcome)
{
    g_autofree char *log = pull_log();
    g_autofree char *slow = g_strdup_printf(
        "slower than %d s: the pull goes on in the background, for the next up; %s tells how",
        config->pull_timeout, log);
    g_autofree char *silent = g_strdup_printf(
        "no answer within %d s: what it has is pulled in the background, for the next up; [image] "
        "pull_timeout sets the time, %s tells how it goes",
        config->pull_timeout, log);
    const char *const words[] = {
        [PULL_OLDER] = "has an older one; " AGAIN,
        [PULL_ROLLED_BACK] = "has none newer than what was rolled back; " AGAIN,
        [PULL_UNDATED] = "has one that tells no date that can be, so it may be older; " AGAIN,
        [PULL_GOES_ON] = slow,
        [PULL_UNANSWERED] = silent,
        [PULL_UNDER_WAY] = "a pull is under way already, for the next up",
    };

    if (outcome == PULL_NEW) {
        say(config->image, "pulled from the registry", config->registry);
        return;
    }
    if (outcome == PULL_HERE) {
        say(config->image, "the registry's, which lay here already", config->registry);
        return;
    }
    if (outcome == PULL_SAME) {
        say(config->image, "the local one, which is the registry's too", config->registry);
        return;
    }
    g_autofree char *reason = g_strconcat(config->registry, ": ", words[outcome], NULL);
    say(config->image, "the local one", reason);
}

/* What it has may lie here already: by a pull that took too long, or one that was rolled back. */
static gboolean lies_here(const Remote *remote)
{
    g_autoptr(ImageInfo) info = remote->id ? imageinfo_get(remote->id, NULL) : NULL;

    return info != NULL;
}

/* It may always need longer. */
static gboolean wait_elsewhere(const Config *config, PullOutcome *outcome, GError **error)
{
    if (!pull_start_asking(config, outcome, error))
        return FALSE;
    if (*outcome == PULL_GOES_ON)
        *outcome = PULL_UNANSWERED;
    return TRUE;
}

/* LOCAL: NULL where there is none. */
static gboolean from_registry(const Config *config, const ImageInfo *local, PullOutcome *outcome,
                              GError **error)
{
    gint64 start = g_get_monotonic_time();
    g_autoptr(GError) silent = NULL;
    g_autoptr(Remote) remote =
        remote_ask(config->registry, (unsigned)config->pull_timeout, &silent);

    if (local && g_error_matches(silent, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        return wait_elsewhere(config, outcome, error);
    if (!remote) {
        g_propagate_error(error, g_steal_pointer(&silent));
        return FALSE;
    }
    *outcome = PULL_SAME;
    if (local && remote_is(remote, local))
        return TRUE;
    if (lies_here(remote)) {
        gboolean done = pull_adopt(config, remote->id, FALSE, outcome, error);
        if (done && *outcome == PULL_NEW)
            *outcome = PULL_HERE;
        return done;
    }
    if (!local)
        return pull_run(config, FALSE, outcome, error);
    gint64 left = (gint64)config->pull_timeout * 1000 - (g_get_monotonic_time() - start) / 1000;
    return pull_start(config, (int)MAX(left, 0), outcome, error);
}

/* The line comes before: a build takes minutes. */
static gboolean build(const Config *config, const char *reason, GError **error)
{
    g_autofree char *file = imagebuild_file(config);
    const char *unless =
        imagebuild_under_way() ? ", unless the build that is under way makes it" : "";
    g_autofree char *how = g_strconcat("to be built from ", file, unless, NULL);
    g_autofree char *reasons = g_strconcat(reason, "; no local image", NULL);

    say(config->image, how, reasons);
    return imagebuild_run(config, IMAGEBUILD_IF_MISSING, error);
}

gboolean image_resolve(const Config *config, GError **error)
{
    g_autoptr(GError) no_pull = NULL;
    g_autoptr(ImageInfo) local = imageinfo_get(config->image, &no_pull);
    PullOutcome outcome;

    /* On a full disk podman cannot look into an image that is there, and it runs all the same. */
    gboolean here = local || imageinfo_exists(config->image);
    if (local || !here)
        g_clear_error(&no_pull);
    if (config->registry && !no_pull && from_registry(config, local, &outcome, &no_pull)) {
        say_outcome(config, outcome);
        return TRUE;
    }
    if (g_error_matches(no_pull, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&no_pull));
        return FALSE;
    }
    g_autofree char *reason = !no_pull ? g_strdup("no registry configured")
                              : config->registry
                                  ? g_strdup_printf("%s: %s", config->registry, no_pull->message)
                                  : g_strdup(no_pull->message);
    if (here) {
        say(config->image, "the local one", reason);
        return TRUE;
    }
    return build(config, reason, error);
}

void image_tell_waiting(const Config *config, const Sandbox *sandbox)
{
    g_autoptr(ImageInfo) named = imageinfo_get(config->image, NULL);

    if (!named || !*sandbox->image_id || strcmp(named->id, sandbox->image_id) == 0)
        return;
    g_autoptr(ImageInfo) running = imageinfo_get(sandbox->image_id, NULL);
    if (!running || imageinfo_is_on(running, named))
        return;
    gboolean newer = running->created && named->created > running->created;
    fprintf(stderr,
            "host-agent: the sandbox %s keeps its image, and %s waits: `host-agent down %s` and up "
            "take it\n",
            sandbox->name, newer ? "a newer one" : "another one", sandbox->name);
}

void image_look_for_newer(const Config *config)
{
    PullOutcome outcome;

    if (config->registry)
        pull_start_asking(config, &outcome, NULL);
}
