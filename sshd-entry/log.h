/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_LOG_H
#define SSHD_ENTRY_LOG_H

/* One line an event, on stderr. Whatever a peer put into the text (user names, commands, library
 * messages) is escaped: a line stays a line, and no control byte reaches the terminal of whoever
 * reads it. */

enum log_level {
    LOG_ERROR, /* something that was asked for did not happen */
    LOG_INFO,  /* connections, logins, sessions: who came, what for, how it ended */
    LOG_DEBUG, /* what only its developers want */
};

void log_set_level(enum log_level level);

/* Puts a prefix such as "[123] " before every later line of this process; copied. */
void log_set_prefix(const char *prefix);

__attribute__((format(printf, 2, 3))) void log_line(enum log_level level, const char *format, ...);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
