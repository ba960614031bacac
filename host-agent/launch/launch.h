/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_LAUNCH_H
#define HOST_AGENT_LAUNCH_H

#include "config/config.h"
#include "sandbox/sandbox.h"
#include "volume.h"

/* Starting a sandbox, step by step. */
typedef struct {
    const Config *config;
    const char *project; /* canonical path */
    const char *name;    /* wanted; NULL: made of the project's */
    int port;            /* wanted, busy is an error; 0: the first free one */
    const char *image;   /* the project's (extend.h), or config's */
} Launch;

/* Starts it, waits until it is ready, and remembers its host key. SANDBOXES are those there are. A
 * failure leaves nothing behind. Under the lock. */
Sandbox *launch_run(const Launch *launch, GPtrArray *sandboxes, GError **error);

/* The command line that launch_run() would run, as one line for a shell. Makes nothing. */
char *launch_describe(const Launch *launch, GPtrArray *sandboxes, GError **error);

/* Pure: the name that the sandbox of PROJECT gets. The one under which it has its home already;
 * else the first that no other project's sandbox or home bears. WANTED may be NULL. */
char *launch_name(const char *project, const char *wanted, GPtrArray *sandboxes, GPtrArray *volumes,
                  GError **error);

#endif
