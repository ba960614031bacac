/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_POPUPS_H
#define HOST_AGENT_POPUPS_H

#include "service.h"

/* The notifications that are on the desktop: this file alone knows libnotify, whose calls wait for
 * the service, up to 25 s for one that hangs. All of it belongs to the thread that made it, in that
 * thread's default main context. */
typedef struct Popups Popups;

/* POPUP_DISMISSED: a question that the user closed, or that could not be shown. */
typedef enum { POPUP_FOCUS, POPUP_ALLOW, POPUP_DENY, POPUP_DISMISSED } PopupAction;

typedef struct {
    guint64 id; /* the record's */
    const char *sandbox;
    const char *slot; /* a newer one with the same slot takes its place; NULL: none does */
    const char *summary;
    const char *body;  /* plain text */
    const char *icon;  /* name or path; NULL: none */
    const char *sound; /* name; NULL: none */
    int urgency;
    guint client;      /* as a Message's */
    gboolean question; /* offers Allow and Deny */
} Popup;

/* The user chose ACTION; called in the default main context, where strings are valid for the call.
 * TOKEN lets a program come to the foreground (xdg-activation), or NULL. */
typedef void PopupsFunc(PopupAction action, guint64 id, const char *sandbox, guint client,
                        const char *token, void *data);

Popups *popups_new(PopupsFunc *func, void *data);
void popups_free(Popups *popups); /* what is on the desktop stays there */

/* Shows POPUP on SERVICE, which was reached. */
gboolean popups_show(Popups *popups, const Popup *popup, const Service *service, GError **error);

/* Tells that the question ID is POPUP_DISMISSED, without a sandbox. */
void popups_dismiss(Popups *popups, guint64 id);

/* Takes it off the desktop, if it is there (and of a record before that id). */
void popups_close(Popups *popups, guint64 id);
void popups_close_slot(Popups *popups, const char *sandbox, const char *slot, guint64 before);

/* The service is another one, which knows nothing of what the last one showed. */
void popups_forget(Popups *popups);

/* The bus is gone. GLib gives out a closed connection again for as long as somebody holds it, so
 * libnotify must let go of it, too. */
void popups_reconnect(Popups *popups);

#endif
