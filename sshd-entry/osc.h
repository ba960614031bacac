/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_OSC_H
#define SSHD_ENTRY_OSC_H

#include <stdbool.h>
#include <stddef.h>

/* Finds in a terminal's output what a program has to tell its user, as terminals do:
 *   OSC 9 ; TEXT                       iTerm2's; of ConEmu's, 9 ; NUMBER ; ..., none
 *   OSC 777 ; notify ; TITLE ; TEXT    rxvt's
 *   BEL                                unless it ends an OSC
 * An OSC begins with ESC ] and ends with BEL or ST (ESC \); CAN, SUB and any other ESC end it
 * without effect (ECMA-48, xterm's ctlseqs). ESC twice counts as once, as whatever goes through
 * tmux to the terminal outside has it. Pure: no I/O. */

#define OSC_MAX 2048 /* bytes of one that are kept; the rest is left out */

enum osc_state { OSC_GROUND, OSC_ESCAPE, OSC_STRING, OSC_STRING_ESCAPE };

/* Starts as zeroes, owns nothing. */
struct osc {
    enum osc_state state;
    bool rang; /* there was a BEL; set and never cleared here, and none is looked for while it is */
    size_t length;
    char string[OSC_MAX];
};

/* As the program sent it: any bytes, borrowed for the call. */
struct osc_message {
    const char *title, *text;
    size_t title_length, text_length; /* 0: none; one of them is not */
};

typedef void osc_func(const struct osc_message *message, void *data);

/* BYTES follow those of earlier calls. Where the calls cut the stream makes no difference. */
void osc_feed(struct osc *osc, const char *bytes, size_t size, osc_func *func, void *data);

#endif
