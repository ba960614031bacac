/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <libssh/server.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "log.h"
#include "pty.h"
#include "request.h"

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},   {"HUP", SIGHUP},   {"ILL", SIGILL},
    {"INT", SIGINT},   {"KILL", SIGKILL}, {"PIPE", SIGPIPE}, {"QUIT", SIGQUIT}, {"SEGV", SIGSEGV},
    {"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

const char *session_signal_name(int number)
{
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i].number == number)
            return signals[i].name;
    return NULL;
}

int session_signal_number(const char *name)
{
    for (size_t i = 0; i < SIGNALS; i++)
        if (strcmp(signals[i].name, name) == 0)
            return signals[i].number;
    return 0;
}

static void send_exit(const struct session *s)
{
    const char *name = session_signal_name(s->end.code);

    /* OpenSSH's name for what the RFC has none for. */
    if (s->end.signalled)
        ssh_channel_request_send_exit_signal(s->channel.ssh, name ? name : "SIG@openssh.com",
                                             s->end.core, "", "");
    else
        ssh_channel_request_send_exit_status(s->channel.ssh, s->end.code);
}

static void log_end(const struct session *s)
{
    int64_t took_ms = clock_now_ms() - s->started_ms;

    log_info("process %d ended after %.3f s: %s %d, %llu bytes in, %llu out", (int)s->child.pid,
             (double)took_ms / 1000, s->end.signalled ? "signal" : "status", s->end.code,
             (unsigned long long)s->channel.relay.bytes_in,
             (unsigned long long)s->channel.relay.bytes_out);
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
        log_end(s);
        relay_drain(&channel->relay);
    }
    /* A client that got our end of data and has no more of its own closes before the process has
     * ended; it is still owed the exit status. The process may live on, as under any SSH server. */
    if (channel->peer_closed || channel->relay.failed) {
        if (s->master >= 0)
            hang_up(channel);
        else
            relay_end_output(&channel->relay);
    }
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
    free(s->watch);
    free(s);
}

static const struct channel_kind kind = {"session", CHANNELS_MAX, prepare,
                                         serve,     hang_up,      free_session};

ssh_channel session_open(struct connection *connection)
{
    struct session *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->master = s->slave = s->child.pidfd = s->child_place = -1;
    request_serve(&s->channel.callbacks);
    if (channel_add(&s->channel, connection, &kind) < 0) {
        free(s);
        return NULL;
    }
    return s->channel.ssh;
}
