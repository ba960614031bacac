/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_CLIENTS_H
#define SSHD_ENTRY_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "options.h"

/* The connection processes that PID 1 has forked. */
struct client {
    pid_t pid;
    int control; /* see control.h; owned */
    struct sockaddr_storage address;
    enum { CLIENT_STARTING, CLIENT_LOGGED_IN, CLIENT_DROPPED } state;
    uint64_t agent_order; /* 0: forwards none; the greatest is the newest */
};

struct clients {
    struct client *list; /* places for max_connections and max_startups of them */
    size_t count;
    const struct options *options;
    uint64_t agent_order;
};

/* The most that there can be at one time. */
size_t clients_places(const struct options *options);

/* -1: no memory. */
int clients_init(struct clients *clients, const struct options *options);
void clients_free(struct clients *clients);

/* Is there a place for one more? Of those that have not logged in, one by chance is ended when
 * there are too many. False: logged. */
bool clients_make_room(struct clients *clients);

/* After clients_make_room(). Owns CONTROL. */
void clients_add(struct clients *clients, pid_t pid, int control,
                 const struct sockaddr_storage *address);

struct client *clients_find(const struct clients *clients, pid_t pid);

/* Moves another one to CLIENT's place. */
void clients_remove(struct clients *clients, struct client *client);

/* CLIENT forwards an agent, and is the newest that does. */
void clients_forwards_agent(struct clients *clients, struct client *client);

/* NULL: none forwards one. */
struct client *clients_newest_agent(const struct clients *clients);

void clients_signal(const struct clients *clients, int number);

#endif
