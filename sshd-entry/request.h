/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_REQUEST_H
#define SSHD_ENTRY_REQUEST_H

#include <libssh/callbacks.h>

/* Fills in what serves the requests on a session channel: pty-req, env, shell, exec, subsystem,
 * window-change, signal, auth-agent-req@openssh.com. Their userdata is the struct session. */
void request_serve(struct ssh_channel_callbacks_struct *callbacks);

#endif
