/* SPDX-License-Identifier: ISC */
#include "extension.h"

#include <stdio.h>
#include <string.h>

#include "channel.h"
#include "connection.h"
#include "log.h"
#include "transport.h"

#define NAMES "terminal modes, eow@openssh.com, direct-streamlocal@openssh.com, touch of sk- keys"

#ifdef WITH_LIBSSH_INTERNALS
#define HAVING "with"

/* Not in libssh's headers. They are so in 0.10.6, 0.11.5 and 0.12.2: whoever adds a version reads
 * packet.c (first come first served, the callbacks are not copied), channels.c, messages.c and
 * server.c of it. */
void ssh_packet_set_callbacks(ssh_session session, ssh_packet_callbacks callbacks);
ssh_channel ssh_channel_from_local(ssh_session session, uint32_t number);
int ssh_auth_reply_default(ssh_session session, int partial);
SSH_PACKET_CALLBACK(ssh_packet_userauth_request);

/* RFC 4250 section 4.1.2. */
enum {
    USERAUTH_REQUEST = 50,
    CHANNEL_OPEN = 90,
    CHANNEL_OPEN_CONFIRMATION = 91,
    CHANNEL_REQUEST = 98
};

/* libssh says nothing to a key that it cannot read, nor to a signature that is wrong, and a client
 * that waits never comes to its next key. Whatever else it reads of a key, it asks auth.c about. */
static SSH_PACKET_CALLBACK(on_userauth_request)
{
    struct connection *c = user;
    struct packet_login login;

    if (c->auth.admitted)
        return SSH_PACKET_NOT_USED;
    switch (packet_login(ssh_buffer_get(packet), ssh_buffer_get_len(packet), TRANSPORT_USER_KEYS,
                         &login)) {
    case PACKET_SERVED:
        c->auth.asked = false;
        ssh_packet_userauth_request(session, type, packet, NULL);
        if (c->auth.asked)
            return SSH_PACKET_USED;
        login.reason = "it, or its signature, is wrong";
        break;
    case PACKET_REFUSED:
        break;
    case PACKET_OTHER:
        return SSH_PACKET_NOT_USED;
    }
    log_info("key refused: %s: %s", login.algorithm, login.reason);
    auth_other(&c->auth, SSH_AUTH_METHOD_PUBLICKEY);
    ssh_auth_reply_default(session, 0);
    return SSH_PACKET_USED;
}

static SSH_PACKET_CALLBACK(on_channel_open)
{
    struct connection *c = user;
    struct packet_streamlocal open;

    (void)session;
    (void)type;
    packet_raise_maximum(ssh_buffer_get(packet), ssh_buffer_get_len(packet), true);
    c->extension.path[0] = '\0';
    if (!c->auth.admitted)
        return SSH_PACKET_NOT_USED;
    switch (packet_streamlocal(ssh_buffer_get(packet), ssh_buffer_get_len(packet), &open)) {
    case PACKET_SERVED:
        ssh_buffer_reinit(packet);
        if (ssh_buffer_add_data(packet, open.direct_tcpip, sizeof(open.direct_tcpip)) == 0)
            memcpy(c->extension.path, open.path, sizeof(open.path));
        break;
    case PACKET_REFUSED:
        log_info("direct-streamlocal refused: the path is not absolute, or too long");
        break;
    case PACKET_OTHER:
        break;
    }
    return SSH_PACKET_NOT_USED;
}

static SSH_PACKET_CALLBACK(on_channel_open_confirmation)
{
    (void)session;
    (void)type;
    (void)user;
    packet_raise_maximum(ssh_buffer_get(packet), ssh_buffer_get_len(packet), false);
    return SSH_PACKET_NOT_USED;
}

static void keep_modes(struct extension *extension, struct wire_string modes)
{
    if (modes.length > sizeof(extension->modes))
        return;
    memcpy(extension->modes, modes.data, modes.length);
    extension->modes_length = modes.length;
}

static void end_output(struct connection *c, ssh_channel ssh)
{
    for (struct channel *channel = c->channels; channel; channel = channel->next)
        if (channel->ssh == ssh)
            channel->relay.unwanted = true;
    c->touched = true;
}

static SSH_PACKET_CALLBACK(on_channel_request)
{
    struct connection *c = user;

    (void)type;
    c->extension.modes_length = 0;
    if (!c->auth.admitted)
        return SSH_PACKET_NOT_USED;
    struct packet_request request =
        packet_request(ssh_buffer_get(packet), ssh_buffer_get_len(packet));
    if (request.kind == PACKET_REQUEST_PTY)
        keep_modes(&c->extension, request.modes);
    else if (request.kind == PACKET_REQUEST_EOW)
        end_output(c, ssh_channel_from_local(session, request.channel));
    return SSH_PACKET_NOT_USED;
}

static const ssh_packet_callback handlers[] = {
    on_userauth_request,
    [CHANNEL_OPEN - USERAUTH_REQUEST] = on_channel_open,
    [CHANNEL_OPEN_CONFIRMATION - USERAUTH_REQUEST] = on_channel_open_confirmation,
    [CHANNEL_REQUEST - USERAUTH_REQUEST] = on_channel_request,
};

void extension_watch(struct connection *connection)
{
    struct extension *e = &connection->extension;

    e->callbacks = (struct ssh_packet_callbacks_struct){
        .start = USERAUTH_REQUEST,
        .n_callbacks = sizeof(handlers) / sizeof(handlers[0]),
        .callbacks = (ssh_packet_callback *)handlers, /* which libssh only reads */
        .user = connection,
    };
    ssh_packet_set_callbacks(connection->ssh, &e->callbacks);
}

#else
#define HAVING "without"

void extension_watch(struct connection *connection)
{
    (void)connection;
}

#endif

void extension_print_version(void)
{
    const char *version = ssh_version(0); /* and /openssl/zlib */

    printf("libssh %.*s, " HAVING " " NAMES "\n", (int)strcspn(version, "/"), version);
}
