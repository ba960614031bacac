/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_TRUST_H
#define HOST_AGENT_TRUST_H

#include <glib.h>

#define TRUST_DIR ".host-agent" /* in the project */
#define TRUST_FILE "Containerfile"

/* What of a project's .host-agent the user has trusted: a copy of it, and its hash, kept where no
 * sandbox can write. */
typedef struct {
    GPtrArray *tree; /* tree.h */
    char *hash;
    char *dir; /* the copy */
} Trust;

void trust_free(Trust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trust, trust_free)

/* Pure: what a project's path is called where a path cannot stand. Part of an image's name. */
char *trust_key(const char *project);

/* The project's own .host-agent as it is now, in memory; *tree is NULL where there is none with a
 * Containerfile. Only this copy may be shown, stored or compared: the next look may find another.
 */
gboolean trust_look(const char *project, GPtrArray **tree, GError **error);

/* What was trusted last. NULL without an error: nothing. */
Trust *trust_load(const char *project, GError **error);

/* Under the lock. */
gboolean trust_store(const char *project, GPtrArray *tree, GError **error);
gboolean trust_forget(const char *project, GError **error);

/* The hash of what is trusted of the project with that KEY, by the record alone; NULL: nothing, or
 * the project is gone. Free with g_free(). */
char *trust_hash(const char *key);

#endif
