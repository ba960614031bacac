/* SPDX-License-Identifier: ISC */
#include "treefile.h"

#include "base/fail.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    GPtrArray *tree;
    gsize left; /* bytes */
} Reader;

static gboolean read_dir(Reader *reader, int fd, const char *path, int depth, GError **error);

static gboolean fail_size(GError **error)
{
    return fail(error, "more than %d files, %d MiB or %d levels", TREEFILE_ENTRIES,
                TREEFILE_BYTES / (1024 * 1024), TREEFILE_DEPTH);
}

/* What is not opened: a device may do something when it is. */
static gboolean check_kind(int dir, const char *name, const char *path, GError **error)
{
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(error, "%s: %s", path, g_strerror(errno));
    if (S_ISLNK(st.st_mode))
        return fail(error, "%s is a symbolic link: remove it", path);
    return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ||
           fail(error, "%s is neither a file nor a directory: remove it", path);
}

/* Another thing may stand there by now: O_NOFOLLOW and O_NONBLOCK are for that. */
static int open_entry(int dir, const char *name, const char *path, struct stat *st, GError **error)
{
    if (!check_kind(dir, name, path, error))
        return -1;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, st) == 0)
        return fd;
    fail(error, "%s: %s", path, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static GBytes *read_file(Reader *reader, int fd, const char *path, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 buffer[16384];
    ssize_t n;

    while ((n = TEMP_FAILURE_RETRY(read(fd, buffer, sizeof(buffer)))) > 0) {
        if ((gsize)n > reader->left) {
            fail_size(error);
            return NULL;
        }
        reader->left -= (gsize)n;
        g_byte_array_append(bytes, buffer, (guint)n);
    }
    if (n == 0)
        return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    fail(error, "%s: %s", path, g_strerror(errno));
    return NULL;
}

static gboolean read_entry(Reader *reader, int dir, const char *name, const char *path, int depth,
                           GError **error)
{
    struct stat st;
    int fd = open_entry(dir, name, path, &st, error);

    if (fd < 0)
        return FALSE;
    if (reader->tree->len >= TREEFILE_ENTRIES) {
        close(fd);
        return fail_size(error);
    }
    if (S_ISDIR(st.st_mode)) {
        tree_add(reader->tree, path, NULL, FALSE);
        return read_dir(reader, fd, path, depth + 1, error);
    }
    g_autoptr(GBytes) bytes = NULL;
    if (S_ISREG(st.st_mode))
        bytes = read_file(reader, fd, path, error);
    else
        fail(error, "%s is neither a file nor a directory: remove it", path);
    close(fd);
    if (!bytes)
        return FALSE;
    tree_add(reader->tree, path, g_steal_pointer(&bytes), (st.st_mode & S_IXUSR) != 0);
    return TRUE;
}

/* Takes FD. PATH is the tree's own, "" at its top. */
static gboolean read_dir(Reader *reader, int fd, const char *path, int depth, GError **error)
{
    DIR *dir = fdopendir(fd);
    gboolean good = TRUE;
    const struct dirent *entry;

    if (!dir) {
        close(fd);
        return fail(error, "%s: %s", path, g_strerror(errno));
    }
    if (depth > TREEFILE_DEPTH)
        good = fail_size(error);
    while (good && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        g_autofree char *below =
            *path ? g_strconcat(path, "/", entry->d_name, NULL) : g_strdup(entry->d_name);
        good = read_entry(reader, dirfd(dir), entry->d_name, below, depth, error);
    }
    closedir(dir);
    return good;
}

gboolean treefile_read(int fd, const char *name, GPtrArray **tree, GError **error)
{
    g_autoptr(GPtrArray) made = tree_new();
    Reader reader = {made, TREEFILE_BYTES};
    struct stat st;

    *tree = NULL;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
        return TRUE;
    int dir = open_entry(fd, name, name, &st, error);
    if (dir < 0)
        return FALSE;
    if (!S_ISDIR(st.st_mode)) {
        close(dir);
        return fail(error, "%s is no directory: remove it", name);
    }
    if (!read_dir(&reader, dir, "", 1, error))
        return FALSE;
    tree_sort(made);
    *tree = g_steal_pointer(&made);
    return TRUE;
}

/* The modes are the image's in the end, whatever the umask. */
static gboolean write_entry(const char *root, const TreeEntry *entry, GError **error)
{
    g_autofree char *path = g_build_filename(root, entry->path, NULL);
    g_autoptr(GError) cause = NULL;
    gsize length;

    if (!entry->bytes)
        return (g_mkdir(path, 0700) == 0 && g_chmod(path, 0755) == 0) ||
               fail(error, "cannot make %s: %s", path, g_strerror(errno));
    const char *data = g_bytes_get_data(entry->bytes, &length);
    if (!g_file_set_contents_full(path, data ? data : "", (gssize)length, G_FILE_SET_CONTENTS_NONE,
                                  0600, &cause))
        return fail(error, "cannot write %s: %s", path, cause->message);
    return g_chmod(path, entry->executable ? 0755 : 0644) == 0 ||
           fail(error, "cannot write %s: %s", path, g_strerror(errno));
}

gboolean treefile_write(const char *path, GPtrArray *tree, GError **error)
{
    gboolean good = (g_mkdir(path, 0700) == 0 && g_chmod(path, 0755) == 0) ||
                    fail(error, "cannot make %s: %s", path, g_strerror(errno));

    for (guint i = 0; good && i < tree->len; i++)
        good = write_entry(path, tree->pdata[i], error);
    return good;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

gboolean treefile_remove(const char *path, GError **error)
{
    return nftw(path, remove_one, TREEFILE_DEPTH, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT ||
           fail(error, "cannot remove %s: %s", path, g_strerror(errno));
}
