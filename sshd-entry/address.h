/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_ADDRESS_H
#define SSHD_ENTRY_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* A socket's address as numbers. */
struct address_text {
    char host[64];
    char port[8];
};

/* False: it has none. */
bool address_print(struct address_text *text, const struct sockaddr_storage *address,
                   socklen_t length);

/* An IPv4 client of a socket that serves both families, ::ffff:192.0.2.1, becomes what it is, so
 * that from="..." and penalties hold for it. */
void address_unmap(struct sockaddr_storage *address, socklen_t *length);

#endif
