/* SPDX-License-Identifier: ISC */
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

union message {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

int control_pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
}

int control_send(int control, char byte)
{
    return send(control, &byte, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* PID 1 never waits for anybody: this is for when it is gone. */
#define PATIENCE_MS 2000

int control_await(int control)
{
    struct pollfd answer = {control, POLLIN, 0};
    char byte;

    return poll(&answer, 1, PATIENCE_MS) == 1 && recv(control, &byte, 1, 0) == 1 ? 0 : -1;
}

int control_send_fd(int control, int fd)
{
    char byte = 0;
    struct iovec part = {&byte, 1};
    union message ancillary = {.space = {0}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.space,
                             .msg_controllen = sizeof(ancillary.space)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(int));
    return sendmsg(control, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int control_receive_fd(int control)
{
    char byte;
    struct iovec part = {&byte, 1};
    union message ancillary;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.space,
                             .msg_controllen = sizeof(ancillary.space)};
    ssize_t n = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    int fd = -1;

    if (n == 0)
        errno = 0;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof(int));
    if (n > 0 && fd < 0)
        errno = EMFILE; /* there was no place for it, recvmsg(2) says nothing */
    return fd;
}
