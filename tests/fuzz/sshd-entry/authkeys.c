/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../../sshd-entry/authkeys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct authkeys_query query = {
    .type = "ssh-ed25519", .blob = "AAAA", .address = "127.0.0.1", .now = 1000000000};

static struct authkeys_match find(const char *text, size_t size)
{
    struct keyoptions options;
    struct authkeys_match match = authkeys_find(text, size, &query, &options);
    char reason[8];

    if (match.verdict == AUTHKEYS_ADMITTED)
        assert(keyoptions_admit(&options, query.address, query.now, reason, sizeof(reason)));
    keyoptions_permit_open(&options, "localhost", 80);
    keyoptions_permit_listen(&options, "", 80);
    keyoptions_free(&options);
    return match;
}

/* Whatever the file holds, the verdict's parts fit together, and what a plain line admits no other
 * line can take back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char plain[] = "\nssh-ed25519 AAAA\n";
    const char *text = (const char *)data;
    char more[4096 + sizeof(plain)];
    struct authkeys_match match = find(text, size);

    assert((match.verdict == AUTHKEYS_ABSENT) == (match.line == 0));
    assert(memchr(match.reason, '\0', sizeof(match.reason)));
    assert((match.verdict == AUTHKEYS_REFUSED) == (match.reason[0] != '\0'));
    if (match.verdict != AUTHKEYS_ABSENT)
        assert(memmem(text, size, "ssh-ed25519", 11) && memmem(text, size, "AAAA", 4));

    if (size <= 4096) {
        memcpy(more, text, size);
        memcpy(more + size, plain, sizeof(plain) - 1);
        assert(find(more, size + sizeof(plain) - 1).verdict == AUTHKEYS_ADMITTED);
    }
    return 0;
}
