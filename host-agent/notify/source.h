/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SOURCE_H
#define HOST_AGENT_SOURCE_H

#include "intake.h"

/* One sandbox's FIFO: read as it is written to, into the spool and from there line by line into the
 * intake. It is held open for reading and writing, so that it never ends, a writer always finds a
 * reader, and what is written while the bridge starts anew is kept by whoever else holds the FIFO.
 * Runs in the default main context. */
typedef struct Source Source;

/* Of SANDBOX, with its spool in SPOOL_DIR: what a killed bridge left there comes first. JOURNAL and
 * INTAKE are borrowed. */
Source *source_new(const char *sandbox, const char *spool_dir, Journal *journal, Intake *intake);

/* What it read is in the intake; the FIFO is closed. */
void source_free(Source *source);

/* Makes it read the FIFO at this path, as far as there is one of ours; of another one that it held
 * it first reads the rest. */
void source_look(Source *source, const char *fifo);

/* There will be no more: reads the rest, and takes that as whole. */
void source_end(Source *source);

#endif
