/* SPDX-License-Identifier: ISC */
#include "extend.h"

#include "base/fail.h"
#include "base/foreground.h"
#include "base/paths.h"
#include "base/printable.h"
#include "base/run.h"
#include "image/imageinfo.h"
#include "tree.h"
#include "trust.h"

#include <stdio.h>
#include <string.h>

#define REPOSITORY "localhost/host-agent-project/"
#define LIST_MAX ((gsize)4 * 1024 * 1024)
enum { INSPECT_MAX = 4096, CONTENT_DIGITS = 32, BASE_DIGITS = 16, SIGNALLED = 128 };

/* WHY, which may be NULL, may bear names of the project's files. */
static void say(const char *image, const char *what, const char *why)
{
    g_autofree char *line = printable(why ? why : "");

    fprintf(stderr, "host-agent: image %s: %s%s%s\n", image, what, why ? "; " : "", line);
}

/* How what PROJECT has differs from what was trusted of it, which is HASH, and what to do; NULL:
 * it does not. */
static char *difference(const char *project, const char *hash)
{
    g_autoptr(GError) unusable = NULL;
    g_autoptr(GPtrArray) tree = NULL;

    if (!trust_look(project, &tree, &unusable))
        return g_strdup(unusable->message);
    g_autofree char *now = tree ? tree_hash(tree) : NULL;
    if (g_strcmp0(now, hash) == 0)
        return NULL;
    const char *how = !hash ? "was never trusted" : !now ? "is gone" : "has changed since";
    return g_strdup_printf("%s/" TRUST_DIR "/%s %s: `host-agent trust %s` shows it and asks",
                           project, hash && now ? "" : TRUST_FILE, how, project);
}

/* One line that FORMAT makes of IMAGE. */
static char *inspect(const char *image, const char *format, GError **error)
{
    const char *const argv[] = {"podman", "image", "inspect", "--format", format, image, NULL};
    g_autofree char *text = NULL;

    if (!run_capture(argv, RUN_PROMPT, INSPECT_MAX, &text, error))
        return NULL;
    return g_strdup(g_strstrip(text));
}

static char *base_id(const char *base, GError **error)
{
    return inspect(base, "{{.Id}}", error);
}

static char *repository(const char *project)
{
    g_autofree char *key = trust_key(project);

    return g_strconcat(REPOSITORY, key, NULL);
}

/* What the names of all images of PROJECT begin with that are made of HASH. */
static char *made_of(const char *project, const char *hash)
{
    g_autofree char *name = repository(project);

    return g_strdup_printf("%s:%.*s-", name, CONTENT_DIGITS, hash);
}

static char *image_name(const char *project, const char *hash, const char *id)
{
    g_autofree char *name = made_of(project, hash);

    return g_strdup_printf("%s%.*s", name, BASE_DIGITS, id);
}

/* All images of projects, NAME:TAG, the newest first. */
static char **list(GError **error)
{
    const char *const argv[] = {
        "podman", "images", "--sort", "created", "--format", "{{.Repository}}:{{.Tag}}", NULL};
    g_autofree char *text = NULL;

    if (!run_images(argv, LIST_MAX, &text, error))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, REPOSITORY))
            g_strv_builder_add(names, *line);
    }
    return g_strv_builder_end(names);
}

static gboolean is_of(const char *image, const char *name)
{
    size_t length = strlen(name);

    return strncmp(image, name, length) == 0 && image[length] == ':';
}

static char *newest(const char *project, const char *hash)
{
    g_autofree char *name = made_of(project, hash);
    g_auto(GStrv) images = list(NULL);

    for (char **image = images; image && *image; image++) {
        if (g_str_has_prefix(*image, name))
            return g_strdup(*image);
    }
    return NULL;
}

/* Podman refuses where a container runs on it. */
static void remove_image(const char *image)
{
    const char *const argv[] = {"podman", "rmi", image, NULL};

    run_capture(argv, RUN_PROMPT, 0, NULL, NULL);
}

static void remove_others(const char *project, const char *keep)
{
    g_autofree char *name = repository(project);
    g_auto(GStrv) images = list(NULL);

    for (char **image = images; image && *image; image++) {
        if (is_of(*image, name) && strcmp(*image, keep) != 0)
            remove_image(*image);
    }
}

/* From the copy alone, and on the very base whose id is in the name. Returns the exit status, -1
 * where it could not be run. */
static int build(const Trust *trust, const char *image, const char *id, GError **error)
{
    g_autofree char *data = paths_data_dir();
    g_autofree char *program = g_build_filename(data, "image", "build", NULL);
    g_autofree char *file = g_build_filename(trust->dir, TRUST_FILE, NULL);
    const char *const argv[] = {program, "--file",      file,         "--tag",    image, "--base",
                                id,      "--build-arg", "AGENT=none", trust->dir, NULL};

    return run_foreground(argv, error);
}

/* Else nobody could log in; a forgotten USER is the likely mistake. */
static gboolean check_start(const char *image, const char *id, GError **error)
{
    static const char format[] = "{{.Config.User}} {{.Config.Entrypoint}}";
    g_autofree char *want = inspect(id, format, error);
    g_autofree char *have = want ? inspect(image, format, error) : NULL;

    if (!have || strcmp(want, have) == 0)
        return have != NULL;
    remove_image(image);
    return fail(error, TRUST_DIR "/" TRUST_FILE " must leave the user and the entry point as they "
                                 "are in its base: end it with USER agent");
}

static gboolean make(const Trust *trust, const char *image, const char *id, gboolean *interrupted,
                     GError **error)
{
    if (imageinfo_exists(image))
        return check_start(image, id, error); /* whoever built it may have been killed before */
    int status = build(trust, image, id, error);
    *interrupted = status > SIGNALLED;
    if (status > 0)
        fail(error, *interrupted ? "the build was interrupted" : "the build failed, see above");
    return status == 0 && check_start(image, id, error);
}

/* Where it cannot be built on this base. What it was made of earlier is trusted no more. */
static char *fall_back(const char *base, const char *project, const Trust *trust,
                       const GError *cause, const char *why)
{
    g_autofree char *id = base_id(base, NULL);
    g_autofree char *old = newest(project, trust->hash);
    /* Whoever built that one may have been killed before it was looked at. */
    if (old && (!id || !check_start(old, id, NULL)))
        g_clear_pointer(&old, g_free);
    g_autofree char *all = g_strjoin("; ", cause->message, why, NULL);

    say(old ? old : base, old ? "the last that could be built" : "without " TRUST_DIR, all);
    return old ? g_steal_pointer(&old) : g_strdup(base);
}

/* The image of what was trusted, or the next best. */
static char *obtain(const char *base, const char *project, const Trust *trust, const char *why,
                    GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *id = base_id(base, error);
    g_autofree char *image = id ? image_name(project, trust->hash, id) : NULL;
    gboolean interrupted = FALSE;

    if (!image)
        return NULL;
    if (make(trust, image, id, &interrupted, &cause)) {
        say(image, why ? "of what was trusted" : "of " TRUST_DIR ", as it was trusted", why);
        return g_steal_pointer(&image);
    }
    if (!interrupted)
        return fall_back(base, project, trust, cause, why);
    g_propagate_error(error, g_steal_pointer(&cause));
    return NULL;
}

char *extend_resolve(const char *base, const char *project, GError **error)
{
    g_autoptr(GError) lost = NULL;
    g_autoptr(Trust) trust = trust_load(project, &lost);
    g_autofree char *why = difference(project, trust ? trust->hash : NULL);

    if (trust)
        return obtain(base, project, trust, why, error);
    if (lost && why)
        say(base, lost->message, why);
    else if (why)
        say(base, "without " TRUST_DIR, why);
    return g_strdup(base);
}

/* Is IMAGE, one of PROJECT's, made of what is trusted now? */
static gboolean is_trusted(const char *image, const char *project)
{
    g_autofree char *key = trust_key(project);
    g_autofree char *hash = trust_hash(key);
    g_autofree char *name = hash ? made_of(project, hash) : NULL;

    return name && g_str_has_prefix(image, name);
}

gboolean extend_settle(const char *image, const char *project)
{
    g_autofree char *name = repository(project);

    if (!is_of(image, name))
        return TRUE;
    if (is_trusted(image, project)) {
        remove_others(project, image);
        return TRUE;
    }
    say(image, "not run", "what it is made of is trusted no more");
    remove_image(image);
    return FALSE;
}

gboolean extend_tell_waiting(const Sandbox *sandbox)
{
    g_autofree char *key = trust_key(sandbox->project);
    g_autofree char *hash = trust_hash(key);
    g_autofree char *name = repository(sandbox->project);

    if (!*sandbox->image || (!hash && !is_of(sandbox->image, name)) ||
        is_trusted(sandbox->image, sandbox->project))
        return FALSE;
    fprintf(stderr,
            hash ? "host-agent: the sandbox %s keeps its image, and what is trusted of " TRUST_DIR
                   " waits: `host-agent down %s` and up take it\n"
                 : "host-agent: the sandbox %s keeps its image, and nothing of " TRUST_DIR
                   " is trusted any more: `host-agent down %s` and up leave it out\n",
            sandbox->name, sandbox->name);
    return TRUE;
}

char *extend_name(const char *base, const char *project)
{
    g_autoptr(Trust) trust = trust_load(project, NULL);
    g_autofree char *id = trust ? base_id(base, NULL) : NULL;

    return id ? image_name(project, trust->hash, id) : g_strdup(base);
}

gboolean extend_prune(GError **error)
{
    g_auto(GStrv) images = list(error);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (char **image = images; image && *image; image++) {
        const char *key = *image + strlen(REPOSITORY);
        g_autofree char *name = g_strndup(key, strcspn(key, ":"));
        g_autofree char *hash = trust_hash(name);
        g_autofree char *tag = hash ? g_strdup_printf(":%.*s-", CONTENT_DIGITS, hash) : NULL;
        if (!tag || !g_str_has_prefix(key + strlen(name), tag) ||
            !g_hash_table_add(seen, g_strdup(name)))
            remove_image(*image);
    }
    return images != NULL;
}
