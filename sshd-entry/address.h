/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_ADDRESS_H
#define SSHD_ENTRY_ADDRESS_H

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* An IPv4 client of a socket that serves both families, ::ffff:192.0.2.1, becomes what it is, so
 * that from="..." and penalties hold for it. */
static inline void address_unmap(struct sockaddr_storage *address, socklen_t *length)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six->sin6_port};

    if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        return;
    memcpy(&four.sin_addr, six->sin6_addr.s6_addr + 12, sizeof(four.sin_addr));
    memcpy(address, &four, sizeof(four));
    *length = sizeof(four);
}

#endif
