/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../../sshd-entry/modes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A list that breaks off changes nothing; any other means the same when it is applied twice. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct termios before = {.c_cflag = B38400 | CS8};
    struct termios once = before;

    if (modes_apply(data, size, &once) < 0) {
        assert(memcmp(&once, &before, sizeof(once)) == 0);
        return 0;
    }
    struct termios twice = once;
    assert(modes_apply(data, size, &twice) == 0);
    assert(memcmp(&once, &twice, sizeof(once)) == 0);
    return 0;
}
