/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PATHS_H
#define HOST_AGENT_PATHS_H

#include <glib.h>

/* Where things live on the host. Every function returns a new string that the caller frees with
 * g_free(), and creates nothing: paths_make_private() does that.
 *
 * $XDG_RUNTIME_DIR/host-agent holds what dies with the login session (FIFOs, locks),
 * $XDG_STATE_HOME/host-agent what outlives it (known_hosts, ssh_config, authorized_keys, logs). */

char *paths_config_file(void); /* $XDG_CONFIG_HOME/host-agent/config.ini */
char *paths_config_dir(void);  /* $XDG_CONFIG_HOME/host-agent */
char *paths_runtime_dir(void); /* $XDG_RUNTIME_DIR/host-agent */
char *paths_state_dir(void);   /* $XDG_STATE_HOME/host-agent */
char *paths_spool_dir(void);   /* state_dir/.notify: no sandbox has such a name */
char *paths_trust_dir(void);   /* state_dir/.trust */
char *paths_runtime(const char *sandbox, const char *leaf); /* runtime_dir/SANDBOX[/LEAF] */
char *paths_state(const char *sandbox, const char *leaf);   /* state_dir/SANDBOX[/LEAF] */
char *paths_fifo(const char *sandbox);                      /* runtime_dir/SANDBOX/notify */

/* Holds the Containerfile and all that it copies: $HOST_AGENT_DATADIR, else
 * PREFIX/share/host-agent, if we are PREFIX/bin/host-agent. */
char *paths_data_dir(void);

/* Makes DIR and its missing parents, mode 0700. An existing DIR must be a directory of ours that
 * nobody else can write to. */
gboolean paths_make_private(const char *dir, GError **error);

#endif
