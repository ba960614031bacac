/* SPDX-License-Identifier: ISC */
#include "base/fail.h"
#include "base/lock.h"
#include "base/printable.h"
#include "cmd.h"
#include "sandbox/project.h"
#include "trust/diff.h"
#include "trust/extend.h"
#include "trust/pager.h"
#include "trust/screen.h"
#include "trust/summary.h"
#include "trust/tree.h"
#include "trust/trust.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

typedef struct {
    gboolean yes;
    char *project;
    GPtrArray *now; /* what is shown, and then stored; NULL: the project has none (any more) */
    Trust *before;  /* NULL: nothing was trusted */
    char *diff;
    GPtrArray *files; /* diff.h */
} Request;

static void request_clear(Request *request)
{
    g_free(request->project);
    g_clear_pointer(&request->now, g_ptr_array_unref);
    g_clear_pointer(&request->before, trust_free);
    g_free(request->diff);
    g_clear_pointer(&request->files, g_ptr_array_unref);
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

static void compare(Request *request)
{
    g_autoptr(GPtrArray) nothing = tree_new();

    request->diff = diff_trees(request->before ? request->before->tree : nothing,
                               request->now ? request->now : nothing, &request->files);
}

static void print(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

static char *question_of(const Request *request)
{
    g_autofree char *project = printable(request->project);

    return g_strdup_printf(
        request->now ? "host-agent: a build for %s would run this, as root of a container, with "
                       "the network and what listens on this host's loopback. Trust it? [y/N] (s: "
                       "show it again) "
                     : "host-agent: %s has it no more. Forget what was trusted? [y/N] (s: show it "
                       "again) ",
        project);
}

/* What matters must not scroll away: so what does not fit is left to a pager, and what it comes to
 * stands beside the question. */
static void show_on_terminal(const Request *request)
{
    const Screen screen = screen_of(STDOUT_FILENO);
    g_autofree char *summary = summary_text(request->files, TRUST_FILE, &screen);
    g_autofree char *question = question_of(request);
    g_autofree char *below = g_strconcat(summary, question, NULL);
    g_autoptr(GError) error = NULL;
    gsize rows = screen_rows(&screen, request->diff);

    if (rows + screen_rows(&screen, below) <= screen.rows) {
        print(request->diff);
    } else if (!pager_show(request->diff, request->project, &error)) {
        g_autofree char *why = printable(error->message);
        print(request->diff);
        printf("host-agent: no pager ($PAGER, less): %s; what changed takes %zu rows above this\n",
               why, rows);
    }
    print(below);
}

typedef enum { NO, YES, AGAIN } Answer;

static Answer read_answer(void)
{
    char answer[64];

    /* What was typed before the question is no answer to it. */
    tcflush(STDIN_FILENO, TCIFLUSH);
    if (!fgets(answer, sizeof(answer), stdin))
        return NO;
    g_strstrip(answer);
    if (g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0)
        return YES;
    return g_ascii_strcasecmp(answer, "s") == 0 ? AGAIN : NO;
}

/* Standard output must be the terminal, too: nobody has seen what went elsewhere. */
static gboolean show_and_ask(const Request *request, GError **error)
{
    Answer answer = AGAIN;

    if (request->yes || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        print(request->diff);
        return request->yes ||
               fail(error, "trust: nobody to ask without a terminal: --yes says that you have "
                           "read what it shows");
    }
    while (answer == AGAIN) {
        show_on_terminal(request);
        answer = read_answer();
    }
    return answer == YES || fail(error, "trust: not trusted; what was before still is");
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
    compare(&request);
    if (!show_and_ask(&request, error) || !keep(&request, error))
        return CMD_FAILED;
    printf(request.now ? "trusted: the next sandbox of %s has it\n"
                       : "forgotten: the next sandbox of %s goes without it\n",
           request.project);
    return CMD_OK;
}
