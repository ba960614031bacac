/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SPOOL_H
#define HOST_AGENT_SPOOL_H

#include "record.h"

#include <sys/types.h>

/* One sandbox's bytes on their way from its FIFO into the journal. splice(2) moves them from the
 * pipe into the file SANDBOX.NUMBER in one step: whenever the bridge is killed, a byte is in the
 * pipe or in the file. The file is there only while it holds what the journal does not have. */
typedef struct {
    char *dir;
    char *sandbox;
    guint64 number; /* of the file, or of the last one */
    int fd;         /* -1: there is none */
    off_t size;     /* of what is in it and was given out */
} Spool;

/* MARK is the journal's. Takes over a file that a killed bridge left. */
void spool_init(Spool *spool, const char *dir, const char *sandbox, const Mark *mark);

/* Closes it; the file stays. */
void spool_clear(Spool *spool);

/* Up to SIZE bytes that a killed bridge left behind the mark, then none (0). Next, what the FIFO
 * holds: -1 with EAGAIN when it is empty. */
ssize_t spool_recover(Spool *spool, char *bytes, size_t size);
ssize_t spool_take(Spool *spool, int fifo, char *bytes, size_t size);

/* All that was given out is in the journal, or was nothing to keep. MARK is the journal's: the next
 * file is the one after it, where a new bridge looks for it. */
void spool_done(Spool *spool, const Mark *mark);

/* The last SIZE bytes that were given out, BYTES, begin a new file, which the others need no more:
 * a stream that never pauses at the end of a line would fill the disk. TRUE: the caller keeps the
 * new file's mark, offset 0, before spool_drop() removes the old one. */
gboolean spool_renew(Spool *spool, const char *bytes, size_t size);
void spool_drop(const Spool *spool);

/* The sandboxes of which DIR holds a file. Free with g_ptr_array_unref(). */
GPtrArray *spool_list(const char *dir);

#endif
