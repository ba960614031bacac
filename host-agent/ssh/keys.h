/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_KEYS_H
#define HOST_AGENT_KEYS_H

#include "config/config.h"

/* Writes the sandbox's authorized_keys: the configured file; else the public keys that the user's
 * ssh-agent and the .pub files in ~/.ssh offer; where there is none, that of a key pair made for
 * this, and says so. */
gboolean keys_write(const Config *config, const char *sandbox, GError **error);

/* The private key made for this, if the sandboxes admit it, else NULL; free with g_free(). */
char *keys_identity(const Config *config);

#endif
