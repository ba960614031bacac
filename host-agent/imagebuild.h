/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGEBUILD_H
#define HOST_AGENT_IMAGEBUILD_H

#include "config.h"

/* What config->image is built from, a new string. */
char *imagebuild_file(const Config *config);

/* Builds config->image by image/build, whose progress goes to standard error, and keeps it beside
 * its date. NO_CACHE: every layer anew. */
gboolean imagebuild_run(const Config *config, gboolean no_cache, GError **error);

#endif
