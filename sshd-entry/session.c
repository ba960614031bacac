/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/server.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "channel.h"
#include "child.h"
#include "cleanup.h"
#include "control.h"
#include "environment.h"
#include "log.h"
#include "pty.h"
#include "terminfo.h"

#define CLIENT_VARIABLES_MAX 64

struct session {
    struct channel channel; /* first: a channel of our kind is a session */
    struct environment client;
    int master; /* of the pty, for its size and its signals; -1: none */
    int slave;  /* until the child has it */
    char terminal[64];
    struct child child;
    int child_place; /* in this turn's pollset */
    bool started, ended, said_eof;
    struct child_end end;
};

/* The names of RFC 4254 section 6.10 for signals, both ways. */
static const struct {
    const char *name;
    int number;
} signals[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},   {"HUP", SIGHUP},   {"ILL", SIGILL},
    {"INT", SIGINT},   {"KILL", SIGKILL}, {"PIPE", SIGPIPE}, {"QUIT", SIGQUIT}, {"SEGV", SIGSEGV},
    {"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static int on_pty(ssh_session ssh, ssh_channel channel, const char *term, int columns, int rows,
                  int width, int height, void *data)
{
    struct session *s = data;
    const struct pty_size size = {(unsigned)columns, (unsigned)rows, (unsigned)width,
                                  (unsigned)height};

    (void)ssh;
    (void)channel;
    if (s->started || s->master >= 0 ||
        pty_open(&s->master, &s->slave, s->terminal, sizeof(s->terminal), size) < 0)
        return -1;

    const char *known = term;
    if (!terminfo_has(term, s->channel.connection->account->home)) {
        char text[160];
        bool printable = terminfo_name_is_valid(term);
        snprintf(text, sizeof(text), "sshd-entry: terminal \"%s\" is not known here, using %s\r\n",
                 printable ? term : "?", TERMINFO_FALLBACK);
        relay_say(&s->channel.relay, text);
        known = TERMINFO_FALLBACK;
    }
    return environment_set(&s->client, "TERM", known);
}

static int on_window_change(ssh_session ssh, ssh_channel channel, int columns, int rows, int width,
                            int height, void *data)
{
    const struct session *s = data;

    (void)ssh;
    (void)channel;
    if (s->master >= 0)
        pty_resize(s->master, (struct pty_size){(unsigned)columns, (unsigned)rows, (unsigned)width,
                                                (unsigned)height});
    return 0;
}

static int on_env(ssh_session ssh, ssh_channel channel, const char *name, const char *value,
                  void *data)
{
    struct session *s = data;

    (void)ssh;
    (void)channel;
    if (s->started || s->client.count >= CLIENT_VARIABLES_MAX ||
        !environment_admits(s->channel.connection->options->accept_env, name, value))
        return -1;
    /* With a terminal, its own name is the truth. */
    if (s->master >= 0 && strcmp(name, "TERM") == 0)
        return 0;
    return environment_set(&s->client, name, value);
}

static void on_signal(ssh_session ssh, ssh_channel channel, const char *name, void *data)
{
    const struct session *s = data;

    (void)ssh;
    (void)channel;
    if (!s->started || s->ended)
        return;
    for (size_t i = 0; i < SIGNALS; i++) {
        if (strcmp(signals[i].name, name) == 0) {
            if (s->master < 0 || pty_signal(s->master, signals[i].number) < 0)
                killpg(s->child.pid, signals[i].number);
            return;
        }
    }
}

static void on_agent_request(ssh_session ssh, ssh_channel channel, void *data)
{
    struct connection *connection = ((struct session *)data)->channel.connection;
    char byte = CONTROL_FORWARDS_AGENT;

    (void)ssh;
    (void)channel;
    if (connection->forwards_agent)
        return;
    if (send(connection->control, &byte, 1, MSG_NOSIGNAL) == 1)
        connection->forwards_agent = true;
    else
        log_error("no agent forwarding: %s", strerror(errno));
}

/* Of PID 1's own environment all is passed on, as a container's user expects of `podman run -e`. */
static int build_environment(const struct session *s, struct environment *env)
{
    const struct connection *c = s->channel.connection;
    int rc = 0;

    for (char *const *entry = environ; *entry; entry++)
        if (strncmp(*entry, "TERM=", 5) != 0)
            environment_put(env, *entry);
    if (!environment_get(env, "PATH"))
        rc |= environment_set(env, "PATH", "/usr/local/bin:/usr/bin:/bin");
    for (size_t i = 0; i < s->client.count; i++)
        rc |= environment_put(env, s->client.entries[i]);
    rc |= environment_set(env, "HOME", c->account->home);
    rc |= environment_set(env, "USER", c->account->name);
    rc |= environment_set(env, "LOGNAME", c->account->name);
    rc |= environment_set(env, "SHELL", c->account->shell);
    rc |= environment_set(env, "SSH_CONNECTION", c->endpoints);
    rc |= environment_set(env, "SSH_CLIENT", c->client);
    rc |= environment_set(env, "SSH_AUTH_SOCK", c->options->agent_socket);
    if (s->master >= 0)
        rc |= environment_set(env, "SSH_TTY", s->terminal);
    return rc;
}

/* Hands the child's descriptors, or the terminal's, over to the relay. */
static int attach(struct session *s)
{
    struct relay *relay = &s->channel.relay;

    if (s->master < 0) {
        relay_attach(relay, s->child.in, s->child.out, s->child.err);
        return 0;
    }
    int to = fcntl(s->master, F_DUPFD_CLOEXEC, 3);
    int from = fcntl(s->master, F_DUPFD_CLOEXEC, 3);
    relay_attach(relay, to, from, -1);
    relay->terminal = true;
    return to < 0 || from < 0 ? -1 : 0;
}

static int start(struct session *s, const char *what, const char *command, const char *const *argv)
{
    const struct connection *c = s->channel.connection;
    struct environment env = {0};

    if (s->started)
        return -1;
    int rc = build_environment(s, &env);
    const struct child_plan plan = {
        .account = c->account,
        .workdir = c->options->workdir,
        .argv = argv,
        .command = command,
        .environment = env.entries,
        .terminal = s->slave,
    };
    if (rc < 0)
        log_error("cannot build the environment of a session");
    else
        rc = child_start(&s->child, &plan);
    environment_free(&env);
    close_fd(&s->slave);
    if (rc < 0)
        return -1;
    s->started = true;
    log_info("%s%s started, process %d", what, s->master >= 0 ? " on a terminal" : "",
             (int)s->child.pid);
    return attach(s);
}

static int on_shell(ssh_session ssh, ssh_channel channel, void *data)
{
    (void)ssh;
    (void)channel;
    return start(data, "shell", NULL, NULL);
}

static int on_exec(ssh_session ssh, ssh_channel channel, const char *command, void *data)
{
    (void)ssh;
    (void)channel;
    return start(data, "command", command, NULL);
}

static int on_subsystem(ssh_session ssh, ssh_channel channel, const char *name, void *data)
{
    const struct session *s = data;
    const char *const argv[] = {s->channel.connection->options->sftp_server, NULL};

    (void)ssh;
    (void)channel;
    if (strcmp(name, "sftp") != 0 || access(argv[0], X_OK) < 0) {
        log_info("subsystem %.64s refused: not here", name);
        return -1;
    }
    return start(data, "sftp", NULL, argv);
}

static void send_exit(const struct session *s)
{
    const char *name = "SIG@openssh.com"; /* as OpenSSH calls what the RFC has no name for */

    if (!s->end.signalled) {
        ssh_channel_request_send_exit_status(s->channel.ssh, s->end.code);
        return;
    }
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i].number == s->end.code)
            name = signals[i].name;
    ssh_channel_request_send_exit_signal(s->channel.ssh, name, s->end.core, "", "");
}

static void prepare(struct channel *channel, struct pollset *set)
{
    struct session *s = (struct session *)channel;

    s->child_place = pollset_add(set, s->child.pidfd, POLLIN);
}

/* Closing the master has the kernel send SIGHUP to the shell; the foreground group gets it from us,
 * for a shell may ignore it. */
static void hang_up(struct channel *channel)
{
    struct session *s = (struct session *)channel;

    if (s->master >= 0) {
        pty_signal(s->master, SIGHUP);
        close_fd(&s->master);
    }
    relay_stop(&channel->relay);
}

static void serve(struct channel *channel, const struct pollset *set)
{
    struct session *s = (struct session *)channel;

    if (pollset_events(set, s->child_place)) {
        s->child_place = -1;
        s->end = child_reap(&s->child);
        s->ended = true;
        log_info("process %d ended: %s %d, %llu bytes in, %llu out", (int)s->child.pid,
                 s->end.signalled ? "signal" : "status", s->end.code,
                 (unsigned long long)channel->relay.bytes_in,
                 (unsigned long long)channel->relay.bytes_out);
        relay_drain(&channel->relay);
    }
    /* A client that got our end of data and has no more of its own closes before the process has
     * ended; it is still owed the exit status. The process may live on, as under any SSH server. */
    if (channel->peer_closed || channel->relay.failed)
        hang_up(channel);
    if (!s->started) {
        channel->over = channel->peer_closed;
        return;
    }
    if (!relay_output_done(&channel->relay))
        return;
    if (!s->said_eof && !channel->peer_closed) {
        s->said_eof = true;
        ssh_channel_send_eof(channel->ssh);
    }
    if (s->ended) {
        send_exit(s);
        ssh_channel_close(channel->ssh);
        channel->over = true;
    }
}

static void free_session(struct channel *channel)
{
    struct session *s = (struct session *)channel;

    close_fd(&s->master);
    close_fd(&s->slave);
    environment_free(&s->client);
    free(s);
}

static const struct channel_kind kind = {"session", prepare, serve, hang_up, free_session};

ssh_channel session_open(struct connection *connection)
{
    struct session *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->master = s->slave = s->child.pidfd = s->child_place = -1;
    s->channel.callbacks = (struct ssh_channel_callbacks_struct){
        .channel_pty_request_function = on_pty,
        .channel_pty_window_change_function = on_window_change,
        .channel_env_request_function = on_env,
        .channel_signal_function = on_signal,
        .channel_auth_agent_req_function = on_agent_request,
        .channel_shell_request_function = on_shell,
        .channel_exec_request_function = on_exec,
        .channel_subsystem_request_function = on_subsystem,
    };
    if (channel_add(&s->channel, connection, &kind) < 0) {
        free(s);
        return NULL;
    }
    return s->channel.ssh;
}
