/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_WARMUP_H
#define SSHD_ENTRY_WARMUP_H

#include <libssh/server.h>

/* Exchanges keys with ourselves, once and before any fork: what libcrypto looks up and keeps at its
 * first use of an algorithm, some 200 KiB and 2 ms, is then shared by all connections and not made
 * by each. Without effect if it fails. */
void warmup(ssh_bind transport);

#endif
