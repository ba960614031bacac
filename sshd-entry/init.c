/* SPDX-License-Identifier: ISC */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "address.h"
#include "agentsocket.h"
#include "cleanup.h"
#include "clients.h"
#include "clock.h"
#include "connection.h"
#include "control.h"
#include "log.h"
#include "penalties.h"

/* What every process is sent after we got SIGTERM, until none is left; Podman kills us after 3 s.
 * Programs may want to say goodbye when their terminal is gone, and many ignore SIGHUP. */
static const struct {
    int signal;
    int patience_ms;
} stop_steps[] = {{SIGHUP, 1000}, {SIGTERM, 1000}, {SIGKILL, 0}};

enum { STOP_STEPS = sizeof(stop_steps) / sizeof(stop_steps[0]) };

struct init {
    const struct options *options;
    const struct account *account;
    ssh_bind transport;
    int listener;
    int signals;
    int fifo; /* held open; a connection may write to it, none reads */
    struct agentsocket agent;
    struct clients clients;
    struct penalties penalties;
    struct pollfd *polled;    /* FIXED_FDS and one for each client */
    bool starved;             /* of descriptors: who connects waits */
    int stop_step;            /* how many of stop_steps were done */
    int64_t stop_deadline_ms; /* of the last one */
};

/* Of one kind of work a turn, so that no flood keeps the rest waiting. */
#define BATCH 16
#define STARVED_MS 100 /* without a descriptor left, listening would only wake us */

enum { POLL_SIGNALS, POLL_LISTENER, POLL_AGENT, FIXED_FDS };

static void stop_forwarding(struct init *init, struct client *client)
{
    client->agent_order = 0;
    if (!clients_newest_agent(&init->clients))
        agentsocket_close(&init->agent);
}

/* After an accept that failed. */
static bool no_room(void)
{
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
}

/* A connection process that is dying may not have been reaped yet: then the next newest serves. */
static void serve_agent_clients(struct init *init)
{
    struct client *client;
    int fd;

    for (int i = 0; i < BATCH && init->agent.fd >= 0; i++) {
        if ((fd = agentsocket_accept(&init->agent)) < 0) {
            init->starved |= no_room();
            return;
        }
        while ((client = clients_newest_agent(&init->clients)) &&
               control_send_fd(client->control, fd) < 0) {
            if (errno == EAGAIN)
                break; /* it has more clients queued than it serves: refuse this one */
            stop_forwarding(init, client);
        }
        close(fd);
    }
}

static void hear_client(struct init *init, struct client *client)
{
    char byte;
    ssize_t n = recv(client->control, &byte, 1, 0);

    if (n == 1 && byte == CONTROL_LOGGED_IN) {
        client->state = CLIENT_LOGGED_IN;
    } else if (n == 1 && byte == CONTROL_FORWARDS_AGENT) {
        if (agentsocket_open(&init->agent) == 0)
            clients_forwards_agent(&init->clients, client);
        control_send(client->control, CONTROL_FORWARDS_AGENT);
    } else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_fd(&client->control); /* it ends; the rest is done when it is reaped */
        stop_forwarding(init, client);
    }
}

static void log_end(pid_t pid, int status)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (number == SIGALRM)
        log_info("[%d] closed: no login in time", (int)pid);
    else if (number == SIGTERM)
        log_info("[%d] closed before login", (int)pid);
    else if (number)
        log_error("[%d] connection process killed by signal %d", (int)pid, number);
}

/* Reaps ours and the orphans of the sessions. True while any child is left. */
static bool reap(struct init *init)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct client *client = clients_find(&init->clients, pid);
        if (client) {
            log_end(pid, status);
            if (client->control >= 0)
                hear_client(init, client); /* it may have logged in just before */
            stop_forwarding(init, client);
            if (client->state != CLIENT_LOGGED_IN)
                penalties_add(&init->penalties, &client->address, clock_now_ms());
            clients_remove(&init->clients, client);
        }
    }
    return pid == 0;
}

static void next_stop_step(struct init *init)
{
    int number = stop_steps[init->stop_step].signal;

    /* Outside a container there may be others of the same user: then only our own are signalled. */
    if (getpid() == 1)
        kill(-1, number);
    else
        clients_signal(&init->clients, number);
    init->stop_deadline_ms = clock_now_ms() + stop_steps[init->stop_step].patience_ms;
    init->stop_step++;
}

static void begin_stop(struct init *init)
{
    if (init->stop_step)
        return;
    log_info("stopping");
    close_fd(&init->listener);
    agentsocket_close(&init->agent);
    clients_signal(&init->clients, SIGTERM); /* they hang up their sessions in order */
    next_stop_step(init);
}

static void read_signals(struct init *init)
{
    struct signalfd_siginfo info;

    while (read(init->signals, &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo != SIGCHLD)
            begin_stop(init);
}

static void init_finish(struct init *init)
{
    close_fd(&init->listener);
    close_fd(&init->signals);
    close_fd(&init->fifo);
    agentsocket_close(&init->agent);
    clients_free(&init->clients);
    free(init->polled);
}

/* In the child: nothing of PID 1's is left open but the connection, the control socket, and the
 * FIFO where it is wanted. */
_Noreturn static void become_connection(struct init *init, int fd, int control,
                                        unsigned refusal_delay_ms)
{
    const struct connection_fds fds = {
        fd, control, init->options->terminal_messages ? steal_fd(&init->fifo) : -1};
    sigset_t none;

    init_finish(init);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGHUP, SIG_IGN); /* meant for the sessions, when PID 1 stops */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    connection_serve(init->options, init->account, init->transport, &fds, refusal_delay_ms);
}

static void start_connection(struct init *init, int fd, const struct sockaddr_storage *address)
{
    cleanup_fd int owned = fd;
    unsigned delay_ms = penalties_delay_ms(&init->penalties, address, clock_now_ms());
    int ends[2];

    if (!clients_make_room(&init->clients))
        return;
    if (control_pair(ends) < 0) {
        log_error("connection refused: %s", strerror(errno));
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become_connection(init, owned, ends[1], delay_ms);
    }
    close(ends[1]);
    if (pid < 0) {
        log_error("connection refused: cannot fork: %s", strerror(errno));
        close(ends[0]);
        return;
    }
    clients_add(&init->clients, pid, ends[0], address);
}

static void accept_connections(struct init *init)
{
    struct sockaddr_storage address;
    socklen_t length;
    int fd;

    for (int i = 0; i < BATCH; i++) {
        address = (struct sockaddr_storage){0};
        length = sizeof(address);
        fd = accept4(init->listener, (struct sockaddr *)&address, &length, SOCK_CLOEXEC);
        if (fd < 0)
            break;
        address_unmap(&address, &length);
        start_connection(init, fd, &address);
    }
    if (fd < 0 && no_room()) {
        log_error("cannot accept: %s", strerror(errno));
        init->starved = true;
    }
}

static void wait_for_events(struct init *init)
{
    const bool starved = init->starved;
    int timeout = init->stop_step ? clock_left_ms(init->stop_deadline_ms) : -1;

    init->starved = false;
    if (starved && !init->stop_step)
        timeout = STARVED_MS;
    init->polled[POLL_SIGNALS] = (struct pollfd){init->signals, POLLIN, 0};
    init->polled[POLL_LISTENER] = (struct pollfd){starved ? -1 : init->listener, POLLIN, 0};
    init->polled[POLL_AGENT] = (struct pollfd){starved ? -1 : init->agent.fd, POLLIN, 0};
    for (size_t i = 0; i < init->clients.count; i++)
        init->polled[FIXED_FDS + i] = (struct pollfd){init->clients.list[i].control, POLLIN, 0};

    if (poll(init->polled, FIXED_FDS + init->clients.count, timeout) <= 0)
        for (size_t i = 0; i < FIXED_FDS + init->clients.count; i++)
            init->polled[i].revents = 0;
}

static void run(struct init *init)
{
    for (;;) {
        wait_for_events(init);

        /* Before reaping, which moves clients to other places. */
        for (size_t i = 0; i < init->clients.count; i++)
            if (init->polled[FIXED_FDS + i].revents)
                hear_client(init, &init->clients.list[i]);
        read_signals(init);
        bool children = reap(init);
        if (init->stop_step && clock_now_ms() >= init->stop_deadline_ms)
            next_stop_step(init);
        if (init->stop_step == STOP_STEPS || (init->stop_step && !children))
            return;
        serve_agent_clients(init);
        if (init->listener >= 0 && init->polled[POLL_LISTENER].revents)
            accept_connections(init);
    }
}

static int block_signals(void)
{
    sigset_t handled;

    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGINT);
    sigprocmask(SIG_BLOCK, &handled, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The bytes in a FIFO live only while somebody holds it open: held here, what a hook wrote outlives
 * a reader on the host that died. */
static int hold_fifo(const char *path)
{
    struct stat st;
    int fd = path ? open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC) : -1;

    if (path && (fd < 0 || fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))) {
        log_error("cannot hold the FIFO %s: %s", path, fd < 0 ? strerror(errno) : "it is none");
        close_fd(&fd);
    }
    return fd;
}

int init_run(const struct options *options, const struct account *account, ssh_bind transport,
             int listener)
{
    struct init init = {
        .options = options,
        .account = account,
        .transport = transport,
        .listener = listener,
        .signals = block_signals(),
        .fifo = hold_fifo(options->hold_fifo),
        .agent = {.path = options->agent_socket, .fd = -1},
        .polled = calloc(FIXED_FDS + clients_places(options), sizeof(*init.polled)),
    };
    int rc = -1;

    /* Orphans of sessions come to us also where we are not PID 1. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (init.signals >= 0 && init.polled && clients_init(&init.clients, options) == 0) {
        run(&init);
        rc = 0;
    } else {
        log_error("cannot start: %s", strerror(errno));
    }
    init_finish(&init);
    return rc;
}
