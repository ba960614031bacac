/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_AUTHKEYS_H
#define SSHD_ENTRY_AUTHKEYS_H

#include <stddef.h>

#include "keyoptions.h"

/* Pure reader of authorized_keys, sshd(8), AUTHORIZED_KEYS FILE FORMAT. */

#define AUTHKEYS_LINE_MAX 8192 /* bytes; as in OpenSSH, a longer line names no key */

enum authkeys_verdict {
    AUTHKEYS_ABSENT,   /* no line names this key */
    AUTHKEYS_ADMITTED, /* a line names it */
    AUTHKEYS_REFUSED,  /* a line names it, but its options forbid, or are not understood */
};

struct authkeys_match {
    enum authkeys_verdict verdict;
    unsigned line;    /* where the verdict comes from, counted from 1; 0 if absent */
    char reason[120]; /* if refused */
};

struct authkeys_query {
    const char *type;    /* "ssh-ed25519" */
    const char *blob;    /* the key in base64 */
    const char *address; /* of the client, numeric */
    time_t now;
};

/* Does TEXT (LENGTH bytes, need not end in NUL) admit the key that QUERY is about? If so OPTIONS,
 * to be freed by the caller in any case, says what it may. An option that is not understood might
 * forbid what this server would then allow, so it refuses its line; a later line that admits the
 * same key still counts. */
struct authkeys_match authkeys_find(const char *text, size_t length,
                                    const struct authkeys_query *query, struct keyoptions *options);

#endif
