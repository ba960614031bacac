/* SPDX-License-Identifier: ISC */
#include "unixpeer.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An answer fits: a message, and the one attribute that was asked for. */
#define ANSWER_MAX 1024

static gboolean ask(int fd, guint32 inode)
{
    const struct {
        struct nlmsghdr header;
        struct unix_diag_req body;
    } request = {
        .header = {.nlmsg_len = sizeof(request),
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = AF_UNIX,
                 .udiag_ino = inode,
                 .udiag_show = UDIAG_SHOW_PEER,
                 .udiag_cookie = {~0U, ~0U}}, /* any */
    };

    return TEMP_FAILURE_RETRY(send(fd, &request, sizeof(request), 0)) == sizeof(request);
}

/* The answer is there when send() has returned: one message, or an error, which a socket of
 * another family gets. 0: none. */
static guint32 take_peer(int fd)
{
    _Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
    ssize_t length = TEMP_FAILURE_RETRY(recv(fd, answer, sizeof(answer), MSG_DONTWAIT));
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    guint32 peer = 0;

    if (length < 0 || !NLMSG_OK(header, length) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
        header->nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg)))
        return 0;
    const char *at = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct unix_diag_msg));
    size_t left = header->nlmsg_len - NLMSG_SPACE(sizeof(struct unix_diag_msg));
    const struct rtattr *attribute = (const struct rtattr *)at;
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD(attribute) == sizeof(peer))
            memcpy(&peer, RTA_DATA(attribute), sizeof(peer));
    }
    return peer;
}

GArray *unixpeer_find(const GArray *sockets)
{
    GArray *peers = g_array_new(FALSE, FALSE, sizeof(guint64));
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

    for (guint i = 0; fd >= 0 && i < sockets->len; i++) {
        guint64 inode = g_array_index(sockets, guint64, i);
        guint64 peer = inode <= G_MAXUINT32 && ask(fd, (guint32)inode) ? take_peer(fd) : 0;
        if (peer)
            g_array_append_val(peers, peer);
    }
    if (fd >= 0)
        close(fd);
    return peers;
}
