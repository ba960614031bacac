/* SPDX-License-Identifier: ISC */
#include "auth.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "authkeys.h"
#include "cleanup.h"
#include "log.h"

#define FILE_MAX 1048576 /* bytes */

/* The whole file, which the caller frees; NULL: logged. */
static char *read_file(const char *path, size_t *length)
{
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        log_error("nobody can log in: cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
        log_error("nobody can log in: %s is no plain file of at most %d bytes", path, FILE_MAX);
        return NULL;
    }
    char *text = malloc((size_t)st.st_size + 1);
    ssize_t n = text ? read(fd, text, (size_t)st.st_size) : -1;
    if (n < 0) {
        log_error("nobody can log in: cannot read %s: %s", path, strerror(errno));
        free(text);
        return NULL;
    }
    *length = (size_t)n;
    return text;
}

static bool is_login(const struct options *options, const char *user)
{
    for (size_t i = 0; i < options->login_count; i++)
        if (strcmp(options->logins[i], user) == 0)
            return true;
    return false;
}

/* libssh refuses a short RSA key only at the signature, by ending the connection: then the client
 * never offers its next one. A blob of 2048 bits is type, exponent and modulus, each with its
 * length (RFC 4253 section 6.6): at least this many bytes, of which base64 makes four characters of
 * three. */
enum { RSA_2048_BYTES = 4 + 7 + 4 + 1 + 4 + 256 };

static bool is_short_rsa(const char *type, const char *blob)
{
    return strcmp(type, "ssh-rsa") == 0 && strlen(blob) / 4 * 3 < RSA_2048_BYTES;
}

/* The file is read for every request, so that a key that was added or taken away counts at once. */
static bool file_admits(struct auth *auth, ssh_key key)
{
    const char *path = auth->options->authorized_keys;
    struct authkeys_query query = {.type = ssh_key_type_to_char(ssh_key_type(key)),
                                   .address = auth->address,
                                   .now = time(NULL)};
    size_t length = 0;
    cleanup_free char *text = read_file(path, &length);
    char *blob = NULL;

    if (!text || !query.type || ssh_pki_export_pubkey_base64(key, &blob) != SSH_OK)
        return false;
    query.blob = blob;
    bool is_short = is_short_rsa(query.type, blob);
    keyoptions_free(&auth->grant);
    struct authkeys_match match = authkeys_find(text, length, &query, &auth->grant);
    ssh_string_free_char(blob);
    if (is_short) {
        log_info("key refused: RSA of less than 2048 bits");
        return false;
    }
    if (match.verdict == AUTHKEYS_REFUSED)
        log_error("%s:%u: key refused: %s", path, match.line, match.reason);
    return match.verdict == AUTHKEYS_ADMITTED;
}

static void remember_who(struct auth *auth, ssh_key key)
{
    unsigned char *hash = NULL;
    size_t length = 0;
    char *text = NULL;

    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == 0)
        text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length);
    snprintf(auth->who, sizeof(auth->who), "%s %s", ssh_key_type_to_char(ssh_key_type(key)),
             text ? text : "?");
    ssh_clean_pubkey_hash(&hash);
    ssh_string_free_char(text);
}

/* Nothing else is going on in this process, and SIGALRM or SIGTERM ends it here as elsewhere. */
static int refuse(struct auth *auth)
{
    const struct timespec delay = {auth->delay_ms / 1000, auth->delay_ms % 1000 * 1000000L};

    auth->refused++;
    nanosleep(&delay, NULL);
    return SSH_AUTH_DENIED;
}

int auth_public_key(struct auth *auth, const char *user, ssh_key key, char state)
{
    auth->asked = true;
    if (auth->admitted || auth_exhausted(auth))
        return SSH_AUTH_DENIED;
    if (!is_login(auth->options, user)) {
        log_info("no such user: %.100s", user);
        return refuse(auth);
    }
    if (state != SSH_PUBLICKEY_STATE_NONE && state != SSH_PUBLICKEY_STATE_VALID)
        return refuse(auth);
    if (!file_admits(auth, key))
        return refuse(auth);
    if (state == SSH_PUBLICKEY_STATE_VALID) {
        remember_who(auth, key);
        auth->admitted = true;
    }
    return SSH_AUTH_SUCCESS;
}

void auth_other(struct auth *auth, int method)
{
    if (auth->admitted)
        return;
    if (method == SSH_AUTH_METHOD_NONE && !auth->probed)
        auth->probed = true;
    else
        refuse(auth);
}

void auth_start(struct auth *auth, ssh_session session, const struct options *options,
                const char *address, unsigned delay_ms)
{
    *auth = (struct auth){.options = options, .address = address, .delay_ms = delay_ms};
    keyoptions_default(&auth->grant);
    ssh_set_auth_methods(session, SSH_AUTH_METHOD_PUBLICKEY);
}

bool auth_exhausted(const struct auth *auth)
{
    return auth->refused >= auth->options->max_auth_tries;
}
