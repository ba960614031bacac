/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_TERMINFO_H
#define SSHD_ENTRY_TERMINFO_H

#include <stdbool.h>

#define TERMINFO_FALLBACK "xterm-256color"

/* May NAME be a terminal's name, safe to make a path of and to print? term(7). Pure. */
bool terminfo_name_is_valid(const char *name);

/* Has this system a description of terminal NAME? Looks where ncurses does, terminfo(5); HOME may
 * be NULL. */
bool terminfo_has(const char *name, const char *home);

#endif
