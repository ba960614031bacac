/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PUBKEYS_H
#define HOST_AGENT_PUBKEYS_H

#include <glib.h>

/* Adds to KEYS (a set of lines `TYPE BASE64`, which it owns) each public key that stands in TEXT,
 * one a line as in `ssh-add -L` or a .pub file. Lines that are anything else (certificates,
 * options, private keys, unknown types) are left out, comments dropped. Pure. */
void pubkeys_add(GPtrArray *keys, const char *text, gsize length);

GPtrArray *pubkeys_new(void);

/* Is BLOB the base64 of an SSH public key whose type inside is TYPE (RFC 4253, 6.6)? */
gboolean pubkeys_blob_valid(const char *type, const char *blob, gsize length);

/* Pure: has TEXT, an authorized_keys file, a line with a key, after options or none? */
gboolean pubkeys_any(const char *text, gsize length);

#endif
