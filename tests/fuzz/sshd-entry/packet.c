/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../../sshd-entry/packet.h"
#include "../../../sshd-entry/transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is found lies within the packet, and is what it says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packet_streamlocal open;
    struct packet_request request = packet_request(data, size);

    if (request.kind == PACKET_REQUEST_PTY) {
        assert(memmem(data, size, "pty-req", 7));
        assert(request.modes.data >= data && request.modes.length <= size);
        assert(request.modes.data + request.modes.length <= data + size);
    } else if (request.kind == PACKET_REQUEST_EOW) {
        assert(memmem(data, size, "eow@openssh.com", 15));
    }
    if (packet_streamlocal(data, size, &open) == PACKET_SERVED) {
        assert(open.path[0] == '/' && memchr(open.path, '\0', sizeof(open.path)));
        assert(memmem(data, size, open.path, strlen(open.path)));
        assert(memcmp(open.direct_tcpip + 16, data + 34, 12) == 0);
    }
    struct packet_login login;
    enum packet_verdict verdict = packet_login(data, size, TRANSPORT_USER_KEYS, &login);
    assert((verdict == PACKET_REFUSED) == (login.reason != NULL));
    assert(memchr(login.algorithm, '\0', sizeof(login.algorithm)));
    if (verdict == PACKET_SERVED) {
        assert(strstr("," TRANSPORT_USER_KEYS ",", login.algorithm));
        assert(memmem(data, size, "publickey", 9));
        assert(memmem(data, size, login.algorithm, strlen(login.algorithm)));
    }
    return 0;
}
