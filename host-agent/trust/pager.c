/* SPDX-License-Identifier: ISC */
#include "pager.h"

#include "base/fail.h"
#include "base/foreground.h"
#include "base/writefile.h"
#include "sandbox/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* -S, which the user's $LESS may have, would cut long lines off. */
#define LESS "less -R -+S"

/* The words of the command, the first one a path. */
static char **command(const char *project, GError **error)
{
    const char *wanted = g_getenv("PAGER");
    g_auto(GStrv) words = NULL;

    if (!g_shell_parse_argv(wanted && *wanted ? wanted : LESS, NULL, &words, error))
        return NULL;
    g_autofree char *path = g_find_program_in_path(words[0]);
    char *real = path ? realpath(path, NULL) : NULL;
    gboolean inside = real && project_contains(project, real);
    free(real);
    if (!path || inside) {
        fail(error, inside ? "%s is the project's" : "there is no %s", words[0]);
        return NULL;
    }
    g_free(words[0]);
    words[0] = g_steal_pointer(&path);
    return g_steal_pointer(&words);
}

/* A file without a name, at its start. */
static int file_with(const char *text, GError **error)
{
    int fd = memfd_create("diff", MFD_CLOEXEC);

    if (fd >= 0 && writefile_all(fd, text, strlen(text)) && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    fail(error, "%s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* As its standard input, and in /: an editor looks for settings where it starts. */
static gboolean run(char **argv, int input, GError **error)
{
    int terminal = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean good = terminal >= 0 && chdir("/") == 0 && dup2(input, STDIN_FILENO) >= 0;

    if (!good)
        fail(error, "%s", g_strerror(errno));
    good = good && run_foreground((const char *const *)argv, error) >= 0;
    if (terminal >= 0) {
        dup2(terminal, STDIN_FILENO);
        close(terminal);
    }
    if (here >= 0) {
        good = fchdir(here) == 0 && good;
        close(here);
    }
    return good;
}

gboolean pager_show(const char *text, const char *project, GError **error)
{
    g_auto(GStrv) argv = command(project, error);
    int input = argv ? file_with(text, error) : -1;

    if (input < 0)
        return FALSE;
    g_setenv("LESSSECURE", "1", TRUE); /* no shell, no editor */
    gboolean good = run(argv, input, error);
    close(input);
    return good;
}
