/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PANE_H
#define HOST_AGENT_PANE_H

#include <glib.h>
#include <sys/types.h>

/* A pane of one of the user's tmux servers, as one of the sessions shows it. */
typedef struct {
    char *socket; /* the server's */
    char *id;     /* these three are tmux's: %N, @N, $N */
    char *window;
    char *session;
    char *client;    /* the server's, that the user typed in last; NULL: none is attached */
    gboolean shown;  /* that client is attached to this session */
    gboolean named;  /* the window has the name that was asked for */
    gint64 activity; /* of the window; seconds since 1970 */
    dev_t terminal;
} Pane;

/* All of them (of Pane): those of windows in which something happened last come first. NAME is a
 * sandbox's. None is no error, nor is a server that does not answer. */
GPtrArray *pane_list(const char *name);

/* Selects it in its session, and shows this session to the client. */
gboolean pane_select(const Pane *pane, GError **error);

#endif
