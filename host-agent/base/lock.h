/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_LOCK_H
#define HOST_AGENT_LOCK_H

#include <glib.h>

/* Only one host-agent at a time starts or stops sandboxes and writes the SSH files. Waits for its
 * turn, saying so where it takes longer. Returns a descriptor that holds the lock until it is
 * closed, or -1. The kernel lets go of it with the process, so a crash leaves no lock behind. */
int lock_take(GError **error);

/* The same for a lock of its own, the file PATH. */
int lock_wait(const char *path, GError **error);

/* The same without waiting. -1 with no error set: another process has it. */
int lock_try(const char *path, GError **error);

/* Who decides by an image's tags, and then sets or removes one, holds this meanwhile; image/nightly
 * does, too. Nobody holds it for long, so it waits without a word. */
int lock_tags(GError **error);

void lock_drop(int lock); /* -1 is fine */

#endif
