/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_CLEANUP_H
#define SSHD_ENTRY_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

/* The one cleanup idiom: a variable marked so gives up what it owns when it goes out of scope.
 * Hand ownership on with steal_fd(). */

#define cleanup_fd __attribute__((cleanup(close_fdp)))
#define cleanup_free __attribute__((cleanup(free_ptrp)))

static inline void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void close_fdp(int *fd)
{
    close_fd(fd);
}

static inline void free_ptrp(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}

static inline int steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

#endif
