/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_HOSTKEY_H
#define SSHD_ENTRY_HOSTKEY_H

#include <libssh/libssh.h>

/* The ed25519 host key in the file PATH. Where there is no such file, makes one (mode 0600, and
 * its directory 0700): it appears whole, on disk, or not at all, and of several makers one wins.
 * The caller frees the key with ssh_key_free(). NULL: logged. */
ssh_key hostkey_load(const char *path);

/* The public half as in authorized_keys, "ssh-ed25519 AAAA...". The caller frees it. */
char *hostkey_public_line(ssh_key key);

#endif
