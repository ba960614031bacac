/* SPDX-License-Identifier: ISC */
#include "agent.h"

#include <libssh/libssh.h>
#include <stdlib.h>

#include "channel.h"
#include "cleanup.h"
#include "log.h"

#define AGENTS_MAX 32

struct agent {
    struct channel channel; /* first */
    int fd;                 /* until the peer has confirmed the channel; then the relay's */
};

/* Opening goes on with every turn that the socket's events bring. */
static void serve(struct channel *channel, const struct pollset *set)
{
    struct agent *agent = (struct agent *)channel;

    (void)set;
    if (agent->fd >= 0) {
        int rc = ssh_channel_open_auth_agent(channel->ssh);
        if (rc == SSH_OK)
            channel->over = relay_attach_both(&channel->relay, steal_fd(&agent->fd)) < 0;
        else if (rc != SSH_AGAIN)
            channel->over = true;
        return;
    }
    /* Requests and replies alternate: once either side has ended, nothing more will come. */
    if (channel->peer_closed || relay_output_done(&channel->relay) ||
        (channel->relay.peer_eof && channel->relay.to < 0)) {
        ssh_channel_close(channel->ssh);
        channel->over = true;
    }
}

static void hang_up(struct channel *channel)
{
    close_fd(&((struct agent *)channel)->fd);
}

static void free_agent(struct channel *channel)
{
    hang_up(channel);
    free(channel);
}

static const struct channel_kind kind = {"agent", AGENTS_MAX, NULL, serve, hang_up, free_agent};

void agent_forward(struct connection *connection, int fd)
{
    struct agent *agent = calloc(1, sizeof(*agent));

    if (!agent || (agent->fd = fd, channel_add(&agent->channel, connection, &kind)) < 0) {
        close(fd);
        free(agent);
    }
}
