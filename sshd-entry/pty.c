/* SPDX-License-Identifier: ISC */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "cleanup.h"
#include "log.h"
#include "modes.h"

static unsigned short clamp(unsigned value)
{
    return (unsigned short)(value > USHRT_MAX ? USHRT_MAX : value);
}

void pty_resize(int master, struct pty_size size)
{
    struct winsize w = {.ws_col = clamp(size.columns),
                        .ws_row = clamp(size.rows),
                        .ws_xpixel = clamp(size.width),
                        .ws_ypixel = clamp(size.height)};

    if (ioctl(master, TIOCSWINSZ, &w) < 0)
        log_error("cannot resize a terminal: %s", strerror(errno));
}

/* No grantpt(): the node is ours already, and a chown would need a privilege. */
int pty_open(int *master, int *slave, char *name, unsigned name_size, struct pty_size size)
{
    cleanup_fd int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    cleanup_fd int s = -1;
    struct termios modes;

    if (m < 0 || unlockpt(m) < 0 || ptsname_r(m, name, name_size) != 0 ||
        (s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
        tcgetattr(s, &modes) < 0) {
        log_error("cannot open a terminal: %s", strerror(errno));
        return -1;
    }
    modes.c_iflag |= IUTF8;
    if (tcsetattr(s, TCSANOW, &modes) < 0)
        log_error("cannot set a terminal's modes: %s", strerror(errno));
    pty_resize(m, size);
    *master = steal_fd(&m);
    *slave = steal_fd(&s);
    return 0;
}

void pty_set_modes(int slave, const unsigned char *encoded, size_t length)
{
    struct termios modes;

    if (tcgetattr(slave, &modes) < 0 || modes_apply(encoded, length, &modes) < 0 ||
        tcsetattr(slave, TCSANOW, &modes) < 0)
        log_info("a terminal's modes are left as they were");
}

int pty_signal(int master, int number)
{
    pid_t group = tcgetpgrp(master);

    return group > 0 ? killpg(group, number) : -1;
}

char pty_eof_character(int master)
{
    struct termios modes;

    if (tcgetattr(master, &modes) < 0 || !modes.c_cc[VEOF])
        return '\004';
    return (char)modes.c_cc[VEOF];
}
