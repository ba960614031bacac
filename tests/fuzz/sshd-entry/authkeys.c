/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../../sshd-entry/authkeys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The file names our key with, or without, options; whatever else it holds, the verdict's parts fit
 * together, and what a plain line admits no other line can take back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char plain[] = "\nssh-ed25519 AAAA\n";
    const char *text = (const char *)data;
    char more[4096 + sizeof(plain)];
    struct authkeys_match match = authkeys_find(text, size, "ssh-ed25519", "AAAA");

    assert((match.verdict == AUTHKEYS_ABSENT) == (match.line == 0));
    assert(strlen(match.option) < sizeof(match.option));
    assert(match.verdict == AUTHKEYS_REFUSED || match.option[0] == '\0');
    if (match.verdict != AUTHKEYS_ABSENT)
        assert(memmem(text, size, "ssh-ed25519", 11) && memmem(text, size, "AAAA", 4));

    if (size <= 4096) {
        memcpy(more, text, size);
        memcpy(more + size, plain, sizeof(plain) - 1);
        match = authkeys_find(more, size + sizeof(plain) - 1, "ssh-ed25519", "AAAA");
        assert(match.verdict == AUTHKEYS_ADMITTED);
    }
    return 0;
}
