/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_CONTROL_H
#define SSHD_ENTRY_CONTROL_H

/* What PID 1 and a connection process say to each other, over a socket pair of datagrams:
 * up:   one byte, CONTROL_LOGGED_IN, or CONTROL_FORWARDS_AGENT once the client forwards its agent;
 * down: a byte once the agent's path is there, then a client of the agent socket, as a descriptor,
 *       again and again. */

#define CONTROL_LOGGED_IN 'L'
#define CONTROL_FORWARDS_AGENT 'A'

/* Both ends are CLOEXEC and non-blocking. -1: errno. */
int control_pair(int ends[2]);

int control_send(int control, char byte);

/* Waits for the byte that answers CONTROL_FORWARDS_AGENT. -1: it did not come. */
int control_await(int control);

/* Sends FD, which stays the caller's. -1: the other end is gone, or its queue is full. */
int control_send_fd(int control, int fd);

/* A descriptor for the caller to own, or -1: nothing there (EAGAIN), or the end (errno 0). */
int control_receive_fd(int control);

#endif
