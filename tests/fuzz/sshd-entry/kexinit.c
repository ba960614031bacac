/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../../sshd-entry/kexinit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was decided stays so, whatever comes behind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum kexinit_verdict whole = kexinit_read(data, size);
    enum kexinit_verdict half = kexinit_read(data, size / 2);

    if (half != KEXINIT_INCOMPLETE && half != whole)
        abort();
    return 0;
}
