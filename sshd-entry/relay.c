/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "log.h"
#include "pty.h"

#define CHUNK (64 * 1024)
/* libssh's window is 1.28 MB and is refilled only as we take; 0.10 does not enforce it. */
#define UNREAD_MAX (4U << 20)
#define DRAIN_QUIET_MS 250
#define DRAIN_MOST_MS 2000
#define RETRY_MS 20
#define DRAIN_MAX (2U << 20) /* two pipes of /proc/sys/fs/pipe-max-size */

static void stash_free(struct stash *stash)
{
    free(stash->data);
    *stash = (struct stash){0};
}

static int stash_put(struct stash *stash, const char *data, size_t length)
{
    char *copy = malloc(length);

    if (!copy)
        return -1;
    memcpy(copy, data, length);
    *stash = (struct stash){.data = copy, .length = length};
    return 0;
}

static void stash_pass(struct stash *stash, size_t count)
{
    stash->at += count;
    if (stash->at == stash->length)
        stash_free(stash);
}

static bool interrupted(int error)
{
    return error == EAGAIN || error == EINTR;
}

void relay_init(struct relay *relay, ssh_channel channel)
{
    *relay = (struct relay){.channel = channel, .to = -1, .from = -1, .err = -1};
    relay->to_place = relay->from_place = relay->err_place = -1;
}

void relay_attach(struct relay *relay, int to, int from, int err)
{
    relay->to = to;
    relay->from = from;
    relay->err = err;
    relay->attached = true;
}

int relay_attach_both(struct relay *relay, int fd)
{
    int to = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    relay_attach(relay, to, fd, -1);
    return to < 0 ? -1 : 0;
}

/* The reader is gone: what else comes for it is dropped, as a closed pipe would. */
static void close_to(struct relay *relay)
{
    close_fd(&relay->to);
    stash_free(&relay->in);
}

/* Bytes that were written, 0 if the reader is slow or gone. */
static size_t write_to(struct relay *relay, const char *data, size_t length)
{
    ssize_t n = write(relay->to, data, length);

    if (n < 0 && !interrupted(errno))
        close_to(relay);
    return n > 0 ? (size_t)n : 0;
}

uint32_t relay_take(struct relay *relay, const void *data, uint32_t length)
{
    size_t n = 0;

    /* Not before what came earlier; libssh keeps it, and the peer's window stays as it is. */
    if (relay->to >= 0 && !relay->in.data)
        n = write_to(relay, data, length);
    if (relay->to < 0 && relay->attached)
        n = length;
    relay->bytes_in += n;
    relay->unread = length - (uint32_t)n; /* what is left of earlier data is in LENGTH */
    relay->overrun |= relay->unread > UNREAD_MAX;
    return (uint32_t)n;
}

/* All at once: each ssh_channel_read() opens the window anew, so that taking a little at a time
 * would let the peer fill our memory. */
static void take_unread(struct relay *relay)
{
    int length = ssh_channel_poll(relay->channel, 0);
    char *data = length > 0 ? malloc((size_t)length) : NULL;

    relay->unread = 0;
    if (!data)
        return;
    int n = ssh_channel_read_nonblocking(relay->channel, data, (uint32_t)length, 0);
    if (n > 0) {
        relay->in = (struct stash){.data = data, .length = (size_t)n};
        relay->bytes_in += (uint64_t)n;
    } else {
        free(data);
    }
}

static void end_input(struct relay *relay)
{
    if (relay->terminal) {
        char eof = pty_eof_character(relay->to);
        write_to(relay, &eof, 1);
    }
    if (relay->socket)
        shutdown(relay->to, SHUT_WR);
    close_to(relay);
}

static void serve_input(struct relay *relay)
{
    if (relay->to >= 0 && relay->in.data)
        stash_pass(&relay->in,
                   write_to(relay, relay->in.data + relay->in.at, relay->in.length - relay->in.at));
    if (relay->to >= 0 && !relay->in.data && relay->unread) {
        take_unread(relay);
        if (relay->in.data)
            stash_pass(&relay->in, write_to(relay, relay->in.data, relay->in.length));
    }
    if (relay->to >= 0 && relay->peer_eof && !relay->in.data && !relay->unread)
        end_input(relay);
}

/* Bytes that libssh took. During a key exchange it takes none, whatever the window says. */
static size_t send_bytes(struct relay *relay, const char *data, size_t length, bool is_err)
{
    int n = is_err ? ssh_channel_write_stderr(relay->channel, data, (uint32_t)length)
                   : ssh_channel_write(relay->channel, data, (uint32_t)length);

    if (n < 0)
        relay->failed = true;
    else
        relay->bytes_out += (uint64_t)n;
    return n > 0 ? (size_t)n : 0;
}

static int64_t min_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* After a read that returned N. A terminal says EIO where a pipe says end of file. */
static bool at_end(struct relay *relay, ssize_t n)
{
    if (n <= 0 && !(n < 0 && interrupted(errno)))
        return true;
    if (!relay->drain_until_ms)
        return false;
    if (n <= 0)
        return clock_now_ms() >= relay->drain_until_ms;
    relay->drain_left -= (size_t)n < relay->drain_left ? (size_t)n : relay->drain_left;
    relay->drain_until_ms = min_ms(clock_now_ms() + DRAIN_QUIET_MS, relay->drain_end_ms);
    return !relay->drain_left;
}

static void read_and_send(struct relay *relay, int *fd, struct stash *stash, bool is_err)
{
    static char buffer[CHUNK]; /* one process a connection, one turn at a time */
    uint32_t window = ssh_channel_window_size(relay->channel);
    size_t want = window < sizeof(buffer) ? window : sizeof(buffer);

    if (!want)
        return;
    ssize_t n = read(*fd, buffer, want);
    if (n > 0) {
        size_t sent = send_bytes(relay, buffer, (size_t)n, is_err);
        if (sent < (size_t)n && stash_put(stash, buffer + sent, (size_t)n - sent) < 0)
            relay->failed = true;
        if (relay->watch && !is_err)
            watch_output(relay->watch, buffer, (size_t)n);
    }
    if (at_end(relay, n))
        close_fd(fd);
}

static void serve_output(struct relay *relay, int *fd, struct stash *stash, bool is_err, bool ready)
{
    if (stash->data) {
        stash_pass(stash,
                   send_bytes(relay, stash->data + stash->at, stash->length - stash->at, is_err));
        return;
    }
    if (*fd >= 0 && ready)
        read_and_send(relay, fd, stash, is_err);
}

/* A program sees its pipe closed, as it would here. A terminal's goes on, for it may heed what is
 * typed, and so does what is behind a socket: what they write is dropped. */
static void drop_output(struct relay *relay, bool ready)
{
    char buffer[16 * 1024];
    bool end = !relay->terminal && !relay->socket;

    stash_free(&relay->out);
    if (!end && relay->from >= 0 && ready)
        end = at_end(relay, read(relay->from, buffer, sizeof(buffer)));
    if (end)
        close_fd(&relay->from);
}

void relay_say(struct relay *relay, const char *text)
{
    if (!relay->out.data && stash_put(&relay->out, text, strlen(text)) < 0)
        log_error("no memory for a message to the client");
}

void relay_drain(struct relay *relay)
{
    relay->drain_end_ms = clock_now_ms() + DRAIN_MOST_MS;
    relay->drain_until_ms = clock_now_ms() + DRAIN_QUIET_MS;
    relay->drain_left = DRAIN_MAX;
}

static int wish_to_read(struct relay *relay, struct pollset *set, int fd, const struct stash *stash)
{
    /* No event says that a key exchange is over. */
    if (stash->data)
        pollset_wake_after(set, RETRY_MS);
    if (stash->data || !ssh_channel_window_size(relay->channel))
        return -1;
    return pollset_add(set, fd, POLLIN);
}

void relay_prepare(struct relay *relay, struct pollset *set, bool can_send)
{
    bool input = relay->in.data || relay->unread;

    relay->to_place = input ? pollset_add(set, relay->to, POLLOUT) : -1;
    relay->from_place = relay->err_place = -1;
    if (!can_send || relay->failed)
        return;
    relay->from_place = relay->unwanted ? pollset_add(set, relay->from, POLLIN)
                                        : wish_to_read(relay, set, relay->from, &relay->out);
    relay->err_place = wish_to_read(relay, set, relay->err, &relay->out_err);
    if (relay->drain_until_ms && (relay->from_place >= 0 || relay->err_place >= 0))
        pollset_wake_after(set, clock_left_ms(relay->drain_until_ms));
}

void relay_serve(struct relay *relay, const struct pollset *set, bool can_send)
{
    bool late = relay->drain_until_ms && clock_now_ms() >= relay->drain_until_ms;

    if (relay->to >= 0 && (pollset_events(set, relay->to_place) || relay->peer_eof))
        serve_input(relay);
    if (!can_send || relay->failed)
        return;
    bool ready = pollset_events(set, relay->from_place) || (late && relay->from_place >= 0);
    if (relay->unwanted)
        drop_output(relay, ready);
    else
        serve_output(relay, &relay->from, &relay->out, false, ready);
    serve_output(relay, &relay->err, &relay->out_err, true,
                 pollset_events(set, relay->err_place) || (late && relay->err_place >= 0));
}

bool relay_output_done(const struct relay *relay)
{
    return relay->failed || (relay->attached && relay->from < 0 && relay->err < 0 &&
                             !relay->out.data && !relay->out_err.data);
}

size_t relay_held(const struct relay *relay)
{
    return relay->unread + (relay->in.length - relay->in.at);
}

void relay_end_output(struct relay *relay)
{
    close_fd(&relay->from);
    close_fd(&relay->err);
    stash_free(&relay->out);
    stash_free(&relay->out_err);
}

void relay_stop(struct relay *relay)
{
    close_to(relay);
    relay_end_output(relay);
}
