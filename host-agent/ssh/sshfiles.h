/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_SSHFILES_H
#define HOST_AGENT_SSHFILES_H

#include <glib.h>

/* The client's side: $XDG_STATE_HOME/host-agent/known_hosts and ssh_config, made from all running
 * sandboxes, and the options that both ssh_config and our own ssh command lines give. */

typedef struct {
    const char *name;
    int port;
    const char *key; /* `ssh-ed25519 BASE64` */
} SshHost;

/* Pure: options of ssh_config(5), `Keyword value` each, that lead to HOST and trust its key alone.
 * IDENTITY may be NULL. Free with g_strfreev(). */
char **sshfiles_options(const SshHost *host, const char *known_hosts, const char *identity);

/* Pure: the two files' texts; HOSTS is COUNT long. Free with g_free(). */
char *sshfiles_known_hosts(const SshHost *hosts, size_t count);
char *sshfiles_config(const SshHost *hosts, size_t count, const char *known_hosts,
                      const char *identity);

char *sshfiles_known_hosts_path(void);
char *sshfiles_config_path(void);

/* The key by which the sandbox NAME is known (NULL if it is not yet), and remembering it. */
char *sshfiles_key(const char *name);
gboolean sshfiles_remember(const char *name, const char *key, GError **error);

/* Writes both files from the running ones of SANDBOXES (of Sandbox). Under the lock. */
gboolean sshfiles_refresh(GPtrArray *sandboxes, const char *identity, GError **error);

#endif
