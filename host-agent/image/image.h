/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_IMAGE_H
#define HOST_AGENT_IMAGE_H

#include "config/config.h"
#include "sandbox/sandbox.h"

/* Sees to it that the image config->image is there: the configured registry's, else the local one,
 * else built. Where there is a local one it takes config->pull_timeout at most. Says in one line on
 * standard error which of them serves, and why the earlier ones do not. */
gboolean image_resolve(const Config *config, GError **error);

/* Says in one line on standard error that config->image is another by now than the one that
 * SANDBOX runs, or is made on top of. */
void image_tell_waiting(const Config *config, const Sandbox *sandbox);

/* Where a sandbox runs, so that nobody is to wait: gets what the registry has in the background, so
 * that the next `up` tells of it. Silent, whatever comes of it. */
void image_look_for_newer(const Config *config);

#endif
