/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_ASKPEER_H
#define HOST_AGENT_ASKPEER_H

#include "closer.h"
#include "message/message.h"

/* One connection to a sandbox's socket for questions. */

typedef struct AskPeer AskPeer;

/* Called with the question, which it takes, and once more or at first with NULL: the peer is gone,
 * its time is up, or what it said is no question. It may free the peer. */
typedef void AskPeerFunc(Message *question, void *data);

/* Takes FD, which does not block. */
AskPeer *askpeer_new(int fd, AskPeerFunc *func, void *data);

/* Its question was accepted: says so, and gives it SECONDS from now. */
void askpeer_wait(AskPeer *peer, guint seconds);

/* A peer that does not read may not get them. */
void askpeer_say(const AskPeer *peer, const char *words);

/* Ends the connection without a word, by CLOSER. */
void askpeer_free(AskPeer *peer, Closer *closer);

#endif
