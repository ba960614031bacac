/* SPDX-License-Identifier: ISC */
/* To preload: a large send() is taken by half, and the process waits a while. So looks a full
 * socket whose peer then reads on; it makes libssh call back from within a write. */
#include <dlfcn.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    static ssize_t (*real)(int, const void *, size_t, int);

    if (!real)
        real = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
    if (size <= 20000)
        return real(fd, data, size, flags);
    ssize_t sent = real(fd, data, size / 2, flags);
    usleep(400000);
    return sent;
}

pid_t setsid(void)
{
    static pid_t (*real)(void);

    if (!real)
        real = (pid_t(*)(void))dlsym(RTLD_NEXT, "setsid");
    usleep(50000);
    return real();
}
