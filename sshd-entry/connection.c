/* SPDX-License-Identifier: ISC */
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/libssh.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "channel.h"
#include "clock.h"
#include "control.h"
#include "log.h"
#include "reverse.h"
#include "session.h"
#include "transport.h"
#include "tunnel.h"

#define LIBSSH_READ 4096     /* bytes that libssh takes at once */
#define TURN_MAX 65536       /* bytes that one turn takes, so that the other way has its turns */
#define UNSENT_MAX (4 << 20) /* bytes: some 60,000 answers */
#define PACKET_OVERHEAD 64   /* bytes, at the most, besides the payload: RFC 4253 section 6 */

static struct address_text print_endpoint(struct sockaddr_storage address, socklen_t length)
{
    struct address_text text;

    address_unmap(&address, &length);
    return address_print(&text, &address, length) ? text : (struct address_text){"UNKNOWN", "0"};
}

static void name_endpoints(struct connection *c, int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);

    getpeername(fd, (struct sockaddr *)&address, &length);
    const struct address_text client = print_endpoint(address, length);
    length = sizeof(address);
    getsockname(fd, (struct sockaddr *)&address, &length);
    const struct address_text server = print_endpoint(address, length);
    snprintf(c->endpoints, sizeof(c->endpoints), "%s %s %s %s", client.host, client.port,
             server.host, server.port);
    snprintf(c->address, sizeof(c->address), "%s", client.host);
    snprintf(c->port, sizeof(c->port), "%s", client.port);
    snprintf(c->client, sizeof(c->client), "%s %s %s", client.host, client.port, server.port);
}

/* Interactive bytes must not wait for more. */
static void prepare_socket(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    /* A client whose machine vanished must not stay the newest one that forwards an agent. */
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/* On the way to a session the two sides take turns with single packets, and a client that has
 * Nagle's algorithm on waits for our ACK. The kernel would hold that back for 40 ms, and falls back
 * into this after every read, tcp(7). */
static void acknowledge_at_once(const struct connection *c)
{
    int on = 1;

    setsockopt(ssh_get_fd(c->ssh), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static int set_rekey_limits(const struct connection *c)
{
    uint64_t bytes = c->options->rekey_limit;
    uint32_t seconds = c->options->rekey_interval;

    if ((bytes && ssh_options_set(c->ssh, SSH_OPTIONS_REKEY_DATA, &bytes) < 0) ||
        (seconds && ssh_options_set(c->ssh, SSH_OPTIONS_REKEY_TIME, &seconds) < 0)) {
        log_error("cannot limit what one key serves for: %s", ssh_get_error(c->ssh));
        return -1;
    }
    return 0;
}

static ssh_channel on_session(ssh_session ssh, void *data)
{
    struct connection *c = data;

    (void)ssh;
    return c->auth.admitted ? session_open(c) : NULL;
}

static int on_public_key(ssh_session ssh, const char *user, ssh_key key, char state, void *data)
{
    struct connection *c = data;

    (void)ssh;
    return auth_public_key(&c->auth, user, key, state);
}

/* Else libssh would begin with GSSAPI for whoever asks for it, offered or not. NULL refuses it. */
static ssh_string on_gssapi(ssh_session ssh, const char *user, int n_oid, ssh_string *oids,
                            void *data)
{
    struct connection *c = data;

    (void)ssh;
    (void)user;
    (void)n_oid;
    (void)oids;
    auth_other(&c->auth, SSH_AUTH_METHOD_GSSAPI_MIC);
    return NULL;
}

/* What none of the callbacks takes comes here. 1 has libssh refuse it, 0 says that it was served.
 */
static int on_message(ssh_session ssh, ssh_message message, void *data)
{
    struct connection *c = data;
    int type = ssh_message_type(message);
    int subtype = ssh_message_subtype(message);

    (void)ssh;
    if (type == SSH_REQUEST_AUTH)
        auth_other(&c->auth, subtype);
    else if (!c->auth.admitted)
        return 1;
    else if (type == SSH_REQUEST_CHANNEL_OPEN && subtype == SSH_CHANNEL_DIRECT_TCPIP)
        return tunnel_direct(c, message) < 0;
    else if (type == SSH_REQUEST_GLOBAL)
        return reverse_request(c, message) < 0;
    return 1;
}

static bool is_closed(const struct connection *c)
{
    return ssh_get_status(c->ssh) & (SSH_CLOSED | SSH_CLOSED_ERROR);
}

/* Before login nobody sends much: who does not read our answers gets no more of them. */
static int wait_for_client(const struct connection *c)
{
    bool sending = ssh_get_status(c->ssh) & SSH_WRITE_PENDING;
    struct pollfd fd = {ssh_get_fd(c->ssh), sending ? POLLOUT : POLLIN, 0};

    return poll(&fd, 1, -1) < 0 && errno != EINTR ? -1 : 0;
}

static int exchange_keys(struct connection *c)
{
    int rc;

    while ((rc = ssh_handle_key_exchange(c->ssh)) == SSH_AGAIN) {
        acknowledge_at_once(c);
        if (wait_for_client(c) < 0)
            return -1;
    }
    return rc == SSH_OK && ssh_event_add_session(c->event, c->ssh) == SSH_OK ? 0 : -1;
}

static int authenticate(struct connection *c)
{
    while (!c->auth.admitted) {
        acknowledge_at_once(c);
        if (wait_for_client(c) < 0 || ssh_event_dopoll(c->event, 0) == SSH_ERROR || is_closed(c)) {
            log_info("closed before login");
            return -1;
        }
        if (auth_exhausted(&c->auth)) {
            log_info("closed: %u authentication requests refused", c->auth.refused);
            return -1;
        }
    }
    if (control_send(c->control, CONTROL_LOGGED_IN) < 0)
        log_error("cannot tell PID 1 of a login: %s", strerror(errno));
    log_info("logged in with %s", c->auth.who);
    return 0;
}

/* SIGALRM ends the process where it stands; PID 1 logs why. */
static int log_in(struct connection *c)
{
    c->callbacks.userdata = c;
    c->callbacks.auth_pubkey_function = on_public_key;
    c->callbacks.gssapi_select_oid_function = on_gssapi;
    c->callbacks.channel_open_request_session_function = on_session;
    ssh_callbacks_init(&c->callbacks);
    ssh_set_server_callbacks(c->ssh, &c->callbacks);
    ssh_set_message_callback(c->ssh, on_message, c);
    extension_watch(c);

    alarm(c->options->login_grace);
    if (exchange_keys(c) < 0) {
        log_info("closed before login: %s", ssh_get_error(c->ssh));
        return -1;
    }
    int rc = authenticate(c);
    alarm(0);
    return rc;
}

/* From now on SIGTERM is an event among others, so that sessions are hung up in order. */
static int catch_sigterm(void)
{
    sigset_t term;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    return signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One a turn: a program that connects in a loop must not keep the others waiting. -1: PID 1 is
 * gone. */
static int receive_agent_client(struct connection *c)
{
    int fd = control_receive_fd(c->control);

    if (fd >= 0)
        tunnel_agent(c, fd);
    return fd < 0 && errno == 0 ? -1 : 0;
}

void connection_abused(struct connection *connection, const char *how)
{
    if (!connection->abused)
        log_error("closed: %s", how);
    connection->abused = true;
}

/* Whatever is asked for is answered, and libssh keeps what cannot be sent yet: a client that asks
 * and asks, and reads no answer or fewer than it asks for, would fill our memory. Of our own we
 * send nothing while something is unsent, so what grows beyond that is answers, whatever else the
 * client sends meanwhile and however slow the way to it is. */
static void watch_for_flood(struct connection *c, bool all_sent)
{
    const struct ssh_counter_struct *counter = &c->alive.counter;
    const uint64_t made = counter->out_bytes + counter->out_packets * PACKET_OVERHEAD;

    if (all_sent)
        c->sent = made;
    else if (made - c->sent > UNSENT_MAX)
        connection_abused(c, "the client asks for more than it reads");
}

/* libssh reads 4 KiB at a time: what is there by now is taken in one turn, up to what a turn may
 * take. -1: the connection is at its end. */
static int read_from_client(struct connection *c)
{
    int arrived = 0;

    if (ioctl(ssh_get_fd(c->ssh), FIONREAD, &arrived) < 0 || arrived > TURN_MAX)
        arrived = TURN_MAX;
    for (int left = arrived; left >= 0; left -= LIBSSH_READ)
        if (ssh_event_dopoll(c->event, 0) == SSH_ERROR)
            return -1;
    return 0;
}

/* False: the connection is at its end. */
static bool take_turn(struct connection *c, struct pollset *set)
{
    bool can_send = !(ssh_get_status(c->ssh) & SSH_WRITE_PENDING);

    if (!c->channels)
        acknowledge_at_once(c);
    pollset_clear(set);
    pollset_add(set, ssh_get_fd(c->ssh), (short)(POLLIN | (can_send ? 0 : POLLOUT)));
    int control = pollset_add(set, c->control, POLLIN);
    int signals = pollset_add(set, c->signals, POLLIN);
    alive_prepare(&c->alive, set);
    channels_prepare(c, set, can_send);
    reverse_prepare(c, set);
    trim_prepare(&c->trim, set);
    int ready = pollset_wait(set);
    if (ready < 0 || pollset_events(set, signals))
        return false;
    trim_serve(&c->trim, set, ready);
    if ((pollset_events(set, control) && receive_agent_client(c) < 0) || read_from_client(c) < 0 ||
        !alive_serve(&c->alive, c->ssh))
        return false;
    watch_for_flood(c, can_send);
    reverse_serve(c, set);
    channels_serve(c, set, can_send);
    return !is_closed(c) && !c->abused;
}

static void run(struct connection *c)
{
    struct pollset set = {0};

    alive_start(&c->alive, c->ssh, c->options);
    while (take_turn(c, &set))
        ;
    pollset_free(&set);
    channels_hang_up(c);
}

_Noreturn void connection_serve(const struct options *options, const struct account *account,
                                ssh_bind transport, const struct connection_fds *fds,
                                unsigned refusal_delay_ms)
{
    struct reverse_listener listeners[REVERSE_MAX];
    struct connection c = {.options = options,
                           .account = account,
                           .control = fds->control,
                           .fifo = fds->fifo,
                           .signals = -1,
                           .listeners = listeners};
    const int64_t started_ms = clock_now_ms();
    char prefix[32];

    snprintf(prefix, sizeof(prefix), "[%d] ", (int)getpid());
    log_set_prefix(prefix);
    reverse_init(listeners);
    name_endpoints(&c, fds->client);
    log_info("connection from %s", c.endpoints);
    if (refusal_delay_ms)
        log_info("logins from %s failed of late: a refusal takes %u ms", c.address,
                 refusal_delay_ms);
    prepare_socket(fds->client);

    c.event = ssh_event_new();
    c.ssh = transport_accept(transport, fds->client);
    if (!c.event || !c.ssh || set_rekey_limits(&c) < 0)
        goto end;
    auth_start(&c.auth, c.ssh, options, c.address, refusal_delay_ms);
    if (log_in(&c) < 0)
        goto end;
    c.signals = catch_sigterm();
    if (c.signals < 0) {
        log_error("cannot serve: %s", strerror(errno));
        goto end;
    }
    run(&c);
end:
    if (c.ssh)
        ssh_disconnect(c.ssh);
    log_info("connection closed after %.3f s", (double)(clock_now_ms() - started_ms) / 1000);
    /* What is left is the kernel's to take back; the children are PID 1's. */
    _exit(0);
}
