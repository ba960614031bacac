/* SPDX-License-Identifier: ISC */
#include "foreground.h"

#include "fail.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* For the signal handler alone. */
static volatile pid_t child;
static volatile sig_atomic_t pending;
static volatile sig_atomic_t last; /* 0: none came */

/* A terminal signals the whole foreground group, so that the child may get it twice: harmless. */
static void pass_on(int signo)
{
    int before = errno;

    last = signo;
    if (child > 0)
        kill(child, signo);
    else
        pending = signo;
    errno = before;
}

/* A handler and not SIG_IGN, which the child would inherit. */
static void outlive(int signo)
{
    (void)signo;
}

static const struct {
    int signo;
    void (*handler)(int);
} handled[] = {{SIGHUP, pass_on}, {SIGINT, pass_on}, {SIGTERM, pass_on}, {SIGQUIT, outlive}};

static void start_child(const char *const *argv, GError **error)
{
    g_autoptr(GError) cause = NULL;
    GPid pid;

    if (!g_spawn_async(NULL, (char **)argv, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                           G_SPAWN_CHILD_INHERITS_STDIN,
                       NULL, NULL, &pid, &cause)) {
        fail(error, "cannot run %s: %s", argv[0], cause->message);
        return;
    }
    child = pid;
    if (pending)
        kill(pid, pending);
}

/* A child that stops itself (ssh does at `~^Z`) would leave the shell waiting for us: so we stop
 * too, until the shell wakes us. After a ^Z of the terminal, that stopped us as well, the child
 * runs again by now. */
static void stop_with_child(pid_t pid)
{
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid == 0)
        return;
    raise(SIGTSTP);
    kill(pid, SIGCONT);
}

/* The child is reaped only when no handler knows it any more: its pid may be another's then. */
static int await_child(pid_t pid)
{
    siginfo_t info = {0};
    int status;

    for (;;) {
        if (TEMP_FAILURE_RETRY(waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT)) < 0)
            return -1;
        if (info.si_code != CLD_STOPPED)
            break;
        stop_with_child(pid);
    }
    child = 0;
    if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
        return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_foreground(const char *const *argv, GError **error)
{
    struct sigaction before[G_N_ELEMENTS(handled)];
    int status = -1;

    /* Before the child is there, so that no signal meets us without a handler. */
    child = 0;
    pending = 0;
    last = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(handled); i++) {
        const struct sigaction action = {.sa_handler = handled[i].handler};
        sigaction(handled[i].signo, &action, &before[i]);
    }
    start_child(argv, error);
    if (child > 0)
        status = await_child(child);
    for (size_t i = 0; i < G_N_ELEMENTS(handled); i++)
        sigaction(handled[i].signo, &before[i], NULL);
    return status;
}

gboolean foreground_interrupted(void)
{
    return last != 0;
}
