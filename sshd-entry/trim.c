/* SPDX-License-Identifier: ISC */
#include "trim.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define REST_MS 1000

/* What is relocated when a program starts lies in writable segments, dl_iterate_phdr(3), so that
 * nothing of a segment that is not writable is anywhere but in its file. */
static int let_go(struct dl_phdr_info *object, size_t size, void *data)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    (void)size;
    (void)data;
    for (ElfW(Half) i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;

        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
            // NOLINTNEXTLINE(performance-no-int-to-ptr): addresses are numbers in an ELF header
            (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void trim(void)
{
    malloc_trim(0);
    dl_iterate_phdr(let_go, NULL);
}

void trim_prepare(const struct trim *state, struct pollset *set)
{
    if (!state->done)
        pollset_wake_after(set, REST_MS);
}

void trim_serve(struct trim *state, const struct pollset *set, int ready)
{
    bool rested = !ready && set->timeout_ms == REST_MS;

    if (rested)
        trim();
    state->done = rested;
}
