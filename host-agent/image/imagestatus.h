/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGESTATUS_H
#define HOST_AGENT_IMAGESTATUS_H

#include "config/config.h"

/* Prints what is known of config->image: on standard output, as JSON or as lines. The registry has
 * config->pull_timeout to answer. */
gboolean imagestatus_print(const Config *config, gboolean json, GError **error);

#endif
