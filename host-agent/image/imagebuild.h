/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGEBUILD_H
#define HOST_AGENT_IMAGEBUILD_H

#include "config/config.h"

/* What config->image is built from, a new string. */
char *imagebuild_file(const Config *config);

/* Builds config->image by image/build, whose progress goes to standard error, and keeps it beside
 * its date. OPTION is image/build's, or NULL. */
gboolean imagebuild_run(const Config *config, const char *option, GError **error);

#define IMAGEBUILD_ANEW "--no-cache"         /* every layer */
#define IMAGEBUILD_IF_MISSING "--if-missing" /* there may be one, once it is our turn */

/* Does an image/build run, for which the next one waits? */
gboolean imagebuild_under_way(void);

/* Becomes image/nightly, with the settings as its options. Returns where it cannot. */
gboolean imagebuild_nightly(const Config *config, gboolean quiet, GError **error);

#endif
