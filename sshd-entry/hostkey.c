/* SPDX-License-Identifier: ISC */
#include "hostkey.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "log.h"

#define KEY_MAX 16384 /* bytes; an ed25519 key in OpenSSH's format has about 400 */
#define NEW_SUFFIX ".new"

/* The directory lies in a volume that the container's user writes to, so what stands at the path
 * may be anything: no link is followed, a FIFO does not block us, only a plain file is read. */
static ssh_key read_key(int dir, const char *name, const char *path)
{
    cleanup_fd int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char text[KEY_MAX + 1];
    struct stat st;
    ssh_key key = NULL;

    if (fd < 0) {
        if (errno != ENOENT)
            log_error("cannot open host key %s: %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > KEY_MAX) {
        log_error("host key %s is not a plain file of at most %d bytes: remove it", path, KEY_MAX);
        errno = EINVAL;
        return NULL;
    }
    ssize_t n = read(fd, text, KEY_MAX);
    if (n < 0) {
        log_error("cannot read host key %s: %s", path, strerror(errno));
        return NULL;
    }
    text[n] = '\0';
    if (ssh_pki_import_privkey_base64(text, NULL, NULL, NULL, &key) != SSH_OK ||
        ssh_key_type(key) != SSH_KEYTYPE_ED25519) {
        log_error("host key %s is no unencrypted ed25519 key: remove it to get a new one", path);
        ssh_key_free(key);
        errno = EINVAL;
        return NULL;
    }
    if ((st.st_mode & 077) && fchmod(fd, 0600) < 0)
        log_error("host key %s is readable by others: %s", path, strerror(errno));
    return key;
}

static int write_file(int dir, const char *name, const char *text)
{
    cleanup_fd int fd =
        openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t length = strlen(text);

    if (fd < 0)
        return -1;
    while (length) {
        ssize_t n = write(fd, text, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        text += n;
        length -= (size_t)n;
    }
    return fsync(fd);
}

static ssh_key make_key(int dir, const char *name, const char *path)
{
    cleanup_free char *temporary = NULL;
    char *text = NULL;
    ssh_key key = NULL;

    if (asprintf(&temporary, "%s" NEW_SUFFIX, name) < 0) {
        temporary = NULL;
        return NULL;
    }
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK ||
        ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &text) != SSH_OK) {
        log_error("cannot generate a host key");
        goto fail;
    }
    /* A maker that was killed left its half behind; the lock says that none is at work now. */
    if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
        goto fail_errno;
    if (write_file(dir, temporary, text) < 0 || renameat(dir, temporary, dir, name) < 0 ||
        fsync(dir) < 0)
        goto fail_errno;
    explicit_bzero(text, strlen(text));
    ssh_string_free_char(text);
    return key;

fail_errno:
    log_error("cannot write host key %s: %s", path, strerror(errno));
    unlinkat(dir, temporary, 0);
fail:
    if (text) {
        explicit_bzero(text, strlen(text));
        ssh_string_free_char(text);
    }
    ssh_key_free(key);
    return NULL;
}

ssh_key hostkey_load(const char *path)
{
    cleanup_free char *for_dir = strdup(path);
    cleanup_free char *for_name = strdup(path);
    if (!for_dir || !for_name)
        return NULL;
    const char *dir_path = dirname(for_dir);
    const char *name = basename(for_name);

    if (mkdir(dir_path, 0700) < 0 && errno != EEXIST) {
        log_error("cannot make %s for the host key: %s", dir_path, strerror(errno));
        return NULL;
    }
    cleanup_fd int dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        log_error("cannot open %s for the host key: %s", dir_path, strerror(errno));
        return NULL;
    }

    ssh_key key = read_key(dir, name, path);
    if (key || errno != ENOENT)
        return key;
    /* Containers that share a home race here; who gets the lock second finds the first's key. */
    if (flock(dir, LOCK_EX) < 0) {
        log_error("cannot lock %s: %s", dir_path, strerror(errno));
        return NULL;
    }
    key = read_key(dir, name, path);
    if (key || errno != ENOENT)
        return key;
    return make_key(dir, name, path);
}

char *hostkey_public_line(ssh_key key)
{
    char *body = NULL;
    char *line = NULL;

    if (ssh_pki_export_pubkey_base64(key, &body) != SSH_OK)
        return NULL;
    if (asprintf(&line, "%s %s", ssh_key_type_to_char(ssh_key_type(key)), body) < 0)
        line = NULL;
    ssh_string_free_char(body);
    return line;
}
