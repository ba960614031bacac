/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_NOTIFY_H
#define HOST_AGENT_NOTIFY_H

#include "outbox.h"
#include "popups.h"

/* Brings what is in the outbox to the desktop, in a thread of its own. Where there is no session
 * bus or no notification service (yet), or it does not answer, and in quiet hours, messages wait.
 * What becomes of each goes to the journal. */
typedef struct Notifier Notifier;

/* OUTBOX and JOURNAL are borrowed. FUNC is called in the default main context; its strings are
 * valid for the call. */
Notifier *notifier_new(Outbox *outbox, Journal *journal, PopupsFunc *func, void *data);

/* There is something in the outbox, or the settings are new. Never waits. */
void notifier_wake(Notifier *notifier);

/* Shows what can be shown within a second, and ends. FALSE when the thread hangs in a call: what it
 * uses must live on. */
gboolean notifier_free(Notifier *notifier);

#endif
