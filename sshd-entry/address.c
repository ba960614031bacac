/* SPDX-License-Identifier: ISC */
#include "address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

bool address_print(struct address_text *text, const struct sockaddr_storage *address,
                   socklen_t length)
{
    return getnameinfo((const struct sockaddr *)address, length, text->host, sizeof(text->host),
                       text->port, sizeof(text->port), NI_NUMERICHOST | NI_NUMERICSERV) == 0;
}

void address_unmap(struct sockaddr_storage *address, socklen_t *length)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six->sin6_port};

    if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        return;
    memcpy(&four.sin_addr, six->sin6_addr.s6_addr + 12, sizeof(four.sin_addr));
    memcpy(address, &four, sizeof(four));
    *length = sizeof(four);
}
