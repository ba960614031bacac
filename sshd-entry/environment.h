/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_ENVIRONMENT_H
#define SSHD_ENTRY_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* A list of NAME=VALUE strings for execve(2). Pure: takes no look at the process's own
 * environment. */

#define ENVIRONMENT_VALUE_MAX 4096 /* bytes in what a client may set */

struct environment {
    char **entries; /* owned; ends with NULL; NULL while there are none */
    size_t count, capacity;
};

/* Sets NAME, in place of an earlier value. -1: no memory, or NAME cannot be the name of a
 * variable. */
int environment_set(struct environment *env, const char *name, const char *value);

/* Sets "NAME=VALUE". -1 as above. */
int environment_put(struct environment *env, const char *entry);

const char *environment_get(const struct environment *env, const char *name);
void environment_free(struct environment *env);

/* May a client set NAME to VALUE? PATTERNS are glob(7) patterns parted by commas or blanks, as in
 * AcceptEnv of sshd_config(5). */
bool environment_admits(const char *patterns, const char *name, const char *value);

#endif
