/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_NOTIFY_H
#define HOST_AGENT_NOTIFY_H

#include <glib.h>

/* Shows messages on the desktop. Where there is no session bus or no notification service (yet), or
 * it does not answer, the messages wait for it. */

typedef struct Notifier Notifier;

Notifier *notifier_new(void);

/* Shows TEXT as SANDBOX's, urgency critical. Never waits. */
void notifier_show(Notifier *notifier, const char *sandbox, const char *text);

/* Shows what can be shown within a second, and ends. Returns how many messages were not shown. */
guint notifier_free(Notifier *notifier);

#endif
