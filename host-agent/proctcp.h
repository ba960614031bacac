/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PROCTCP_H
#define HOST_AGENT_PROCTCP_H

/* The number of established connections whose local end is 127.0.0.1:PORT, in the text of
 * /proc/net/tcp (proc_net_tcp(5)). Pure. */
unsigned proctcp_sessions(const char *text, int port);

#endif
