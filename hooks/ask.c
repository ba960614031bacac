/* SPDX-License-Identifier: ISC */
/* ask LINE: asks the host's user and waits for the answer, host-agent-message(5). It is to end
 * whatever happens: every wait has a deadline. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SOCKET "/run/host-agent/ask"
#define LINE_MAX_BYTES 4096 /* with its newline */
#define REPLY_MAX 64        /* bytes of a line from the host */
#define ACCEPT_MS 2000      /* until the host says whether it waits */
#define GRACE_MS 2000       /* beyond the time the host said */
#define ANSWER_MAX 580      /* seconds: the agent gives its hook 600 */

enum { ANSWERED, UNANSWERED, NOT_ACCEPTED };

struct host {
    int fd;
    struct timespec start; /* CLOCK_MONOTONIC */
    int limit;             /* ms after start */
    char bytes[REPLY_MAX];
    size_t size;
};

static void limit_set(struct host *host, int ms)
{
    clock_gettime(CLOCK_MONOTONIC, &host->start);
    host->limit = ms;
}

static int time_left(const struct host *host)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    long passed =
        (now.tv_sec - host->start.tv_sec) * 1000 + (now.tv_nsec - host->start.tv_nsec) / 1000000;
    return passed < host->limit ? host->limit - (int)passed : 0;
}

/* 0 when there is something to do with the socket, -1 when the time is over. */
static int await(const struct host *host, short events)
{
    struct pollfd socket = {host->fd, events, 0};
    int ready;

    do
        ready = poll(&socket, 1, time_left(host));
    while (ready < 0 && errno == EINTR);
    return ready == 1 ? 0 : -1;
}

/* A full backlog is EAGAIN at once, for a UNIX socket (connect(2)): nobody takes us in time. */
static int host_connect(struct host *host, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    host->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (host->fd < 0)
        return -1;
    return connect(host->fd, (struct sockaddr *)&address, sizeof(address));
}

static int host_send(const struct host *host, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(host->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR && (errno != EAGAIN || await(host, POLLOUT) < 0))
            return -1;
        if (sent > 0) {
            bytes += sent;
            size -= sent;
        }
    }
    return 0;
}

/* The next line, without its newline, into LINE (REPLY_MAX bytes). -1: the host closed, took too
 * long, or says what is no line. */
static int host_line(struct host *host, char *line)
{
    char *newline;

    while (!(newline = memchr(host->bytes, '\n', host->size))) {
        if (host->size == sizeof(host->bytes) || await(host, POLLIN) < 0)
            return -1;
        ssize_t got = recv(host->fd, host->bytes + host->size, sizeof(host->bytes) - host->size, 0);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return -1;
        if (got > 0)
            host->size += got;
    }
    size_t length = newline - host->bytes;
    memcpy(line, host->bytes, length);
    line[length] = '\0';
    host->size -= length + 1;
    memmove(host->bytes, newline + 1, host->size);
    return 0;
}

/* `wait SECONDS`: how long the host waits for its user, in seconds; -1 when it is no such line. */
static int parse_wait(const char *line)
{
    static const char word[] = "wait ";
    const char *digits = line + sizeof(word) - 1;

    if (strncmp(line, word, sizeof(word) - 1) != 0)
        return -1;
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 6 || digits[length] != '\0')
        return -1;
    long seconds = strtol(digits, NULL, 10);
    return seconds < ANSWER_MAX ? (int)seconds : ANSWER_MAX;
}

static int ask(const char *path, const char *message)
{
    struct host host = {.fd = -1};
    char question[LINE_MAX_BYTES + 1], line[REPLY_MAX];
    int seconds;

    /* In one piece: the host takes nothing else. */
    int size = snprintf(question, sizeof(question), "%s\n", message);
    limit_set(&host, ACCEPT_MS);
    if (host_connect(&host, path) < 0 || host_send(&host, question, size) < 0)
        return NOT_ACCEPTED;
    if (host_line(&host, line) < 0 || (seconds = parse_wait(line)) < 0)
        return NOT_ACCEPTED;

    limit_set(&host, seconds * 1000 + GRACE_MS);
    if (host_line(&host, line) < 0 || (strcmp(line, "allow") != 0 && strcmp(line, "deny") != 0))
        return UNANSWERED;
    return puts(line) < 0 || fflush(stdout) != 0 ? UNANSWERED : ANSWERED;
}

int main(int argc, char **argv)
{
    const char *path = getenv("HOST_AGENT_ASK");
    pid_t parent = getppid();

    if (argc != 2 || argv[1][0] == '\0' || strlen(argv[1]) >= LINE_MAX_BYTES ||
        strchr(argv[1], '\n')) {
        fputs("usage: ask LINE, of at most 4095 bytes\n", stderr);
        return NOT_ACCEPTED;
    }
    /* Whoever ends the hook's script withdraws the question. */
    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        return NOT_ACCEPTED;
    return ask(path && *path ? path : SOCKET, argv[1]);
}
