/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_ASKER_H
#define HOST_AGENT_ASKER_H

#include "message/message.h"

/* The questions of sandboxes that wait for an answer. Each sandbox has a UNIX stream socket of its
 * own (askdir.h), so the host knows who asks, and an answer goes back over the very connection
 * that the question came by. Whoever asks sends a message whose event is PermissionRequest, one
 * line in one write, within 2 s. It gets `wait SECONDS\n` once the message is accepted, then
 * `allow\n` or `deny\n`, or just the end.
 *
 * Runs in the default main context, and never waits for a peer. */

typedef struct Asker Asker;

/* A sandbox asks. Takes MESSAGE. TRUE when it is accepted, as *ID: no other that waits has it. */
typedef gboolean AskerFunc(const char *sandbox, Message *message, guint64 *id, void *data);

/* ID is over without an answer: whoever asked is gone, or its time is up. Called once. Of the
 * functions here, AskerFunc may call asker_over(), and this one none. */
typedef void AskerGoneFunc(guint64 id, void *data);

Asker *asker_new(AskerFunc *func, AskerGoneFunc *gone, void *data);

/* How long a question waits, at most a day. 0, as at first: there is no socket anywhere, and what
 * waited ends. Questions that wait keep the time they were told. */
void asker_set_timeout(Asker *asker, guint seconds);

/* DIR is the directory of SANDBOX's FIFO. Looks whether an `ask` is in it, or another than before,
 * or none any more; a socket that is there stays as it is. */
void asker_look(Asker *asker, const char *sandbox, const char *dir);

void asker_forget(Asker *asker, const char *sandbox);

/* Does nothing for an ID that is over. */
void asker_answer(Asker *asker, guint64 id, gboolean allow);

/* ID gets no answer: it ends without a word, and the agent's own prompt goes on. */
void asker_dismiss(Asker *asker, guint64 id);

/* What SLOT of SANDBOX (message_slot()) said is over: its questions are gone. */
void asker_over(Asker *asker, const char *sandbox, const char *slot);

/* All that wait are gone. */
void asker_free(Asker *asker);

#endif
