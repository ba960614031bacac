/* SPDX-License-Identifier: ISC */
#include "clients.h"

#include <signal.h>
#include <stdlib.h>

#include "cleanup.h"
#include "log.h"

size_t clients_places(const struct options *options)
{
    return (size_t)options->max_connections + options->max_startups;
}

int clients_init(struct clients *clients, const struct options *options)
{
    *clients = (struct clients){.options = options};
    clients->list = calloc(clients_places(options), sizeof(*clients->list));
    return clients->list ? 0 : -1;
}

void clients_free(struct clients *clients)
{
    for (size_t i = 0; i < clients->count; i++)
        close_fd(&clients->list[i].control);
    free(clients->list);
    *clients = (struct clients){0};
}

static unsigned count_state(const struct clients *clients, int state)
{
    unsigned count = 0;

    for (size_t i = 0; i < clients->count; i++)
        count += (int)clients->list[i].state == state;
    return count;
}

/* A login takes some 20 ms, so that a flood mostly hits itself: MaxStartups of sshd_config(5). */
static void drop_one(struct clients *clients, unsigned starting)
{
    unsigned chosen = arc4random_uniform(starting);

    for (size_t i = 0; i < clients->count; i++) {
        struct client *client = &clients->list[i];
        if (client->state == CLIENT_STARTING && chosen-- == 0) {
            log_info("[%d] dropped: %u connections have not logged in", (int)client->pid, starting);
            kill(client->pid, SIGTERM);
            client->state = CLIENT_DROPPED;
            return;
        }
    }
}

bool clients_make_room(struct clients *clients)
{
    const struct options *options = clients->options;
    unsigned starting = count_state(clients, CLIENT_STARTING);

    if (count_state(clients, CLIENT_LOGGED_IN) >= options->max_connections) {
        log_error("connection refused: %u are logged in already", options->max_connections);
        return false;
    }
    if (starting >= options->max_startups)
        drop_one(clients, starting);
    return clients->count < clients_places(options);
}

void clients_add(struct clients *clients, pid_t pid, int control,
                 const struct sockaddr_storage *address)
{
    clients->list[clients->count++] =
        (struct client){.pid = pid, .control = control, .address = *address};
}

struct client *clients_find(const struct clients *clients, pid_t pid)
{
    for (size_t i = 0; i < clients->count; i++)
        if (clients->list[i].pid == pid)
            return &clients->list[i];
    return NULL;
}

void clients_remove(struct clients *clients, struct client *client)
{
    close_fd(&client->control);
    *client = clients->list[--clients->count];
}

void clients_forwards_agent(struct clients *clients, struct client *client)
{
    client->agent_order = ++clients->agent_order;
}

struct client *clients_newest_agent(const struct clients *clients)
{
    struct client *newest = NULL;

    for (size_t i = 0; i < clients->count; i++) {
        struct client *c = &clients->list[i];
        if (c->agent_order && (!newest || c->agent_order > newest->agent_order))
            newest = c;
    }
    return newest;
}

void clients_signal(const struct clients *clients, int number)
{
    for (size_t i = 0; i < clients->count; i++)
        kill(clients->list[i].pid, number);
}
