/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_AUTOSTART_H
#define HOST_AGENT_AUTOSTART_H

/* Sees to it that a bridge (`host-agent notify`) runs: as the user's systemd unit where that is
 * installed, else as a daemon of ours. Where one runs already, another ends at once: it finds the
 * lock taken. What goes wrong is told, and no reason to fail. */
void autostart_bridge(void);

#endif
