/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "sshd-entry: "

static enum log_level threshold = LOG_INFO;
static char line_prefix[32];

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_set_prefix(const char *prefix)
{
    snprintf(line_prefix, sizeof(line_prefix), "%s", prefix);
}

/* Bytes beyond ASCII are escaped too: the reader's terminal may take C1 codes as control. */
static size_t escape(char *out, size_t size, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;

    for (; *text && n + 5 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            out[n++] = (char)c;
        } else {
            out[n++] = '\\';
            out[n++] = 'x';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    return n;
}

void log_line(enum log_level level, const char *format, ...)
{
    char text[1024];
    char line[sizeof(NAME) + sizeof(line_prefix) + 2048];
    int saved = errno;

    if (level > threshold)
        return;

    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    int head = snprintf(line, sizeof(line), NAME "%s", line_prefix);
    size_t n = (size_t)head + escape(line + head, sizeof(line) - (size_t)head - 1, text);
    line[n++] = '\n';
    /* One write a line, so that the lines of several processes never mix. A log that nobody reads
     * must not stop the server: a pipe that polls writable takes PIPE_BUF bytes at once, pipe(7).
     */
    struct pollfd fd = {STDERR_FILENO, POLLOUT, 0};
    if (poll(&fd, 1, 0) == 1) {
        ssize_t ignored = write(STDERR_FILENO, line, n);
        (void)ignored;
    }
    errno = saved;
}
