/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_JOURNAL_H
#define HOST_AGENT_JOURNAL_H

#include "record.h"

/* The file that knows every message which was accepted and what became of it: lines that are only
 * ever appended, each in one piece, and now and then written anew without what is long over. It
 * outlives a killed bridge; after a power cut its last seconds may be missing. All functions may be
 * called from any thread. */
typedef struct Journal Journal;

/* Opens the journal in DIR, which is made, for this process alone. *waiting gets the records that
 * wait to be shown (Record, the oldest first; free with g_ptr_array_unref()). */
Journal *journal_open(const char *dir, GPtrArray **waiting, GError **error);
void journal_close(Journal *journal);

/* The id for the next record. */
guint64 journal_next(Journal *journal);

/* How far SANDBOX's spool is in the journal; zeroes: nothing is known of it. */
Mark journal_mark(Journal *journal, const char *sandbox);

/* Keep RECORDS (Record); FOLD, which now counts the record ID; SANDBOX's mark; the new state of the
 * record ID (of a fold: of the folds of its sandbox before it, too). What cannot be kept is said
 * once, and goes on without. */
void journal_add(Journal *journal, const GPtrArray *records);
void journal_fold(Journal *journal, const Record *fold, guint64 id);
void journal_set_mark(Journal *journal, const char *sandbox, const Mark *mark);
void journal_set_state(Journal *journal, guint64 id, RecordState state);

/* The last records of all sandboxes, the oldest first (Record, free with g_ptr_array_unref()); none
 * when there is no journal yet. Reads beside a running bridge. NULL with an error set when it
 * cannot be read. */
GPtrArray *journal_history(GError **error);

#endif
