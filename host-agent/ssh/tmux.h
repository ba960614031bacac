/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TMUX_H
#define HOST_AGENT_TMUX_H

#include <glib.h>

/* The tmux window that we run in, while it bears a sandbox's name. */
typedef struct {
    char *window;    /* tmux's id, @N; NULL: not in tmux, nothing to give back */
    char *name;      /* before */
    char *automatic; /* its own automatic-rename option before; "" where it had none */
} TmuxWindow;

/* Outside tmux, or where tmux refuses, does nothing. */
void tmux_rename(TmuxWindow *window, const char *name);

/* Gives the window its name back, or the ways in which it came to it. Frees what WINDOW holds. */
void tmux_restore(TmuxWindow *window);

#endif
