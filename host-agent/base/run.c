/* SPDX-License-Identifier: ISC */
#include "run.h"

#include "fail.h"
#include "printable.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STDERR_KEPT ((gsize)8192)

/* What the child does between fork and exec: async-signal-safe calls only. */
typedef struct {
    gboolean own_group; /* so that a time limit can kill it with its children */
    gboolean dies_with_us;
    gboolean own_session; /* a daemon */
    char *pid_digits;     /* in its environment, to hold its pid */
} Setup;

typedef struct {
    int fd;
    GString *text;
    gsize max;
    gboolean tail;     /* of too much, keep the end */
    gboolean overflow; /* there was too much */
} Stream;

/* Without leading zeros, which would make it an octal number to some readers. */
static void write_digits(char *text, int number)
{
    int length = 0;

    for (int rest = number; rest > 0; rest /= 10)
        length++;
    text[length] = '\0';
    for (; length > 0; number /= 10)
        text[--length] = (char)('0' + number % 10);
}

static void child_setup(gpointer data)
{
    Setup *setup = data;

    if (setup->own_session)
        setsid();
    if (setup->own_group)
        setpgid(0, 0);
    if (setup->dies_with_us)
        prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (setup->pid_digits)
        write_digits(setup->pid_digits, getpid());
}

/* argv's first two words, to name it in errors. */
static char *title(const char *const *argv)
{
    return g_strjoin(" ", argv[0], argv[1], NULL);
}

static gboolean fail_spawn(const char *const *argv, const GError *cause, GError **error)
{
    return fail(error, "cannot run %s: %s: install it, or put it on PATH", argv[0], cause->message);
}

/* FALSE once the stream has ended. */
static gboolean stream_read(Stream *stream)
{
    char buffer[4096];
    ssize_t n = TEMP_FAILURE_RETRY(read(stream->fd, buffer, sizeof(buffer)));

    if (n < 0 && errno == EAGAIN)
        return FALSE; /* read after the child's end only: what is left to read is read */
    if (n <= 0) {
        close(stream->fd);
        stream->fd = -1;
        return FALSE;
    }
    g_string_append_len(stream->text, buffer, n);
    if (stream->text->len > stream->max) {
        stream->overflow = TRUE;
        if (stream->tail)
            g_string_erase(stream->text, 0, (gssize)(stream->text->len - stream->max));
        else
            g_string_truncate(stream->text, stream->max);
    }
    return TRUE;
}

static int remaining(gint64 deadline)
{
    gint64 left = deadline - g_get_monotonic_time();

    return left <= 0 ? 0 : (int)MIN(left / 1000 + 1, G_MAXINT);
}

/* Reads both streams until the child has ended. Its end counts, not the streams': a grandchild
 * (podman's conmon) may hold them open for ever. FALSE when the deadline came first. */
static gboolean collect(int pidfd, Stream *out, Stream *err, gint64 deadline)
{
    for (;;) {
        struct pollfd fds[] = {{pidfd, POLLIN, 0}, {out->fd, POLLIN, 0}, {err->fd, POLLIN, 0}};
        int n = poll(fds, G_N_ELEMENTS(fds), remaining(deadline));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        if (fds[1].revents)
            stream_read(out);
        if (fds[2].revents)
            stream_read(err);
        if (fds[0].revents)
            return TRUE;
    }
}

static void drain(Stream *stream)
{
    if (stream->fd < 0)
        return;
    g_unix_set_fd_nonblocking(stream->fd, TRUE, NULL);
    while (stream_read(stream))
        ;
    if (stream->fd >= 0)
        close(stream->fd);
}

static int reap(GPid pid)
{
    int status = 0;

    if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
        return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Podman starts its own error with this, and may add a hint on a line of its own. */
#define PODMAN_ERROR "Error: "

/* The program's own last words. */
static gboolean fail_status(const char *const *argv, int status, const char *words, GError **error)
{
    g_autofree char *name = title(argv);
    const char *podman_error = g_strrstr(words, PODMAN_ERROR);
    g_autofree char *text = podman_error ? printable_first_line(podman_error + strlen(PODMAN_ERROR))
                                         : printable_last_line(words);

    if (*text)
        g_set_error(error, G_SPAWN_EXIT_ERROR, status, "%s: %s", name, text);
    else
        g_set_error(error, G_SPAWN_EXIT_ERROR, status, "%s: failed with status %d", name, status);
    return FALSE;
}

static gboolean finish(const char *const *argv, GPid pid, Stream *out, Stream *err,
                       unsigned seconds, GError **error)
{
    g_autofree char *name = title(argv);
    int pidfd = pidfd_open(pid, 0);
    gboolean in_time =
        collect(pidfd, out, err, g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC);

    if (!in_time)
        kill(-pid, SIGKILL);
    int status = reap(pid);
    close(pidfd);
    drain(out);
    drain(err);
    if (!in_time) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s: no answer within %u s", name,
                    seconds);
        return FALSE;
    }
    if (status != 0)
        return fail_status(argv, status, err->text->str, error);
    if (out->overflow && !out->tail)
        return fail(error, "%s: wrote more than %zu bytes", name, out->max);
    return TRUE;
}

/* Both streams' text is the caller's. */
static gboolean spawn_and_finish(const char *const *argv, char **environment, Setup *setup,
                                 int listener, unsigned seconds, Stream *out, Stream *err,
                                 GError **error)
{
    g_autoptr(GError) cause = NULL;
    const int target = 3;
    GPid pid;

    if (!g_spawn_async_with_pipes_and_fds(
            NULL, argv, (const char *const *)environment,
            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, child_setup, setup, -1, -1, -1,
            &listener, &target, listener >= 0 ? 1 : 0, &pid, NULL, &out->fd, &err->fd, &cause))
        return fail_spawn(argv, cause, error);
    return finish(argv, pid, out, err, seconds, error);
}

gboolean run_capture(const char *const *argv, unsigned seconds, gsize max, char **out,
                     GError **error)
{
    g_autoptr(GString) out_text = g_string_new(NULL);
    g_autoptr(GString) err_text = g_string_new(NULL);
    Stream out_stream = {-1, out_text, max, FALSE, FALSE};
    Stream err_stream = {-1, err_text, MAX(max, STDERR_KEPT), TRUE, FALSE};
    Setup setup = {.own_group = TRUE, .dies_with_us = TRUE};

    out_stream.tail = !out; /* nobody wants it: any length will do */
    if (!spawn_and_finish(argv, NULL, &setup, -1, seconds, &out_stream, &err_stream, error))
        return FALSE;
    if (out)
        *out = g_string_free(g_steal_pointer(&out_text), FALSE);
    return TRUE;
}

gboolean run_images(const char *const *argv, gsize max, char **out, GError **error)
{
    for (int tries = 1;; tries++) {
        g_autoptr(GError) failure = NULL;
        if (run_capture(argv, RUN_PROMPT, max, out, &failure))
            return TRUE;
        if (tries == 3 || failure->domain != G_SPAWN_EXIT_ERROR) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
}

/* The child outlives us, should we be killed: a container that podman has started whole is found by
 * the next `up`; half of one is not. */
gboolean run_with_listener(const char *const *argv, int listener, unsigned seconds, GError **error)
{
    g_autoptr(GString) out_text = g_string_new(NULL);
    g_autoptr(GString) err_text = g_string_new(NULL);
    Stream out = {-1, out_text, STDERR_KEPT, TRUE, FALSE};
    Stream err = {-1, err_text, STDERR_KEPT, TRUE, FALSE};
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "LISTEN_FDS", "1", TRUE);
    char pid_variable[] = "LISTEN_PID=0123456789";
    Setup setup = {.own_group = TRUE, .pid_digits = strchr(pid_variable, '=') + 1};

    /* The pid is known in the child alone, where nothing may be allocated: so it writes the digits
     * into its own copy of this variable. */
    environment = g_environ_unsetenv(environment, "LISTEN_PID");
    environment = g_environ_unsetenv(environment, "LISTEN_FDNAMES");
    guint count = g_strv_length(environment);
    g_autofree char **with_pid = g_new0(char *, count + 2);
    memcpy(with_pid, environment, count * sizeof(char *));
    with_pid[count] = pid_variable;
    return spawn_and_finish(argv, with_pid, &setup, listener, seconds, &out, &err, error);
}

gboolean run_daemon(const char *const *argv, const char *log, GError **error)
{
    g_autoptr(GError) cause = NULL;
    Setup setup = {.own_session = TRUE};
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return fail(error, "cannot write %s: %s", log, g_strerror(errno));
    gboolean started = g_spawn_async_with_fds(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT,
                                              child_setup, &setup, NULL, -1, fd, fd, &cause);
    close(fd);
    return started || fail_spawn(argv, cause, error);
}
