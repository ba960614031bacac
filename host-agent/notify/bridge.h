/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_BRIDGE_H
#define HOST_AGENT_BRIDGE_H

#include "intake.h"

/* Knows the sandboxes as they come and go: each is a directory DIR/NAME, with a FIFO `notify` in it
 * that a source reads (source.h). Runs in the default main context. */
typedef struct Bridge Bridge;

typedef struct {
    /* The directory of SANDBOX may have changed, or is gone. */
    void (*look)(const char *sandbox, const char *dir, void *data);
    void (*gone)(const char *sandbox, void *data);
    /* An entry of DIR, or of one in it, came or went. */
    void (*changed)(void *data);
} BridgeFuncs;

/* JOURNAL, INTAKE and FUNCS are borrowed. NULL when DIR cannot be watched. */
Bridge *bridge_new(const char *dir, const char *spool_dir, Journal *journal, Intake *intake,
                   const BridgeFuncs *funcs, void *data, GError **error);

void bridge_free(Bridge *bridge);

#endif
