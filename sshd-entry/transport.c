/* SPDX-License-Identifier: ISC */
#include "transport.h"

#include <errno.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "greeting.h"
#include "log.h"

#if LIBSSH_VERSION_INT >= SSH_VERSION_INT(0, 12, 0)
#define KEX_POST_QUANTUM "mlkem768x25519-sha256,sntrup761x25519-sha512,"
#else
#define KEX_POST_QUANTUM ""
#endif

#define KEX KEX_POST_QUANTUM "curve25519-sha256,curve25519-sha256@libssh.org"
#define AES_GCM "aes256-gcm@openssh.com,aes128-gcm@openssh.com"
#define CIPHERS AES_GCM ",chacha20-poly1305@openssh.com,aes256-ctr"
#define MACS "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"
#define HOST_KEYS "ssh-ed25519"

static const struct {
    enum ssh_bind_options_e option;
    const char *value;
} settings[] = {
    {SSH_BIND_OPTIONS_BANNER, GREETING_VERSION},
    {SSH_BIND_OPTIONS_KEY_EXCHANGE, KEX},
    {SSH_BIND_OPTIONS_CIPHERS_C_S, CIPHERS},
    {SSH_BIND_OPTIONS_CIPHERS_S_C, CIPHERS},
    {SSH_BIND_OPTIONS_HMAC_C_S, MACS},
    {SSH_BIND_OPTIONS_HMAC_S_C, MACS},
    {SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, HOST_KEYS},
    {SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, TRANSPORT_USER_KEYS},
};

ssh_bind transport_new(ssh_key host_key)
{
    ssh_bind transport = ssh_bind_new();
    int rsa_bits = 2048;
    bool read_configuration = false;

    if (!transport) {
        ssh_key_free(host_key);
        return NULL;
    }
    /* The key's owner is the bind from here on, also when a later option fails. */
    if (ssh_bind_options_set(transport, SSH_BIND_OPTIONS_IMPORT_KEY, host_key) < 0) {
        ssh_key_free(host_key);
        goto fail;
    }
    if (ssh_bind_options_set(transport, SSH_BIND_OPTIONS_PROCESS_CONFIG, &read_configuration) < 0 ||
        ssh_bind_options_set(transport, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_bits) < 0)
        goto fail;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if (ssh_bind_options_set(transport, settings[i].option, settings[i].value) < 0)
            goto fail;
    return transport;

fail:
    log_error("libssh refuses a setting: %s", ssh_get_error(transport));
    ssh_bind_free(transport);
    return NULL;
}

static int set_options(ssh_session session, bool aes_gcm)
{
    const char *ciphers = aes_gcm ? AES_GCM : CIPHERS;
    const struct {
        enum ssh_options_e option;
        const char *value;
    } options[] = {
        {SSH_OPTIONS_COMPRESSION_C_S, "none"},
        {SSH_OPTIONS_COMPRESSION_S_C, "none"},
        {SSH_OPTIONS_CIPHERS_C_S, ciphers},
        {SSH_OPTIONS_CIPHERS_S_C, ciphers},
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (ssh_options_set(session, options[i].option, options[i].value) < 0)
            return -1;
    return 0;
}

ssh_session transport_accept(ssh_bind transport, int fd)
{
    cleanup_fd int nobody = -1;
    int ends[2];
    bool aes_gcm = greeting_exchange(fd);
    ssh_session session = ssh_new();

    if (!session || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
        log_error("cannot start the protocol: %s", strerror(errno));
        ssh_free(session);
        return NULL;
    }
    nobody = ends[1];
    if (ssh_bind_accept_fd(transport, session, ends[0]) != SSH_OK ||
        set_options(session, aes_gcm) < 0) {
        log_error("cannot start the protocol: %s", ssh_get_error(session));
        ssh_free(session);
        return NULL;
    }
    if (greeting_hand_over(session, nobody, fd) < 0) {
        ssh_free(session);
        return NULL;
    }
    return session;
}
