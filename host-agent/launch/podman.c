/* SPDX-License-Identifier: ISC */
#include "podman.h"

#include "sandbox/sandbox.h"

#include <string.h>

static void add(GPtrArray *argv, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GPtrArray *argv, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(argv, g_strdup_vprintf(format, args));
    va_end(args);
}

/* A field of comma-separated values (RFC 4180), which is how podman reads these arguments. */
static char *field(const char *name, const char *value)
{
    g_autofree char *plain = g_strconcat(name, "=", value, NULL);

    if (!strpbrk(plain, ",\""))
        return g_steal_pointer(&plain);
    g_auto(GStrv) parts = g_strsplit(plain, "\"", -1);
    g_autofree char *doubled = g_strjoinv("\"\"", parts);
    return g_strconcat("\"", doubled, "\"", NULL);
}

static void add_mount(GPtrArray *argv, const char *source, const char *target, const char *access)
{
    g_autofree char *src = source ? field("src", source) : NULL;
    g_autofree char *dst = field("dst", target);

    if (source)
        add(argv, "--mount=type=bind,%s,%s%s", src, dst, access);
}

static void add_identity(GPtrArray *argv, const PodmanRun *run)
{
    g_autofree char *container = sandbox_container(run->name);

    add(argv, "--name=%s", container);
    add(argv, "--hostname=%s", run->name);
    add(argv, "--label=" SANDBOX_LABEL_NAME "=%s", run->name);
    add(argv, "--label=" SANDBOX_LABEL_PROJECT "=%s", run->project);
    add(argv, "--label=" SANDBOX_LABEL_PORT "=%d", run->port);
    add(argv, "--label=" SANDBOX_LABEL_NETWORK "=%s", run->network ? "open" : "none");
}

/* Without --network, podman's own choice: outbound only, by slirp4netns or pasta. Without the
 * network, a proxy's address (and the password in it) is none of the sandbox's business.
 * --sdnotify: under a systemd service podman would mount the service's own socket. */
static void add_confinement(GPtrArray *argv, const PodmanRun *run)
{
    add(argv, "--cap-drop=all");
    add(argv, "--security-opt=no-new-privileges");
    add(argv, "--userns=keep-id:uid=1000,gid=1000");
    add(argv, "--sdnotify=ignore");
    if (!run->network) {
        add(argv, "--network=none");
        add(argv, "--http-proxy=false");
    }
}

static void add_mounts(GPtrArray *argv, const PodmanRun *run)
{
    if (run->volume)
        add(argv, "--mount=type=volume,src=%s,dst=" PODMAN_HOME, run->volume);
    add_mount(argv, run->project, run->project, "");
    add_mount(argv, run->etc, PODMAN_AUTHORIZED_KEYS_DIR, ",ro");
    add_mount(argv, run->gitconfig, PODMAN_HOME "/.gitconfig", ",ro");
    add_mount(argv, run->nvim, PODMAN_HOME "/.config/nvim", ",ro");
    add_mount(argv, run->fifo, PODMAN_FIFO, "");
    add_mount(argv, run->ask, PODMAN_ASK, ",ro");
}

/* What the image's entry point, sshd-entry, is told. */
static void add_entry(GPtrArray *argv, const PodmanRun *run)
{
    add(argv, "--login");
    add(argv, "%s", run->login);
    add(argv, "--workdir");
    add(argv, "%s", run->project);
    add(argv, "--hold-fifo");
    add(argv, PODMAN_FIFO);
    if (run->accept_env) {
        add(argv, "--accept-env");
        add(argv, "%s", run->accept_env);
    }
    if (run->terminal_messages) {
        add(argv, "--terminal-messages");
        add(argv, "%s", run->terminal_messages);
    }
}

char **podman_run_argv(const PodmanRun *run)
{
    GPtrArray *argv = g_ptr_array_new();
    g_autofree char *log = field("path", run->log);

    add(argv, "podman");
    add(argv, "run");
    add(argv, "--detach");
    add(argv, "--rm");
    add(argv, "--pull=never");
    add(argv, "--pidfile=%s", run->pidfile);
    add_identity(argv, run);
    add_confinement(argv, run);
    /* A noisy program cannot fill the disk. */
    add(argv, "--log-driver=k8s-file");
    add(argv, "--log-opt=max-size=16mb");
    add(argv, "--log-opt=%s", log);
    add_mounts(argv, run);
    add(argv, "%s", run->image);
    add_entry(argv, run);
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

static gboolean is_plain(const char *word)
{
    return *word && !word[strspn(word, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-+=:,./@%")];
}

char *podman_shell_line(const char *const *argv)
{
    GString *line = g_string_new(NULL);

    for (; *argv; argv++) {
        g_autofree char *quoted = is_plain(*argv) ? g_strdup(*argv) : g_shell_quote(*argv);
        g_string_append(line, quoted);
        if (argv[1])
            g_string_append_c(line, ' ');
    }
    return g_string_free(line, FALSE);
}
