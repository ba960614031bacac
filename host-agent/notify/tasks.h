/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TASKS_H
#define HOST_AGENT_TASKS_H

#include "message/message.h"

/* Since when the agents' sessions work. It holds a bounded number of them; a sandbox that has too
 * many loses its own oldest, never another's. Pure. */

#define TASKS_MAX 1024
#define TASKS_MAX_SANDBOX 32

typedef struct Tasks Tasks;

Tasks *tasks_new(void);
void tasks_free(Tasks *tasks); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tasks, tasks_free)

/* Notes a message of SANDBOX, come at NOW, ms by any clock. Returns how long the task took whose
 * end it tells, ms; -1: it tells of no end, or the start is not known. */
gint64 tasks_note(Tasks *tasks, const char *sandbox, const Message *message, gint64 now);

#endif
