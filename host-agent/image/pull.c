/* SPDX-License-Identifier: ISC */
#include "pull.h"

#include "base/fail.h"
#include "base/foreground.h"
#include "base/imageref.h"
#include "base/lock.h"
#include "base/paths.h"
#include "base/printable.h"
#include "base/readfile.h"
#include "base/run.h"
#include "imageinfo.h"
#include "imagetags.h"
#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASK_SECONDS = 300, PULL_SECONDS = 3600, ID_MAX = 256, LOG_MAX = 4096 };

/* Of the process in the background: the outcome, or this. */
enum { STATUS_FAILED = 100 };

char *pull_log(void)
{
    g_autofree char *dir = paths_state_dir();

    return g_build_filename(dir, "pull.log", NULL);
}

static char *lock_path(GError **error)
{
    g_autofree char *dir = paths_runtime_dir();

    return paths_make_private(dir, error) ? g_build_filename(dir, "pull.lock", NULL) : NULL;
}

PullOutcome pull_judge(const ImageInfo *new, const ImageInfo *current, const ImageInfo *bad,
                       const char *home)
{
    if (!current)
        return PULL_NEW;
    if (strcmp(current->id, new->id) == 0)
        return PULL_SAME;
    if (bad && (strcmp(bad->id, new->id) == 0 || (new->created &&new->created <= bad->created)))
        return PULL_ROLLED_BACK;
    if (!new->created && (bad || current->created))
        return PULL_UNDATED;
    if (current->created > new->created && !imageinfo_source(current, home))
        return PULL_OLDER;
    return PULL_NEW;
}

/* Under lock_tags(). */
static gboolean adopt(const Config *config, const char *id, gboolean force, PullOutcome *outcome,
                      GError **error)
{
    g_autoptr(ImageInfo) new = imageinfo_get(id, error);
    g_autoptr(ImageInfo) current = new ? imageinfo_get(config->image, NULL) : NULL;
    g_autoptr(ImageInfo) bad = new ? imagetags_rolled_back(config->image) : NULL;
    g_autofree char *home = imageref_repository(config->image);

    if (!new)
        return FALSE;
    *outcome = pull_judge(new, current, bad, home);
    if (force && *outcome != PULL_SAME)
        *outcome = PULL_NEW;
    if (*outcome != PULL_NEW)
        return TRUE;
    if (!imagetags_adopt(config->image, new, error))
        return FALSE;
    imagetags_prune(config->image, config->keep, NULL, NULL);
    return TRUE;
}

gboolean pull_adopt(const Config *config, const char *id, gboolean force, PullOutcome *outcome,
                    GError **error)
{
    int lock = lock_tags(error);
    gboolean done = lock >= 0 && adopt(config, id, force, outcome, error);

    lock_drop(lock);
    return done;
}

/* Standard output is for the command that `up` runs in the end. */
static gboolean pull_visibly(const Config *config, GError **error)
{
    const char *const argv[] = {"/bin/sh", "-c",   "exec \"$@\" >&2", "sh",
                                "podman",  "pull", config->registry,  NULL};
    int status = run_foreground(argv, error);

    if (status < 0)
        return FALSE;
    if (foreground_interrupted()) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the pull was interrupted");
        return FALSE;
    }
    return status == 0 || fail(error,
                               "podman pull failed with status %d: its own message stands "
                               "above",
                               status);
}

gboolean pull_run(const Config *config, gboolean force, PullOutcome *outcome, GError **error)
{
    g_autofree char *path = lock_path(error);
    int lock = path ? lock_wait(path, error) : -1;

    if (lock < 0)
        return FALSE;
    gboolean done =
        pull_visibly(config, error) && pull_adopt(config, config->registry, force, outcome, error);
    close(lock);
    return done;
}

/* --- In the background ---------------------------------------------------------------------- */

static gboolean pull_silently(const Config *config, PullOutcome *outcome, GError **error)
{
    const char *const argv[] = {"podman", "pull", "--quiet", config->registry, NULL};
    g_autofree char *id = NULL;

    if (run_capture(argv, PULL_SECONDS, ID_MAX, &id, error) &&
        pull_adopt(config, g_strstrip(id), FALSE, outcome, error))
        return TRUE;
    remote_advise(error, config->registry);
    return FALSE;
}

/* By the manifest alone, as far as that tells. What it cannot is judged when the image is here. */
static PullOutcome foresee(const Config *config, const Remote *remote)
{
    ImageInfo told = {.id = remote->id, .created = remote->created};
    g_autoptr(ImageInfo) current = imageinfo_get(config->image, NULL);
    g_autoptr(ImageInfo) bad = imagetags_rolled_back(config->image);
    g_autofree char *home = imageref_repository(config->image);

    if (current && remote_is(remote, current))
        return PULL_SAME;
    return told.id && told.created ? pull_judge(&told, current, bad, home) : PULL_NEW;
}

static gboolean ask_and_pull(const Config *config, PullOutcome *outcome, GError **error)
{
    g_autoptr(Remote) remote = remote_ask(config->registry, ASK_SECONDS, error);

    if (!remote)
        return FALSE;
    *outcome = foresee(config, remote);
    return *outcome != PULL_NEW || pull_silently(config, outcome, error);
}

typedef gboolean (*Work)(const Config *config, PullOutcome *outcome, GError **error);

static int run(Work work, const Config *config)
{
    g_autoptr(GError) error = NULL;
    PullOutcome outcome;

    if (work(config, &outcome, &error)) {
        fprintf(stderr, "%s: done\n", config->registry);
        return (int)outcome;
    }
    g_autofree char *line = printable(error->message);
    fprintf(stderr, "%s\n", line);
    return STATUS_FAILED;
}

/* Nothing of ours stays with the child but the lock: whoever waits for the end of our output must
 * not wait for it. */
static void detach(int lock, int log)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    setsid();
    dup2(null, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (lock != 3)
        dup3(lock, 3, O_CLOEXEC);
    closefrom(4);
}

static pid_t start(Work work, const Config *config, int lock, GError **error)
{
    g_autofree char *path = pull_log();
    g_autofree char *dir = paths_state_dir();
    int log = -1;
    pid_t pid = -1;

    if (!paths_make_private(dir, error))
        return -1;
    log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log >= 0)
        pid = fork();
    if (pid == 0) {
        detach(lock, log);
        _exit(run(work, config));
    }
    if (pid < 0)
        fail(error, "cannot start a pull that writes to %s: %s", path, g_strerror(errno));
    if (log >= 0)
        close(log);
    return pid;
}

/* TRUE once it has ended; *status is its exit status. */
static gboolean ended(pid_t pid, int milliseconds, int *status)
{
    int fd = pidfd_open(pid, 0);
    struct pollfd wait_for = {fd, POLLIN, 0};
    gboolean over = poll(&wait_for, 1, milliseconds) > 0;

    if (fd >= 0)
        close(fd);
    if (!over || TEMP_FAILURE_RETRY(waitpid(pid, status, 0)) < 0)
        return FALSE;
    *status = WIFEXITED(*status) ? WEXITSTATUS(*status) : STATUS_FAILED;
    return TRUE;
}

static gboolean fail_as_told(GError **error)
{
    g_autofree char *path = pull_log();
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    if (readfile_tail(path, LOG_MAX, &text, NULL))
        line = printable_last_line(text);
    return fail(error, "%s", line && *line ? line : "the pull ended without a word");
}

static gboolean begin(Work work, const Config *config, int milliseconds, PullOutcome *outcome,
                      GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *path = lock_path(error);
    int status;

    if (!path)
        return FALSE;
    int lock = lock_try(path, &local);
    if (lock < 0 && local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    *outcome = PULL_UNDER_WAY;
    if (lock < 0)
        return TRUE;
    pid_t pid = start(work, config, lock, error);
    close(lock);
    if (pid < 0)
        return FALSE;
    *outcome = PULL_GOES_ON;
    if (!ended(pid, milliseconds, &status))
        return TRUE;
    if (status == STATUS_FAILED)
        return fail_as_told(error);
    *outcome = (PullOutcome)status;
    return TRUE;
}

gboolean pull_start(const Config *config, int milliseconds, PullOutcome *outcome, GError **error)
{
    return begin(pull_silently, config, milliseconds, outcome, error);
}

gboolean pull_start_asking(const Config *config, PullOutcome *outcome, GError **error)
{
    return begin(ask_and_pull, config, 0, outcome, error);
}
