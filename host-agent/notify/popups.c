/* SPDX-License-Identifier: ISC */
#include "popups.h"

#include <libnotify/notify.h>
#include <string.h>

#define APP_NAME "host-agent"
#define BY_USER 2     /* the reason of a NotificationClosed signal */
#define SHOWN_MAX 128 /* of a sandbox: of which a click is still understood */

typedef struct {
    Popups *popups;
    NotifyNotification *note;
    guint64 id;
    char *sandbox;
    char *slot;
    guint client;
    gboolean question;
    gboolean closed;
} Shown;

struct Popups {
    PopupsFunc *func;
    void *data;
    GQueue shown; /* Shown, the oldest first */
};

Popups *popups_new(PopupsFunc *func, void *data)
{
    Popups *p = g_new0(Popups, 1);

    p->func = func;
    p->data = data;
    notify_init(APP_NAME);
    return p;
}

static void shown_free(Shown *shown)
{
    g_signal_handlers_disconnect_by_data(shown->note, shown);
    notify_notification_clear_actions(shown->note);
    g_object_unref(shown->note);
    g_free(shown->sandbox);
    g_free(shown->slot);
    g_free(shown);
}

void popups_forget(Popups *p)
{
    g_queue_clear_full(&p->shown, (GDestroyNotify)shown_free);
}

void popups_reconnect(Popups *p)
{
    popups_forget(p);
    notify_uninit();
    notify_init(APP_NAME);
}

void popups_free(Popups *p)
{
    popups_forget(p);
    notify_uninit();
    g_free(p);
}

static void drop(Shown *shown)
{
    g_queue_remove(&shown->popups->shown, shown);
    shown_free(shown);
}

/* What the user chose, on its way to the main thread. */
typedef struct {
    PopupsFunc *func;
    void *data;
    PopupAction action;
    guint64 id;
    char *sandbox;
    guint client;
    char *token;
} Choice;

static void choice_free(gpointer data)
{
    Choice *choice = data;

    g_free(choice->sandbox);
    g_free(choice->token);
    g_free(choice);
}

static gboolean choice_made(gpointer data)
{
    const Choice *c = data;

    c->func(c->action, c->id, c->sandbox, c->client, c->token, c->data);
    return G_SOURCE_REMOVE;
}

static void tell(const Popups *p, PopupAction action, guint64 id, const Shown *shown)
{
    Choice *choice = g_new0(Choice, 1);

    *choice = (Choice){.func = p->func, .data = p->data, .action = action, .id = id};
    if (shown) {
        choice->sandbox = g_strdup(shown->sandbox);
        choice->client = shown->client;
        choice->token = g_strdup(notify_notification_get_activation_token(shown->note));
    }
    g_main_context_invoke_full(NULL, G_PRIORITY_DEFAULT, choice_made, choice, choice_free);
}

/* libnotify is still at work with it, in the signal that tells us: sweep() frees it. */
static void on_closed(NotifyNotification *note, gpointer data)
{
    Shown *shown = data;

    shown->closed = TRUE;
    if (shown->question && notify_notification_get_closed_reason(note) == BY_USER)
        tell(shown->popups, POPUP_DISMISSED, shown->id, shown);
}

static void sweep(Popups *p)
{
    for (GList *l = p->shown.head, *next; l; l = next) {
        next = l->next;
        if (((Shown *)l->data)->closed)
            drop(l->data);
    }
}

static PopupAction action_named(const char *name)
{
    if (strcmp(name, "allow") == 0)
        return POPUP_ALLOW;
    return strcmp(name, "deny") == 0 ? POPUP_DENY : POPUP_FOCUS;
}

static void on_action(NotifyNotification *note, char *name, gpointer data)
{
    const Shown *shown = data;

    (void)note;
    tell(shown->popups, action_named(name), shown->id, shown);
}

void popups_dismiss(Popups *p, guint64 id)
{
    tell(p, POPUP_DISMISSED, id, NULL);
}

static Shown *find_slot(Popups *p, const char *sandbox, const char *slot)
{
    for (GList *l = p->shown.head; slot && l; l = l->next) {
        Shown *shown = l->data;
        if (shown->slot && strcmp(shown->slot, slot) == 0 && strcmp(shown->sandbox, sandbox) == 0)
            return shown;
    }
    return NULL;
}

/* Makes room for one more of SANDBOX. */
static void shrink(Popups *p, const char *sandbox)
{
    Shown *oldest = NULL;
    guint count = 0;

    for (GList *l = p->shown.tail; l; l = l->prev) {
        if (strcmp(((Shown *)l->data)->sandbox, sandbox) == 0) {
            oldest = l->data;
            count++;
        }
    }
    if (count >= SHOWN_MAX)
        drop(oldest);
}

static Shown *add(Popups *p, const Popup *popup)
{
    Shown *shown = g_new0(Shown, 1);

    shown->popups = p;
    shown->sandbox = g_strdup(popup->sandbox);
    shown->slot = g_strdup(popup->slot);
    shown->note = notify_notification_new(popup->summary, NULL, NULL);
    g_signal_connect(shown->note, "closed", G_CALLBACK(on_closed), shown);
    shrink(p, popup->sandbox);
    g_queue_push_tail(&p->shown, shown);
    return shown;
}

static void set_text(NotifyNotification *note, const Popup *popup, const Service *service)
{
    g_autofree char *escaped = service->markup ? g_markup_escape_text(popup->body, -1) : NULL;
    g_autofree char *both = g_strdup_printf("%s: %s", popup->summary, popup->body);

    if (service->body)
        notify_notification_update(note, popup->summary, escaped ? escaped : popup->body,
                                   popup->icon);
    else
        notify_notification_update(note, both, NULL, popup->icon);
}

static void set_actions(Shown *shown, const Popup *popup, const Service *service)
{
    notify_notification_clear_actions(shown->note);
    if (!service->actions)
        return;
    notify_notification_add_action(shown->note, "default", "Go there", on_action, shown, NULL);
    if (!popup->question)
        return;
    notify_notification_add_action(shown->note, "allow", "Allow", on_action, shown, NULL);
    notify_notification_add_action(shown->note, "deny", "Deny", on_action, shown, NULL);
}

gboolean popups_show(Popups *p, const Popup *popup, const Service *service, GError **error)
{
    sweep(p);
    Shown *shown = find_slot(p, popup->sandbox, popup->slot);
    if (!shown)
        shown = add(p, popup);
    shown->id = popup->id;
    shown->client = popup->client;
    shown->question = popup->question;
    set_text(shown->note, popup, service);
    notify_notification_clear_hints(shown->note);
    notify_notification_set_urgency(shown->note, (NotifyUrgency)popup->urgency);
    if (popup->sound)
        notify_notification_set_hint(shown->note, "sound-name", g_variant_new_string(popup->sound));
    set_actions(shown, popup, service);
    if (notify_notification_show(shown->note, error))
        return TRUE;
    drop(shown);
    return FALSE;
}

static void close_shown(Shown *shown)
{
    if (shown) {
        notify_notification_close(shown->note, NULL); /* gone already is as good */
        drop(shown);
    }
}

void popups_close(Popups *p, guint64 id)
{
    for (GList *l = p->shown.head; l; l = l->next) {
        if (((Shown *)l->data)->id == id) {
            close_shown(l->data);
            return;
        }
    }
}

void popups_close_slot(Popups *p, const char *sandbox, const char *slot, guint64 before)
{
    Shown *shown = find_slot(p, sandbox, slot);

    if (shown && shown->id < before)
        close_shown(shown);
}
