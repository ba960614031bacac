/* SPDX-License-Identifier: ISC */
#include "focus/holder.h"

#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static gboolean has_pid(const GArray *pids, pid_t pid)
{
    for (guint i = 0; i < pids->len; i++) {
        if (g_array_index(pids, pid_t, i) == pid)
            return TRUE;
    }
    return FALSE;
}

static GArray *holders_of(int fd)
{
    g_autoptr(GArray) sockets = g_array_new(FALSE, FALSE, sizeof(guint64));
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    const guint64 inode = st.st_ino;
    g_array_append_val(sockets, inode);
    return holder_find(sockets);
}

/* A child that has END alone of the parent's descriptors, in namespaces of its own by FLAGS; it
 * runs PROGRAM, or waits. */
static pid_t child_with(int end, const char *program, int flags)
{
    int ready[2];
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(end, STDIN_FILENO);
        if (flags && unshare(flags) < 0)
            _exit(126);
        if (program) {
            close_range(3, (unsigned)ready[1] - 1, 0);
            execlp(program, program, "600", NULL);
            _exit(127);
        }
        close_range(3, ~0U, 0);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 0); /* it has closed, or runs the program */
    close(ready[0]);
    close(end);
    return pid;
}

static void child_end(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void finds_whoever_has_it_open(void **state)
{
    int mine = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int childs = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int kept = dup(childs);
    pid_t child = child_with(childs, NULL, 0);

    (void)state;
    g_autoptr(GArray) of_mine = holders_of(mine);
    g_autoptr(GArray) of_both = holders_of(kept);
    assert_int_equal(of_mine->len, 1);
    assert_true(has_pid(of_mine, getpid()));
    assert_int_equal(of_both->len, 2);
    assert_true(has_pid(of_both, getpid()) && has_pid(of_both, child));
    child_end(child);
    close(mine);
    close(kept);
}

/* As a sandbox's processes are. */
static void leaves_out_other_user_namespaces(void **state)
{
    int ends = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int kept = dup(ends);
    pid_t child = child_with(ends, NULL, CLONE_NEWUSER);

    (void)state;
    g_autoptr(GArray) pids = holders_of(kept);
    assert_int_equal(pids->len, 1);
    assert_true(has_pid(pids, getpid()));
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    child_end(child);
    close(kept);
}

/* As ssh -S is connected to the ssh that has the connection, and as ssh is to its agent. */
static void finds_clients_of_the_same_program(void **state)
{
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client_pair[2], agent_pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client_pair), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, agent_pair), 0);
    pid_t client = child_with(client_pair[1], NULL, 0);
    pid_t agent = child_with(agent_pair[1], "sleep", 0);
    g_autoptr(GArray) pids = holders_of(connection);
    assert_int_equal(pids->len, 2);
    assert_true(has_pid(pids, getpid()));
    assert_true(has_pid(pids, client));
    child_end(client);
    child_end(agent);
    close(connection);
    close(client_pair[0]);
    close(agent_pair[0]);
}

/* The grandchild's own comes first, then that of the child, its parent. */
static void tells_the_terminals(void **state)
{
    char *inner_name = NULL, name[64];
    int outer;
    struct stat inner_st, outer_st;
    int tell[2];

    (void)state;
    assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
    pid_t child = forkpty(&outer, name, NULL, NULL);
    if (child == 0) {
        int inner;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (forkpty(&inner, NULL, NULL, NULL) == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dprintf(tell[1], "%d %s", (int)getpid(), ttyname(STDIN_FILENO));
        }
        close(tell[1]);
        for (;;)
            pause();
    }
    assert_true(child > 0);
    close(tell[1]);
    char text[128] = "";
    assert_true(read(tell[0], text, sizeof(text) - 1) > 0);
    close(tell[0]);
    pid_t grandchild = (pid_t)g_ascii_strtoll(text, &inner_name, 10);
    assert_int_equal(stat(inner_name + 1, &inner_st), 0);
    assert_int_equal(stat(name, &outer_st), 0);

    g_autoptr(GArray) terminals = holder_terminals(grandchild);
    assert_true(terminals->len >= 2);
    assert_int_equal(g_array_index(terminals, dev_t, 0), inner_st.st_rdev);
    assert_int_equal(g_array_index(terminals, dev_t, 1), outer_st.st_rdev);
    child_end(child);
    close(outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_whoever_has_it_open),
        cmocka_unit_test(leaves_out_other_user_namespaces),
        cmocka_unit_test(finds_clients_of_the_same_program),
        cmocka_unit_test(tells_the_terminals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
