/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "control.h"
#include "log.h"
#include "pty.h"
#include "session.h"
#include "terminfo.h"

#define CLIENT_VARIABLES_MAX 64

static int on_pty(ssh_session ssh, ssh_channel channel, const char *term, int columns, int rows,
                  int width, int height, void *data)
{
    struct session *s = data;
    const struct pty_size size = {(unsigned)columns, (unsigned)rows, (unsigned)width,
                                  (unsigned)height};

    (void)ssh;
    (void)channel;
    if (s->started || s->master >= 0 || !s->channel.connection->auth.grant.pty ||
        pty_open(&s->master, &s->slave, s->terminal, sizeof(s->terminal), size) < 0)
        return -1;

    const struct extension *extension = &s->channel.connection->extension;
    pty_set_modes(s->slave, extension->modes, extension->modes_length);

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
    int number = session_signal_number(name);
    if (number && (s->master < 0 || pty_signal(s->master, number) < 0))
        killpg(s->child.pid, number);
}

static void on_agent_request(ssh_session ssh, ssh_channel channel, void *data)
{
    struct connection *connection = ((struct session *)data)->channel.connection;

    (void)ssh;
    (void)channel;
    if (connection->forwards_agent || !connection->auth.grant.agent_forwarding)
        return;
    connection->forwards_agent = control_send(connection->control, CONTROL_FORWARDS_AGENT) == 0;
    /* The session may begin right behind this, and the agent's path must be there by then. */
    if (!connection->forwards_agent || control_await(connection->control) < 0)
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
    for (size_t i = 0; i < c->auth.grant.environment.count; i++)
        environment_put(env, c->auth.grant.environment.items[i]);
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

/* What a command says is the user's own matter: its length must do. */
static void log_start(const struct session *s, const char *what, const char *command)
{
    char length[40] = "";

    if (command)
        snprintf(length, sizeof(length), " of %zu bytes", strlen(command));
    log_info("%s%s%s started, process %d", what, length, s->master >= 0 ? " on a terminal" : "",
             (int)s->child.pid);
}

static int start(struct session *s, const char *what, const char *command, const char *const *argv)
{
    const struct connection *c = s->channel.connection;
    struct environment env = {0};

    if (s->started || (s->master >= 0 && s->slave < 0))
        return -1; /* one program a session; a terminal that failed once has no other end */
    int rc = build_environment(s, &env);
    const char *forced = c->auth.grant.command;
    if (forced && command)
        rc |= environment_set(&env, "SSH_ORIGINAL_COMMAND", command);
    const struct child_plan plan = {
        .account = c->account,
        .workdir = c->options->workdir,
        .argv = forced ? NULL : argv,
        .command = forced ? forced : command,
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
    s->started = true; /* also if it now fails: the process is there */
    s->started_ms = clock_now_ms();
    log_start(s, what, argv ? NULL : command);
    if (s->master < 0) {
        relay_attach(&s->channel.relay, s->child.in, s->child.out, s->child.err);
        return 0;
    }
    s->channel.relay.terminal = true;
    if (c->fifo >= 0)
        s->watch = watch_new(c->fifo, c->options->terminal_messages, c->port);
    s->channel.relay.watch = s->watch;
    return relay_attach_both(&s->channel.relay, fcntl(s->master, F_DUPFD_CLOEXEC, 3));
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
    return start(data, "sftp", argv[0], argv);
}

void request_serve(struct ssh_channel_callbacks_struct *callbacks)
{
    callbacks->channel_pty_request_function = on_pty;
    callbacks->channel_pty_window_change_function = on_window_change;
    callbacks->channel_env_request_function = on_env;
    callbacks->channel_signal_function = on_signal;
    callbacks->channel_auth_agent_req_function = on_agent_request;
    callbacks->channel_shell_request_function = on_shell;
    callbacks->channel_exec_request_function = on_exec;
    callbacks->channel_subsystem_request_function = on_subsystem;
}
