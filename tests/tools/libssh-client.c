/* SPDX-License-Identifier: ISC */
/* libssh's own client: libssh-client PORT DIR. DIR holds the key `id`, `known_hosts` and `file`.
 * Prints `ok NAME` for what works, and ends at the first thing that does not. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/sftp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MEGABYTES = 4, TIMEOUT_MS = 10000, CHUNK = 32768 };

struct end {
    int status;
    char signal[16];
};

static ssh_session session;

static void must(int held, const char *name)
{
    if (!held) {
        printf("not ok %s: %s\n", name, ssh_get_error(session));
        exit(1);
    }
}

static void ok(const char *name)
{
    printf("ok %s\n", name);
}

static void on_status(ssh_session s, ssh_channel channel, int status, void *end)
{
    (void)s, (void)channel;
    ((struct end *)end)->status = status;
}

static void on_signal(ssh_session s, ssh_channel channel, const char *name, int core,
                      const char *message, const char *language, void *end)
{
    (void)s, (void)channel, (void)core, (void)message, (void)language;
    snprintf(((struct end *)end)->signal, sizeof(((struct end *)end)->signal), "%s", name);
}

static ssh_channel open_session(void)
{
    ssh_channel channel = ssh_channel_new(session);

    must(channel && ssh_channel_open_session(channel) == SSH_OK, "session");
    return channel;
}

/* All up to the end, or up to SIZE bytes. */
static int read_all(ssh_channel channel, char *data, int size, int is_stderr)
{
    int n, length = 0;

    while (length < size &&
           (n = ssh_channel_read_timeout(channel, data + length, (uint32_t)(size - length),
                                         is_stderr, TIMEOUT_MS)) > 0)
        length += n;
    return length;
}

/* The exit status comes after the end of output, where the reading calls wait no more. */
static void await_close(ssh_channel channel)
{
    ssh_event event = ssh_event_new();

    ssh_event_add_session(event, session);
    for (int n = 0; n < 100 && !ssh_channel_is_closed(channel); n++)
        ssh_event_dopoll(event, TIMEOUT_MS / 100);
    ssh_event_remove_session(event, session);
    ssh_event_free(event);
}

static struct end run(const char *command, char *out, int size)
{
    struct end end = {-1, ""};
    struct ssh_channel_callbacks_struct callbacks = {.userdata = &end,
                                                     .channel_exit_status_function = on_status,
                                                     .channel_exit_signal_function = on_signal};
    ssh_channel channel = open_session();

    ssh_callbacks_init(&callbacks);
    ssh_set_channel_callbacks(channel, &callbacks);
    ssh_channel_request_env(channel, "LC_TEST", "given");
    must(ssh_channel_request_exec(channel, command) == SSH_OK, command);
    out[read_all(channel, out, size - 1, 0)] = '\0';
    await_close(channel);
    ssh_channel_free(channel);
    return end;
}

static void log_in(const char *port, const char *dir)
{
    char known_hosts[512], id[512];
    int no = 0;
    ssh_key key;

    snprintf(known_hosts, sizeof(known_hosts), "%s/known_hosts", dir);
    snprintf(id, sizeof(id), "%s/id", dir);
    session = ssh_new();
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    ssh_options_set(session, SSH_OPTIONS_HOST, "127.0.0.1");
    ssh_options_set(session, SSH_OPTIONS_PORT_STR, port);
    ssh_options_set(session, SSH_OPTIONS_USER, "agent");
    ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, known_hosts);
    ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
    must(ssh_connect(session) == SSH_OK, "connect");
    must(ssh_session_is_known_server(session) == SSH_KNOWN_HOSTS_OK, "known host");
    must(ssh_pki_import_privkey_file(id, NULL, NULL, NULL, &key) == SSH_OK, "key");
    must(ssh_userauth_publickey(session, NULL, key) == SSH_AUTH_SUCCESS, "login");
    ssh_key_free(key);
    ok("login");
}

static void commands(void)
{
    char out[256];
    struct end end = run("echo $LC_TEST; exit 7", out, sizeof(out));

    must(end.status == 7 && strcmp(out, "given\n") == 0, "exit status");
    ok("exit status");
    end = run("kill -TERM $$", out, sizeof(out));
    must(end.status == -1 && strcmp(end.signal, "TERM") == 0, "exit signal");
    ok("exit signal");
}

static void there_and_back(ssh_channel channel, const char *name)
{
    static char sent[CHUNK], got[CHUNK];

    for (int n = 0; n < MEGABYTES << 20; n += CHUNK) {
        for (int i = 0; i < CHUNK; i++)
            sent[i] = (char)(n / CHUNK + i * 7);
        must(ssh_channel_write(channel, sent, CHUNK) == CHUNK, name);
        must(read_all(channel, got, CHUNK, 0) == CHUNK && memcmp(sent, got, CHUNK) == 0, name);
    }
    ok(name);
}

static void streams(void)
{
    char rest[64];
    ssh_channel channel = open_session();

    must(ssh_channel_request_exec(channel, "cat; echo err >&2") == SSH_OK, "cat");
    there_and_back(channel, "bytes both ways");
    must(ssh_channel_send_eof(channel) == SSH_OK, "end of input");
    must(read_all(channel, rest, sizeof(rest), 0) == 0, "end of output");
    must(read_all(channel, rest, sizeof(rest), 1) == 4 && memcmp(rest, "err\n", 4) == 0, "stderr");
    ssh_channel_free(channel);
    ok("ends, and stderr");
}

static void terminal(void)
{
    char line[64];
    ssh_channel channel = open_session();

    must(ssh_channel_request_pty_size(channel, "xterm", 80, 24) == SSH_OK, "pty");
    must(ssh_channel_request_exec(channel, "stty -echo size; read x; stty size") == SSH_OK, "stty");
    must(read_all(channel, line, 7, 0) == 7 && memcmp(line, "24 80\r\n", 7) == 0, "size");
    must(ssh_channel_change_pty_size(channel, 100, 30) == SSH_OK, "change of size");
    must(ssh_channel_write(channel, "\n", 1) == 1, "a line");
    must(read_all(channel, line, 8, 0) == 8 && memcmp(line, "30 100\r\n", 8) == 0, "new size");
    ssh_channel_free(channel);
    ok("terminal and its size");
}

static void direct_tcpip(int port)
{
    char line[9] = "";
    ssh_channel channel = ssh_channel_new(session);

    must(ssh_channel_open_forward(channel, "localhost", port, "127.0.0.1", 1) == SSH_OK, "forward");
    must(read_all(channel, line, 8, 0) == 8 && strcmp(line, "SSH-2.0-") == 0, "what is there");
    ssh_channel_free(channel);
    channel = ssh_channel_new(session);
    must(ssh_channel_open_forward(channel, "127.0.0.1", 9, "127.0.0.1", 1) != SSH_OK, "refusal");
    ssh_channel_free(channel);
    ok("direct-tcpip");
}

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* What comes to our socket goes back, by a child: the library knows of one thread alone. */
static void echo(int fd)
{
    char data[4096];
    ssize_t n;

    if (fork() == 0) {
        while ((n = read(fd, data, sizeof(data))) > 0 && write(fd, data, (size_t)n) == n)
            ;
        _exit(0);
    }
    close(fd);
}

static void tcpip_forward(void)
{
    int port = 0, destination = 0;

    must(ssh_channel_listen_forward(session, "127.0.0.1", 0, &port) == SSH_OK && port, "listen");
    int fd = dial(port);
    must(fd >= 0, "a port that is listened on");
    echo(fd);
    ssh_channel channel =
        ssh_channel_open_forward_port(session, TIMEOUT_MS, &destination, NULL, NULL);
    must(channel && destination == port, "forwarded-tcpip");
    there_and_back(channel, "tcpip-forward");
    ssh_channel_free(channel);
    must(ssh_channel_cancel_forward(session, "127.0.0.1", port) == SSH_OK, "cancel");
    must(dial(port) < 0, "a port that is no more listened on");
    ok("cancel-tcpip-forward");
}

static void files(const char *dir)
{
    char path[512], data[8];

    snprintf(path, sizeof(path), "%s/known_hosts", dir);
    sftp_session sftp = sftp_new(session);
    must(sftp && sftp_init(sftp) == SSH_OK, "sftp");
    sftp_file file = sftp_open(sftp, path, O_RDONLY, 0);
    must(file && sftp_read(file, data, sizeof(data)) == 8, "sftp_read");
    must(memcmp(data, "[127.0.0", 8) == 0, "what was read");
    sftp_close(file);
    sftp_free(sftp);
    ok("sftp");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_in(argv[1], argv[2]);
    commands();
    streams();
    terminal();
    direct_tcpip(atoi(argv[1]));
    tcpip_forward();
    files(argv[2]);
    ssh_disconnect(session);
    ssh_free(session);
    return 0;
}
