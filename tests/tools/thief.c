/* SPDX-License-Identifier: ISC */
/* thief PID...: tries every way that one process of a user has to get at the descriptors and the
 * memory of another. Prints a line for each that succeeds, `stole WAY PID`, and exits 1 if any did.
 * `thief --self-test` robs a child of its own, which must succeed in all of them. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static bool by_pidfd_getfd(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    bool got = false;

    for (int fd = 0; pidfd >= 0 && fd < 64; fd++)
        got |= syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0;
    close(pidfd);
    return got;
}

static bool by_proc(pid_t pid, const char *what, int flags)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
    int fd = open(path, flags | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool by_proc_fd(pid_t pid)
{
    return by_proc(pid, "fd", O_RDONLY | O_DIRECTORY) || by_proc(pid, "fd/0", O_RDONLY) ||
           by_proc(pid, "fd/1", O_WRONLY) || by_proc(pid, "fd/3", O_RDWR);
}

static bool by_proc_mem(pid_t pid)
{
    return by_proc(pid, "mem", O_RDWR) || by_proc(pid, "mem", O_RDONLY);
}

static bool by_proc_environ(pid_t pid)
{
    return by_proc(pid, "environ", O_RDONLY);
}

static bool by_vm_read(pid_t pid)
{
    char byte;
    struct iovec here = {&byte, 1};
    struct iovec there = {(void *)(uintptr_t)&errno, 1};

    /* Of a stranger's address space nothing is known: only a refusal counts as one. */
    return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno != EPERM;
}

static bool by_ptrace(pid_t pid)
{
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0 || ptrace(PTRACE_ATTACH, pid, 0, 0) == 0) {
        ptrace(PTRACE_DETACH, pid, 0, 0);
        return true;
    }
    return false;
}

static const struct {
    const char *name;
    bool (*try)(pid_t);
} ways[] = {
    {"pidfd_getfd", by_pidfd_getfd},  {"/proc/PID/fd", by_proc_fd},
    {"/proc/PID/mem", by_proc_mem},   {"/proc/PID/environ", by_proc_environ},
    {"process_vm_readv", by_vm_read}, {"ptrace", by_ptrace},
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static int rob(pid_t pid)
{
    int stolen = 0;

    for (int i = 0; i < WAYS; i++) {
        if (ways[i].try(pid)) {
            printf("stole %s %d\n", ways[i].name, (int)pid);
            stolen++;
        }
    }
    return stolen;
}

/* The child is no relative by ptrace, and as dumpable as any program. */
static int self_test(void)
{
    int ends[2];
    pid_t pid;

    if (pipe(ends) < 0 || (pid = fork()) < 0)
        return 1;
    if (pid == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) < 0);
    }
    int stolen = rob(pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return stolen == WAYS ? 0 : 1;
}

int main(int argc, char **argv)
{
    int stolen = 0;

    if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
        return self_test();
    if (argc < 2)
        return 2;
    for (int i = 1; i < argc; i++)
        stolen += rob((pid_t)strtol(argv[i], NULL, 10));
    return stolen > 0;
}
