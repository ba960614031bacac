/* SPDX-License-Identifier: ISC */
#include "greeting.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/server.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __aarch64__
#include <sys/auxv.h>
#endif

#include "clock.h"
#include "kexinit.h"
#include "log.h"

#define PATIENCE_MS 1000

static const char identification[] = "SSH-2.0-" GREETING_VERSION "\r\n";

static bool processor_has_aes(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
    return (getauxval(AT_HWCAP) & (HWCAP_AES | HWCAP_PMULL)) == (HWCAP_AES | HWCAP_PMULL);
#else
    return false;
#endif
}

/* Until more than KNOWN bytes are there to be read. False: the time is over. */
static bool wait_for_more(int fd, int known, int64_t deadline_ms)
{
    int more = known + 1;
    int left = clock_left_ms(deadline_ms);
    struct pollfd readable = {fd, POLLIN, 0};

    /* What was looked at makes the socket readable: only more of it shall. */
    return left > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &more, sizeof(more)) == 0 &&
           poll(&readable, 1, left) == 1;
}

static enum kexinit_verdict peek(int fd)
{
    unsigned char bytes[KEXINIT_MOST];
    int64_t deadline_ms = clock_now_ms() + PATIENCE_MS;
    enum kexinit_verdict verdict = KEXINIT_INCOMPLETE;
    int known = 0;

    while (verdict == KEXINIT_INCOMPLETE && wait_for_more(fd, known, deadline_ms)) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
        if (n <= known)
            break; /* it is gone, which libssh will see */
        known = (int)n;
        verdict = kexinit_read(bytes, (size_t)n);
    }
    return verdict;
}

bool greeting_exchange(int fd)
{
    const int one = 1;

    /* The first bytes on a new socket: there is room. If not, its end is the next to be seen. */
    send(fd, identification, sizeof(identification) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (!processor_has_aes())
        return false;
    bool aes_gcm = peek(fd) == KEXINIT_AES_GCM;
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one));
    return aes_gcm;
}

int greeting_hand_over(ssh_session session, int nobody, int fd)
{
    char sent[sizeof(identification)] = {0};
    const size_t length = sizeof(identification) - 1;

    ssh_set_blocking(session, 0);
    /* Both sides' identifications go into what the host key signs: they must be the same. */
    if (ssh_handle_key_exchange(session) != SSH_AGAIN ||
        recv(nobody, sent, sizeof(sent), MSG_DONTWAIT) != (ssize_t)length ||
        memcmp(sent, identification, length) != 0) {
        log_error("libssh does not begin as expected: %s", ssh_get_error(session));
        return -1;
    }
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || dup3(fd, ssh_get_fd(session), O_CLOEXEC) < 0) {
        log_error("cannot start the protocol: %s", strerror(errno));
        return -1;
    }
    close(fd);
    return 0;
}
