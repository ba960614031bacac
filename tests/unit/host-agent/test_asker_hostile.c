/* SPDX-License-Identifier: ISC */
/* The peer is anything that runs in a sandbox. */
#include "asker_world.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/wait.h>

static void waits_for_eight_questions(void **state)
{
    World *w = *state;
    int fds[8];

    for (int i = 0; i < 8; i++) {
        fds[i] = ask(w, "web", QUESTION);
        hears(fds[i], "wait 60\n");
    }
    g_string_truncate(w->log, 0);
    int ninth = ask(w, "web", QUESTION);
    hears(ninth, ".");
    close(ninth);
    logged(w, "");
    int other = ask(w, "api", QUESTION);
    hears(other, "wait 60\n");
    close(other);

    asker_answer(w->asker, 3, TRUE);
    ninth = ask(w, "web", QUESTION);
    hears(ninth, "wait 60\n");
    close(ninth);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
}

static void holds_sixteen_connections(void **state)
{
    World *w = *state;
    guint before = descriptors();
    guint ours = 0, most = 0;
    int fds[64];

    for (int i = 0; i < 64; i++) {
        fds[i] = try_connect(w, "web");
        ours += fds[i] >= 0;
        turns(i == 8 ? 300 : 1); /* some of an earlier window */
        most = MAX(most, descriptors() - before - ours);
    }
    assert_true(ours > 16);
    assert_int_equal(most, 16);
    int other = ask(w, "api", QUESTION);
    hears(other, "wait 60\n");
    close(other);
    for (int i = 0; i < 64; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    int fd = ask(w, "web", QUESTION);
    hears(fd, "wait 60\n");
    close(fd);
}

/* Asks and hangs up, as fast as it can. */
static pid_t flood(const World *w)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    for (;;) {
        int fd = try_connect(w, "web");
        if (fd >= 0) {
            send(fd, QUESTION, strlen(QUESTION), MSG_NOSIGNAL);
            close(fd);
        }
    }
}

static void outlives_a_flood(void **state)
{
    World *w = *state;
    guint before = descriptors();
    gint64 start = g_get_monotonic_time();
    pid_t pid = flood(w);

    turns(1000);
    gint64 windows = (g_get_monotonic_time() - start) / (250 * G_TIME_SPAN_MILLISECOND) + 1;
    assert_in_range(w->last, 17, 16 * windows);
    int fd = ask(w, "api", QUESTION);
    hears(fd, "wait 60\n");
    assert_true(descriptors() - before < 20);
    close(fd);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* A TCP socket that, closed last, waits for long: its peer reads nothing. */
static int lingering(int *peer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct linger linger = {.l_onoff = 1, .l_linger = 90};
    socklen_t size = sizeof(address);
    char bytes[65536] = {0};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    *peer = accept(listener, NULL, NULL);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
    close(listener);
    return fd;
}

/* Sends LINE and the descriptor SENT with it, which is then FD's alone. */
static void send_with(int fd, const char *line, int sent)
{
    struct iovec part = {.iov_base = (char *)line, .iov_len = strlen(line)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    const struct msghdr message = {.msg_iov = &part,
                                   .msg_iovlen = 1,
                                   .msg_control = &control,
                                   .msg_controllen = sizeof(control)};

    memcpy(CMSG_DATA(&control.header), &sent, sizeof(sent));
    assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), strlen(line));
    close(sent);
}

static void is_not_held_up_by_descriptors(void **state)
{
    World *w = *state;
    gint64 start = g_get_monotonic_time();
    int peers[2];
    int one = connected(w, "web");
    int two = connected(w, "web");

    send_with(one, QUESTION, lingering(&peers[0]));
    send_with(two, "not even a line", lingering(&peers[1]));
    hears(one, ".");
    hears(two, ".");
    logged(w, "");
    close(one);
    close(two);
    /* That sandbox's own, another's, and the end. */
    one = ask(w, "web", QUESTION);
    hears(one, "wait 60\n");
    two = ask(w, "api", QUESTION);
    hears(two, "wait 60\n");
    asker_answer(w->asker, 1, TRUE);
    hears(one, "allow\n.");
    asker_free(w->asker);
    w->asker = NULL;
    hears(two, ".");
    assert_true(g_get_monotonic_time() - start < 30 * G_TIME_SPAN_SECOND);
    close(one);
    close(two);
    close(peers[0]); /* resets them: the closes end */
    close(peers[1]);
}

/* After its question a peer can send nothing that would pile up. */
static void hears_a_peer_once(void **state)
{
    World *w = *state;
    int fd = ask(w, "web", QUESTION);

    hears(fd, "wait 60\n");
    assert_int_equal(send(fd, QUESTION, strlen(QUESTION), MSG_NOSIGNAL), -1);
    assert_int_equal(errno, EPIPE);
    turns(50);
    logged(w, "web:rm ");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(waits_for_eight_questions), TEST(holds_sixteen_connections),
        TEST(outlives_a_flood),          TEST(is_not_held_up_by_descriptors),
        TEST(hears_a_peer_once),
    };

    turn(); /* GLib's own descriptors */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
