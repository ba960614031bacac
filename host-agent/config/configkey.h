/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_CONFIGKEY_H
#define HOST_AGENT_CONFIGKEY_H

#include "config.h"

/* The keys of the configuration file, and what each may be set to. Pure. */

#define CONFIGKEY_MAX 32

/* Sets the key NAME of SECTION in CONFIG; `~/` in VALUE stands for HOME. SEEN, zeroed at first,
 * remembers which keys were given. Returns NULL, or what is wrong, a new string. */
char *configkey_set(Config *config, gboolean seen[CONFIGKEY_MAX], const char *section,
                    const char *name, const char *value, const char *home);

/* As the file spells them: ConfigNetwork, ConfigTerminal. */
extern const char *const configkey_networks[];
extern const char *const configkey_terminals[];

#endif
