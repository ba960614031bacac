/* SPDX-License-Identifier: ISC */
#include "sshinclude.h"

#include "base/fail.h"
#include "base/host.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "base/writefile.h"
#include "sshfiles.h"

#include <errno.h>
#include <fnmatch.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_MAX ((gsize)4 * 1024 * 1024)

/* Takes the next word of *LINE as ssh does: parted by blanks, may be in quotes of either kind, with
 * backslashes for quotes and backslashes. NULL at the end, at a comment, or where a quote has no
 * end. */
static char *next_word(const char **line)
{
    const char *p = *line + strspn(*line, " \t\r");
    GString *word = g_string_new(NULL);
    int quote = '\0';
    const char *start = p;

    for (; *p && (quote || !strchr(" \t\r", *p)); p++) {
        if (p[0] == '\\' && p[1] && strchr("\"'\\", p[1]))
            g_string_append_c(word, *++p);
        else if (quote ? *p == quote : strchr("\"'", *p) != NULL)
            quote = quote ? '\0' : *p;
        else
            g_string_append_c(word, *p);
    }
    *line = p;
    return g_string_free(word, start == p || *start == '#' || quote);
}

/* The keyword, which may be in double quotes, or else one `=` may stand after it. */
static char *keyword(const char **line)
{
    const char *start = *line + strspn(*line, " \t");
    gboolean quoted = *start == '"';

    start += quoted;
    size_t length = strcspn(start, quoted ? "\"" : " \t\r=\"");
    const char *rest = start + length + (quoted && start[length]);
    rest += strspn(rest, " \t");
    *line = *rest == '=' && !quoted ? rest + 1 : rest;
    return g_ascii_strdown(start, (gssize)length);
}

static gboolean leads_to(const char *word, const char *home, const char *target)
{
    g_autofree char *path = NULL;
    g_autofree char *ssh = g_build_filename(home, ".ssh", NULL);

    if (g_str_has_prefix(word, "~/"))
        path = g_build_filename(home, word + 2, NULL);
    else if (g_str_has_prefix(word, "${HOME}/"))
        path = g_build_filename(home, word + strlen("${HOME}/"), NULL);
    else
        path = g_canonicalize_filename(word, ssh);
    return strcmp(path, target) == 0 || fnmatch(path, target, FNM_PATHNAME) == 0;
}

static gboolean any_word_leads_to(const char *line, const char *home, const char *target)
{
    char *word;
    gboolean found = FALSE;

    while (!found && (word = next_word(&line))) {
        found = leads_to(word, home, target);
        g_free(word);
    }
    return found;
}

/* Is the block for every host? `Host *` and `Match all` are. */
static gboolean is_for_all(const char *key, const char *line)
{
    g_autofree char *word = next_word(&line);
    g_autofree char *more = next_word(&line);

    return word && !more &&
           (strcmp(key, "host") == 0 ? strcmp(word, "*") == 0
                                     : g_ascii_strcasecmp(word, "all") == 0);
}

gboolean sshinclude_present(const char *text, const char *home, const char *target)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    gboolean for_all = TRUE;

    for (guint i = 0; lines[i]; i++) {
        const char *line = lines[i];
        g_autofree char *key = keyword(&line);
        if (strcmp(key, "host") == 0 || strcmp(key, "match") == 0)
            for_all = is_for_all(key, line);
        else if (for_all && strcmp(key, "include") == 0 && any_word_leads_to(line, home, target))
            return TRUE;
    }
    return FALSE;
}

static char *include_line(const char *target)
{
    return g_strdup_printf("Include \"%s\"", target);
}

char *sshinclude_added(const char *text, const char *target)
{
    g_autofree char *line = include_line(target);

    return g_strdup_printf("# host-agent's sandboxes (must stay above every Host and Match)\n"
                           "%s\n%s%s",
                           line, *text ? "\n" : "", text);
}

/* In the line, ssh would take these for a quote, a wildcard or a variable. */
static gboolean check_target(const char *target, GError **error)
{
    return !strpbrk(target, "\"\\*?[]$%\n") ||
           fail(error,
                "ssh cannot include %s, whose path has one of \" \\ * ? [ ] $ %% in it: set "
                "XDG_STATE_HOME to another directory",
                target);
}

/* The user's ssh_config, with links followed: it may lie in a directory of dotfiles. */
static char *config_path(const char *home, GError **error)
{
    g_autofree char *path = g_build_filename(home, ".ssh", "config", NULL);
    char *real = realpath(path, NULL);
    char *result = g_strdup(real ? real : path);

    free(real);
    if (real || !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        return result;
    fail(error, "%s is a link that leads nowhere: make the file it names, or remove it", path);
    g_free(result);
    return NULL;
}

static gboolean add_line(const char *path, const char *text, const char *target, GError **error)
{
    g_autofree char *dir = g_path_get_dirname(path);
    g_autofree char *added = sshinclude_added(text, target);
    struct stat st;
    int mode = stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : 0600;

    if (!(mode & S_IWUSR))
        return fail(error,
                    "%s is read-only, so it stays as it is: put this line at its top: "
                    "Include \"%s\"",
                    path, target);
    if (g_mkdir_with_parents(dir, 0700) < 0)
        return fail(error, "cannot make %s: %s", dir, g_strerror(errno));
    if (!writefile(path, added, mode, error))
        return FALSE;
    fprintf(stderr, "host-agent: added to %s: Include \"%s\"\n", path, target);
    return TRUE;
}

static char *refusal_path(void)
{
    g_autofree char *dir = paths_state_dir();

    return g_build_filename(dir, "no-include", NULL);
}

/* TRUE: yes, which is what a bare Enter means. A no is remembered, and nothing else is. */
static gboolean ask(const char *path, const char *target)
{
    char answer[64];

    fprintf(stderr,
            "host-agent: for `ssh -p PORT localhost` and `ssh NAME.sandbox` without questions, %s "
            "needs the line\n  Include \"%s\"\nAdd it? [Y/n] ",
            path, target);
    if (!fgets(answer, sizeof(answer), stdin))
        return FALSE;
    g_strstrip(answer);
    if (!*answer || g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0)
        return TRUE;
    if (g_ascii_strcasecmp(answer, "n") != 0 && g_ascii_strcasecmp(answer, "no") != 0) {
        fputs("host-agent: not now, then\n", stderr);
        return FALSE;
    }
    g_autofree char *refusal = refusal_path();
    if (writefile(refusal, "no\n", 0600, NULL))
        fprintf(stderr, "host-agent: never, then; remove %s to be asked again\n", refusal);
    return FALSE;
}

static gboolean read_config(const char *path, char **text, GError **error)
{
    g_autoptr(GError) local = NULL;

    if (readfile(path, CONFIG_MAX, text, NULL, &local))
        return TRUE;
    if (!g_error_matches(local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    *text = g_strdup("");
    return TRUE;
}

/* Is the line in the user's file? *PATH and *TEXT get that file's. -1: that cannot be told. */
static int look(const char *target, char **path, char **text, GError **error)
{
    g_autofree char *home = host_home();

    *path = config_path(home, error);
    if (!*path || !read_config(*path, text, error))
        return -1;
    return sshinclude_present(*text, home, target);
}

gboolean sshinclude_done(void)
{
    g_autofree char *target = sshfiles_config_path();
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;

    return look(target, &path, &text, NULL) > 0;
}

gboolean sshinclude_offer(ConfigInclude mode, GError **error)
{
    g_autofree char *target = sshfiles_config_path();
    g_autofree char *refusal = refusal_path();
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;

    if (mode == INCLUDE_NO || (mode == INCLUDE_ASK && access(refusal, F_OK) == 0))
        return TRUE;
    int there = look(target, &path, &text, error);
    if (there != 0)
        return there > 0;
    if (!check_target(target, error))
        return FALSE;
    if (mode == INCLUDE_ASK && !(isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
        fprintf(stderr, "host-agent: put this line at the top of %s: Include \"%s\"\n", path,
                target);
        return TRUE;
    }
    return (mode == INCLUDE_ASK && !ask(path, target)) || add_line(path, text, target, error);
}
