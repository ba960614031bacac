/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGE_H
#define HOST_AGENT_IMAGE_H

#include "config.h"

/* Sees to it that the image config->image is there: pulled from the configured registry, else
 * the local one, else built. Says in one line on standard error which of them served, and why the
 * earlier ones did not. */
gboolean image_resolve(const Config *config, GError **error);

#endif
