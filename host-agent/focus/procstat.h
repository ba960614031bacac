/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_PROCSTAT_H
#define HOST_AGENT_PROCSTAT_H

#include <glib.h>
#include <sys/types.h>

typedef struct {
    pid_t parent;   /* 0: none */
    dev_t terminal; /* that controls it, as stat(2) tells a device; 0: none */
} Procstat;

/* The text of /proc/PID/stat (proc_pid_stat(5)). Pure. */
gboolean procstat_parse(const char *text, Procstat *process);

#endif
