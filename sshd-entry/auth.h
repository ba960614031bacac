/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_AUTH_H
#define SSHD_ENTRY_AUTH_H

#include <libssh/callbacks.h>
#include <stdbool.h>

#include "keyoptions.h"
#include "options.h"

/* User authentication, RFC 4252: public keys that the authorized_keys file admits, nothing else. */
struct auth {
    const struct options *options;
    const char *address; /* of the client, numeric */
    bool admitted;
    bool asked;              /* libssh handed a request on; whoever wants to know clears it */
    bool probed;             /* the `none` request with which every client begins was answered */
    unsigned refused;        /* requests */
    unsigned delay_ms;       /* of each refusal */
    char who[96];            /* once admitted: the key's type and SHA256 fingerprint */
    struct keyoptions grant; /* once admitted: what the key may */
};

/* Tells SESSION's client, who comes from ADDRESS, which methods there are. A refusal shall take
 * DELAY_MS milliseconds. */
void auth_start(struct auth *auth, ssh_session session, const struct options *options,
                const char *address, unsigned delay_ms);

/* The client asked by another method, which will be refused. */
void auth_other(struct auth *auth, int method);

/* For the callback of the same name, ssh_auth_pubkey_callback: SSH_AUTH_SUCCESS or _DENIED. Called
 * twice for a key that is good: to ask whether a signature by it would do, and with the signature,
 * which libssh has checked before it says SSH_PUBLICKEY_STATE_VALID. */
int auth_public_key(struct auth *auth, const char *user, ssh_key key, char state);

/* Too many were refused: the connection must end. */
bool auth_exhausted(const struct auth *auth);

#endif
