/* SPDX-License-Identifier: ISC */
#include "holder.h"

#include "base/readfile.h"
#include "procstat.h"
#include "unixpeer.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define STAT_MAX ((gsize)4096)
enum { ANCESTORS_MAX = 64 };

G_STATIC_ASSERT(sizeof(dev_t) == sizeof(guint64));

/* NUMBERS are guint64, or dev_t. */
static gboolean contains(const GArray *numbers, guint64 number)
{
    for (guint i = 0; i < numbers->len; i++) {
        if (g_array_index(numbers, guint64, i) == number)
            return TRUE;
    }
    return FALSE;
}

/* --- /proc ------------------------------------------------------------------------------------ */

/* The target of the link /proc/PID/LEAF; NULL where the process is gone, or another user's. */
static char *process_link(pid_t pid, const char *leaf)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, leaf);

    return g_file_read_link(path, NULL);
}

static DIR *process_descriptors(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int)pid);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (fd >= 0 && !dir)
        close(fd);
    return dir;
}

/* The inode of the socket that a descriptor is, 0 if it is none: the link is `socket:[INODE]`. */
static guint64 descriptor_socket(DIR *dir, const char *descriptor)
{
    static const char prefix[] = "socket:[";
    char link[64] = "";

    if (readlinkat(dirfd(dir), descriptor, link, sizeof(link) - 1) < 0 ||
        !g_str_has_prefix(link, prefix))
        return 0;
    return g_ascii_strtoull(link + strlen(prefix), NULL, 10);
}

/* guint64 each. */
static GArray *process_sockets(pid_t pid)
{
    GArray *sockets = g_array_new(FALSE, FALSE, sizeof(guint64));
    DIR *dir = process_descriptors(pid);

    if (!dir)
        return sockets;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        guint64 inode = descriptor_socket(dir, entry->d_name);
        if (inode)
            g_array_append_val(sockets, inode);
    }
    closedir(dir);
    return sockets;
}

static gboolean process_holds(pid_t pid, const GArray *wanted)
{
    DIR *dir = process_descriptors(pid);
    gboolean found = FALSE;

    if (!dir)
        return FALSE;
    for (const struct dirent *entry; !found && (entry = readdir(dir));) {
        guint64 inode = descriptor_socket(dir, entry->d_name);
        found = inode && contains(wanted, inode);
    }
    closedir(dir);
    return found;
}

/* --- Holders ---------------------------------------------------------------------------------- */

/* A sandbox's processes are the user's too, to the kernel. They hold none of the host's sockets,
 * but may be many, with descriptors without number: a look at each could take for ever. They live
 * in another user namespace. */
static gboolean is_at_home(pid_t pid, const char *home)
{
    g_autofree char *namespace = process_link(pid, "ns/user");

    return g_strcmp0(namespace, home) == 0;
}

static GArray *find_holders(const GArray *sockets)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_autofree char *home = process_link(getpid(), "ns/user");
    DIR *proc = home && sockets->len > 0 ? opendir("/proc") : NULL;

    if (!proc)
        return pids;
    for (const struct dirent *entry; (entry = readdir(proc));) {
        pid_t pid = (pid_t)g_ascii_strtoll(entry->d_name, NULL, 10);
        if (pid > 0 && is_at_home(pid, home) && process_holds(pid, sockets))
            g_array_append_val(pids, pid);
    }
    closedir(proc);
    return pids;
}

/* What else may be connected to ssh: its agent, a pipe that is a socket. A client of a
 * ControlMaster runs the same program. */
static void add_clients(GArray *pids, pid_t master)
{
    g_autofree char *program = process_link(master, "exe");
    g_autoptr(GArray) sockets = process_sockets(master);
    g_autoptr(GArray) peers = unixpeer_find(sockets);
    g_autoptr(GArray) connected = find_holders(peers);

    for (guint i = 0; program && i < connected->len; i++) {
        pid_t pid = g_array_index(connected, pid_t, i);
        g_autofree char *other = process_link(pid, "exe");
        if (pid != master && g_strcmp0(program, other) == 0)
            g_array_append_val(pids, pid);
    }
}

GArray *holder_find(const GArray *sockets)
{
    GArray *pids = find_holders(sockets);

    for (guint i = 0, holders = pids->len; i < holders; i++)
        add_clients(pids, g_array_index(pids, pid_t, i));
    return pids;
}

static gboolean process_stat(pid_t pid, Procstat *process)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;

    return readfile_head(path, STAT_MAX, &text, NULL) && procstat_parse(text, process);
}

GArray *holder_terminals(pid_t pid)
{
    GArray *terminals = g_array_new(FALSE, FALSE, sizeof(dev_t));
    Procstat process;

    for (int i = 0; i < ANCESTORS_MAX && pid > 1 && process_stat(pid, &process); i++) {
        if (process.terminal && !contains(terminals, process.terminal))
            g_array_append_val(terminals, process.terminal);
        pid = process.parent;
    }
    return terminals;
}
