/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_HOLDER_H
#define HOST_AGENT_HOLDER_H

#include <glib.h>

/* The user's processes, by the sockets they hold. A socket is its inode, guint64. */

/* The processes (pid_t) that have one of SOCKETS open, and those that are connected by a UNIX
 * socket to such a process, as the clients of ssh's ControlMaster are. Those in a container are
 * left out. Free with g_array_unref(). */
GArray *holder_find(const GArray *sockets);

/* The terminals (dev_t) of PID, of its parent and so on, nearest first, each once. Free with
 * g_array_unref(). */
GArray *holder_terminals(pid_t pid);

#endif
