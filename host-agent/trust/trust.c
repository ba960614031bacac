/* SPDX-License-Identifier: ISC */
#include "trust.h"

#include "base/fail.h"
#include "base/imageref.h"
#include "base/name.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "base/writefile.h"
#include "recipe.h"
#include "sandbox/project.h"
#include "tree.h"
#include "treefile.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* .trust/KEY has the directory HASH, the copy, and the file `record`: HASH, a newline, the
 * project's path, a newline. The record is what counts. */
enum { RECORD_MAX = 8192, KEY_DIGITS = 12 };

void trust_free(Trust *trust)
{
    g_ptr_array_unref(trust->tree);
    g_free(trust->hash);
    g_free(trust->dir);
    g_free(trust);
}

char *trust_key(const char *project)
{
    g_autofree char *name = name_from_path(project);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, project, -1);

    return g_strdup_printf("%s-%.*s", name, KEY_DIGITS, sum);
}

static char *key_dir(const char *key)
{
    g_autofree char *dir = paths_trust_dir();

    return g_build_filename(dir, key, NULL);
}

static char *project_dir(const char *project)
{
    g_autofree char *key = trust_key(project);

    return key_dir(key);
}

static gboolean check_file(const TreeEntry *file, const char *dir, GError **error)
{
    gsize length;
    const char *text = g_bytes_get_data(file->bytes, &length);

    if (recipe_check(text, length, error))
        return TRUE;
    g_prefix_error(error, "%s/" TRUST_FILE " cannot be used: ", dir);
    return FALSE;
}

gboolean trust_look(const char *project, GPtrArray **tree, GError **error)
{
    int fd = project_hold(project, error);

    *tree = NULL;
    if (fd < 0)
        return FALSE;
    gboolean good = treefile_read(fd, TRUST_DIR, tree, error);
    close(fd);
    if (!good) {
        g_prefix_error(error, "%s/" TRUST_DIR " cannot be used: ", project);
        return FALSE;
    }
    const TreeEntry *file = *tree ? tree_find(*tree, TRUST_FILE) : NULL;
    if (!file || !file->bytes) {
        g_clear_pointer(tree, g_ptr_array_unref);
        return TRUE;
    }
    g_autofree char *dir = g_build_filename(project, TRUST_DIR, NULL);
    if (check_file(file, dir, error))
        return TRUE;
    g_clear_pointer(tree, g_ptr_array_unref);
    return FALSE;
}

/* *hash and *project are NULL where there is no record. */
static gboolean read_record(const char *dir, char **hash, char **project, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "record", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) local = NULL;

    *hash = *project = NULL;
    if (!readfile_own(path, RECORD_MAX, &text, NULL, &local)) {
        if (g_error_matches(local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    if (g_strv_length(lines) != 3 || !imageref_is_sha256(lines[0]))
        return fail(error, "%s is damaged", path);
    *hash = g_strdup(lines[0]);
    *project = g_strdup(lines[1]);
    return TRUE;
}

static GPtrArray *read_copy(const char *dir, const char *hash, GError **error)
{
    g_autoptr(GPtrArray) tree = NULL;
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean good = treefile_read(fd, hash, &tree, error);

    if (fd >= 0)
        close(fd);
    g_autofree char *now = good && tree ? tree_hash(tree) : NULL;
    if (g_strcmp0(now, hash) == 0) {
        const TreeEntry *file = tree_find(tree, TRUST_FILE);
        if (!file || !file->bytes || !check_file(file, dir, error))
            return NULL;
        return g_steal_pointer(&tree);
    }
    if (good)
        fail(error, "the copy in %s is damaged", dir);
    return NULL;
}

Trust *trust_load(const char *project, GError **error)
{
    g_autofree char *dir = project_dir(project);
    g_autofree char *hash = NULL;
    g_autofree char *whose = NULL;

    if (!read_record(dir, &hash, &whose, error) || g_strcmp0(whose, project) != 0)
        return NULL;
    GPtrArray *tree = read_copy(dir, hash, error);
    if (!tree)
        return NULL;
    Trust *trust = g_new0(Trust, 1);
    trust->tree = tree;
    trust->dir = g_build_filename(dir, hash, NULL);
    trust->hash = g_steal_pointer(&hash);
    return trust;
}

/* All in DIR but the record and the copy KEEP, such as what a crash left. */
static gboolean remove_others(const char *dir, const char *keep, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    const char *name;

    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (strcmp(name, "record") != 0 && strcmp(name, keep) != 0 && !treefile_remove(path, error))
            return FALSE;
    }
    return TRUE;
}

/* The copy has its name once it is whole, and what was trusted before counts until the record
 * changes. */
gboolean trust_store(const char *project, GPtrArray *tree, GError **error)
{
    g_autofree char *dir = project_dir(project);
    g_autofree char *hash = tree_hash(tree);
    g_autofree char *new = g_build_filename(dir, "new", NULL);
    g_autofree char *copy = g_build_filename(dir, hash, NULL);
    g_autofree char *path = g_build_filename(dir, "record", NULL);
    g_autofree char *record = g_strdup_printf("%s\n%s\n", hash, project);

    if (!paths_make_private(dir, error) || !treefile_remove(new, error) ||
        !treefile_remove(copy, error) || !treefile_write(new, tree, error))
        return FALSE;
    if (g_rename(new, copy) < 0)
        return fail(error, "cannot make %s: %s", copy, g_strerror(errno));
    return writefile(path, record, 0600, error) && remove_others(dir, hash, error);
}

gboolean trust_forget(const char *project, GError **error)
{
    g_autofree char *dir = project_dir(project);
    g_autofree char *record = g_build_filename(dir, "record", NULL);

    if (g_unlink(record) < 0 && errno != ENOENT)
        return fail(error, "cannot remove %s: %s", record, g_strerror(errno));
    return treefile_remove(dir, error);
}

char *trust_hash(const char *key)
{
    g_autofree char *dir = key_dir(key);
    g_autofree char *hash = NULL;
    g_autofree char *project = NULL;

    if (!read_record(dir, &hash, &project, NULL) || !project ||
        !g_file_test(project, G_FILE_TEST_IS_DIR))
        return NULL;
    return g_steal_pointer(&hash);
}
