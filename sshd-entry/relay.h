/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_RELAY_H
#define SSHD_ENTRY_RELAY_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pollset.h"
#include "watch.h"

/* Bytes between a channel and local descriptors, both ways: partial writes, back-pressure through
 * the channel's window (RFC 4254 section 5.2), half-close, and the drain before the close.
 *
 * libssh calls back into relay_take() from within nearly any call on the session, a write on
 * another channel included; so that function only writes to a descriptor and sets flags. */

struct stash {
    char *data;
    size_t at, length; /* the bytes from AT on are waiting */
};

struct relay {
    ssh_channel channel;
    int to;        /* gets what the peer sends; -1: closed, the rest is dropped */
    int from;      /* is sent to the peer as data; -1: at its end */
    int err;       /* is sent as extended data, stderr */
    bool attached; /* the descriptors are known */
    bool terminal; /* `to` is a terminal: its end is said with a character */
    bool socket;   /* `to` is a socket: its end is said with a shutdown */
    bool peer_eof;
    bool unwanted;       /* the peer reads no more of `from` */
    bool overrun;        /* the peer sent far more than its window allows */
    bool failed;         /* libssh refused a write: the channel is of no more use */
    struct watch *watch; /* sees what `from` sends, on its way; borrowed, NULL: nobody */
    uint32_t unread;     /* bytes that libssh holds, since `to` did not take them */
    struct stash in, out, out_err;
    int64_t drain_until_ms; /* 0, or: the process behind has ended, see relay_drain() */
    int64_t drain_end_ms;   /* drain_until_ms moves no further */
    size_t drain_left;      /* bytes that may still come from it */
    uint64_t bytes_in, bytes_out;
    int to_place, from_place, err_place; /* in the pollset of this turn */
};

/* A relay without descriptors: what the peer sends waits with libssh. */
void relay_init(struct relay *relay, ssh_channel channel);

/* Owns the descriptors from here on; each may be -1, and TO and FROM must not be the same. */
void relay_attach(struct relay *relay, int to, int from, int err);

/* Both ways over one descriptor, which it owns. -1: errno; it owns it all the same. */
int relay_attach_both(struct relay *relay, int fd);

/* For the channel's data callback: returns how many of LENGTH bytes were taken. */
uint32_t relay_take(struct relay *relay, const void *data, uint32_t length);

/* Has TEXT sent before anything that `from` still has. */
void relay_say(struct relay *relay, const char *text);

/* What stands in the pipes when a process ends is still sent. A child it left behind may hold them
 * open, or write to them, for ever: so the end is reached after 250 ms in which nothing comes, and
 * at the latest after 2 s or more bytes than pipes can hold. */
void relay_drain(struct relay *relay);

/* One turn of the loop: says what to wait for, then does it. CAN_SEND: libssh has nothing unsent,
 * so that a slow peer makes us stop reading, not fill memory. */
void relay_prepare(struct relay *relay, struct pollset *set, bool can_send);
void relay_serve(struct relay *relay, const struct pollset *set, bool can_send);

/* All that came from the descriptors is with libssh, and nothing more will come. */
bool relay_output_done(const struct relay *relay);

/* Bytes of the peer's that wait for their reader. */
size_t relay_held(const struct relay *relay);

/* The channel is closed: nothing more is sent, but what came before is still written. */
void relay_end_output(struct relay *relay);

/* Closes the descriptors and forgets what was waiting. */
void relay_stop(struct relay *relay);

#endif
