/* SPDX-License-Identifier: ISC */
#ifndef SSHD_ENTRY_TRIM_H
#define SSHD_ENTRY_TRIM_H

/* Lets go of the code that ran once: the pages of the program and its libraries that are not
 * writable leave this process, madvise(2), and those that are needed again come back from the
 * page cache. After a key exchange that is 1 MB of libcrypto. Without effect where the kernel
 * refuses. */
void trim(void);

#endif
