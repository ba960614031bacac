/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_KEXINIT_H
#define SSHD_ENTRY_KEXINIT_H

#include <stddef.h>

/* What the first bytes of a client tell before libssh has read them: its identification string,
 * RFC 4253 section 4.2, and its SSH_MSG_KEXINIT, section 7.1. Pure. */
enum kexinit_verdict {
    KEXINIT_INCOMPLETE, /* more bytes may tell */
    KEXINIT_AES_GCM,    /* an OpenSSH client that can do AES-GCM both ways */
    KEXINIT_OTHER,
};

/* No more bytes than these are worth waiting for. */
#define KEXINIT_MOST 8192

enum kexinit_verdict kexinit_read(const unsigned char *bytes, size_t length);

#endif
