/* SPDX-License-Identifier: ISC */
#include "warmup.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define ROUNDS 32 /* it takes fewer than 10 */

static int set_up(ssh_bind transport, ssh_session server, int server_fd, ssh_session client,
                  int client_fd)
{
    bool read_configuration = false;

    if (ssh_bind_accept_fd(transport, server, server_fd) != SSH_OK ||
        ssh_options_set(client, SSH_OPTIONS_PROCESS_CONFIG, &read_configuration) < 0 ||
        ssh_options_set(client, SSH_OPTIONS_HOST, "localhost") < 0 ||
        /* Those in the home directory are anybody's: a FIFO there would stop us. */
        ssh_options_set(client, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") < 0 ||
        ssh_options_set(client, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") < 0 ||
        ssh_options_set(client, SSH_OPTIONS_FD, &client_fd) < 0)
        return -1;
    ssh_set_blocking(server, 0);
    ssh_set_blocking(client, 0);
    return 0;
}

/* Both ends take turns: neither has to wait. */
static int exchange_keys(ssh_session server, ssh_session client)
{
    int served = SSH_AGAIN, connected = SSH_AGAIN;

    for (int i = 0; i < ROUNDS && (served == SSH_AGAIN || connected == SSH_AGAIN); i++) {
        if (served == SSH_AGAIN)
            served = ssh_handle_key_exchange(server);
        if (connected == SSH_AGAIN)
            connected = ssh_connect(client);
    }
    return served == SSH_OK && connected == SSH_OK ? 0 : -1;
}

void warmup(ssh_bind transport)
{
    int ends[2];
    ssh_session server = ssh_new(), client = ssh_new();

    if (!server || !client ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
        log_debug("no warm-up");
    } else if (set_up(transport, server, ends[0], client, ends[1]) < 0 ||
               exchange_keys(server, client) < 0) {
        log_debug("no warm-up: %s%s", ssh_get_error(server), ssh_get_error(client));
    }
    ssh_free(server); /* with its descriptor */
    ssh_free(client);
}
