/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PRINTABLE_H
#define HOST_AGENT_PRINTABLE_H

/* TEXT as a terminal may show it: whatever is not a printable character (control characters,
 * escape sequences, bidirectional marks, bytes that are not UTF-8) becomes \xNN. One line. The
 * caller frees with g_free(). */
char *printable(const char *text);

/* The last line of TEXT that is not blank, made printable; "" if there is none. */
char *printable_last_line(const char *text);

/* The first line of TEXT, without blanks at its ends. */
char *printable_first_line(const char *text);

#endif
