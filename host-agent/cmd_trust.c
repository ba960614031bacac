/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "diff.h"
#include "extend.h"
#include "fail.h"
#include "lock.h"
#include "printable.h"
#include "project.h"
#include "tree.h"
#include "trust.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    gboolean yes;
    char *project;
    GPtrArray *now; /* what is shown, and then stored; NULL: the project has none (any more) */
    Trust *before;  /* NULL: nothing was trusted */
} Request;

static void request_clear(Request *request)
{
    g_free(request->project);
    g_clear_pointer(&request->now, g_ptr_array_unref);
    g_clear_pointer(&request->before, trust_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Request, request_clear)

static gboolean parse(Request *request, int argc, char **argv, GError **error)
{
    const GOptionEntry options[] = {
        {"yes", 0, 0, G_OPTION_ARG_NONE, &request->yes, "Do not ask", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!cmd_parse(&argc, &argv, options, NULL, error))
        return FALSE;
    if (argc > 2)
        return cmd_usage(error, "trust: one directory at a time, not %s too", argv[2]);
    request->project = g_strdup(argc > 1 ? argv[1] : ".");
    return TRUE;
}

/* A copy that is lost or damaged is shown as new, all of it. */
static gboolean look(Request *request, GError **error)
{
    g_autoptr(GError) lost = NULL;
    char *project = project_resolve(request->project, error);

    g_free(request->project);
    request->project = project;
    if (!project || !trust_look(project, &request->now, error))
        return FALSE;
    request->before = trust_load(project, &lost);
    if (lost) {
        g_autofree char *line = printable(lost->message);
        fprintf(stderr, "host-agent: what was trusted before is lost: %s\n", line);
    }
    return request->now || request->before ||
           fail(error,
                "%s has no " TRUST_DIR "/" TRUST_FILE " to be trusted: `host-agent init` makes one",
                project);
}

static gboolean is_same(const Request *request)
{
    g_autofree char *hash = request->now ? tree_hash(request->now) : NULL;

    return request->before && g_strcmp0(hash, request->before->hash) == 0;
}

static void show(const Request *request)
{
    g_autoptr(GPtrArray) nothing = tree_new();
    g_autofree char *diff = diff_trees(request->before ? request->before->tree : nothing,
                                       request->now ? request->now : nothing);

    fputs(diff, stdout);
    fflush(stdout);
}

/* Standard output must be the terminal, too: nobody has seen what went elsewhere. */
static gboolean ask(const Request *request, GError **error)
{
    char answer[64];

    if (request->yes)
        return TRUE;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return fail(error, "trust: nobody to ask without a terminal: --yes says that you have "
                           "read what it shows");
    printf(request->now ? "host-agent: a build for %s would run this, as root of a container, with "
                          "the network. Trust it? [y/N] "
                        : "host-agent: %s has it no more. Forget what was trusted? [y/N] ",
           request->project);
    fflush(stdout);
    if (!fgets(answer, sizeof(answer), stdin))
        *answer = '\0';
    g_strstrip(answer);
    return g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0 ||
           fail(error, "trust: not trusted; what was before still is");
}

static gboolean keep(const Request *request, GError **error)
{
    int lock = lock_take(error);

    if (lock < 0)
        return FALSE;
    gboolean good = request->now ? trust_store(request->project, request->now, error)
                                 : trust_forget(request->project, error);
    close(lock);
    if (good && !request->now)
        extend_prune(NULL);
    return good;
}

int cmd_trust(int argc, char **argv, GError **error)
{
    g_auto(Request) request = {0};

    if (!parse(&request, argc, argv, error))
        return CMD_USAGE;
    if (!look(&request, error))
        return CMD_FAILED;
    if (is_same(&request)) {
        printf("%s/" TRUST_DIR " is what was trusted\n", request.project);
        return CMD_OK;
    }
    show(&request);
    if (!ask(&request, error) || !keep(&request, error))
        return CMD_FAILED;
    printf("%s: the next sandbox of %s has it\n", request.now ? "trusted" : "forgotten",
           request.project);
    return CMD_OK;
}
