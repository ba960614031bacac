/* SPDX-License-Identifier: ISC */
#include "trust/tree.h"
#include "trust/treefile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static GBytes *bytes(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

static char *hash_of(const char *path, const char *text, gboolean executable)
{
    g_autoptr(GPtrArray) tree = tree_new();

    tree_add(tree, path, text ? bytes(text) : NULL, executable);
    return tree_hash(tree);
}

/* --- What the hash knows -------------------------------------------------------------------------
 */

static void hash_is_known(void **state)
{
    g_autofree char *hash = hash_of("a", "hello\n", FALSE);
    g_autofree char *same =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, "file 1 6\nahello\n", -1);

    (void)state;
    assert_string_equal(hash, same);
}

static void hash_differs_by_all_that_counts(void **state)
{
    static const struct {
        const char *path;
        const char *text;
        gboolean executable;
    } trees[] = {{"a", "b", FALSE}, {"a", "b", TRUE},   {"a", "c", FALSE}, {"ab", "", FALSE},
                 {"a", "", FALSE},  {"a", NULL, FALSE}, {"", "ab", FALSE}};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(trees); i++)
        assert_true(
            g_hash_table_add(seen, hash_of(trees[i].path, trees[i].text, trees[i].executable)));
}

static void hash_does_not_mistake_content_for_a_file(void **state)
{
    g_autoptr(GPtrArray) two = tree_new();
    g_autofree char *one = hash_of("a", "xfile 1 1\nby", FALSE);

    (void)state;
    tree_add(two, "a", bytes("x"), FALSE);
    tree_add(two, "b", bytes("y"), FALSE);
    g_autofree char *hash = tree_hash(two);
    assert_string_not_equal(one, hash);
}

static void hash_is_of_the_sorted_tree(void **state)
{
    g_autoptr(GPtrArray) one = tree_new();
    g_autoptr(GPtrArray) other = tree_new();

    (void)state;
    tree_add(one, "a", bytes("x"), FALSE);
    tree_add(one, "b", NULL, FALSE);
    tree_add(other, "b", NULL, FALSE);
    tree_add(other, "a", bytes("x"), FALSE);
    tree_sort(other);
    g_autofree char *left = tree_hash(one);
    g_autofree char *right = tree_hash(other);
    assert_string_equal(left, right);
    assert_non_null(tree_find(other, "b"));
    assert_null(tree_find(other, "c"));
}

/* --- On disk -------------------------------------------------------------------------------------
 */

static int make_dir(void **state)
{
    *state = g_dir_make_tmp("host-agent-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
    g_autofree char *dir = *state;

    return treefile_remove(dir, NULL) && access(dir, F_OK) < 0 ? 0 : -1;
}

static char *below(void **state, const char *name)
{
    return g_build_filename(*state, name, NULL);
}

static gboolean read_top(void **state, GPtrArray **tree, GError **error)
{
    int fd = open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean good = treefile_read(fd, "top", tree, error);

    close(fd);
    return good;
}

/* WHY is a part of the message. */
static void refuses(void **state, const char *why)
{
    g_autoptr(GPtrArray) tree = NULL;
    g_autoptr(GError) error = NULL;

    assert_false(read_top(state, &tree, &error));
    assert_null(tree);
    if (!strstr(error->message, why))
        fail_msg("refused with: %s", error->message);
}

static void put(void **state, const char *name, const char *text)
{
    g_autofree char *path = below(state, name);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void make(void **state, const char *name)
{
    g_autofree char *path = below(state, name);

    assert_int_equal(g_mkdir(path, 0755), 0);
}

static void what_is_written_is_read(void **state)
{
    g_autoptr(GPtrArray) tree = tree_new();
    g_autoptr(GPtrArray) again = NULL;
    g_autofree char *top = below(state, "top");
    g_autofree char *script = below(state, "top/dir/run.sh");
    struct stat st;

    tree_add(tree, "Containerfile", g_bytes_new("FROM \0x\xff", 8), FALSE);
    tree_add(tree, "dir", NULL, FALSE);
    tree_add(tree, "dir/run.sh", bytes("#!/bin/sh\n"), TRUE);
    tree_add(tree, "empty", bytes(""), FALSE);
    mode_t before = umask(077);
    assert_true(treefile_write(top, tree, NULL));
    umask(before);
    assert_int_equal(stat(script, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_true(read_top(state, &again, NULL));
    g_autofree char *left = tree_hash(tree);
    g_autofree char *right = tree_hash(again);
    assert_string_equal(left, right);
    assert_false(treefile_write(top, tree, NULL)); /* it is there */
}

static void nothing_there_is_no_error(void **state)
{
    GPtrArray *tree = NULL;
    g_autofree char *top = below(state, "top");

    assert_true(read_top(state, &tree, NULL));
    assert_null(tree);
    assert_true(treefile_remove(top, NULL));
}

static void links_are_refused_wherever_they_lead(void **state)
{
    g_autofree char *top = below(state, "top");
    g_autofree char *link = below(state, "top/link");

    make(state, "elsewhere");
    assert_int_equal(symlink("elsewhere", top), 0);
    refuses(state, "top is a symbolic link");
    assert_int_equal(g_unlink(top), 0);
    make(state, "top");
    put(state, "top/Containerfile", "FROM x\n");
    assert_int_equal(symlink("Containerfile", link), 0);
    refuses(state, "link is a symbolic link");
}

static void what_is_no_file_is_refused_at_once(void **state)
{
    g_autofree char *fifo = below(state, "top/fifo");

    put(state, "top", "");
    refuses(state, "top is no directory");
    g_autofree char *top = below(state, "top");
    assert_int_equal(g_unlink(top), 0);
    make(state, "top");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    refuses(state, "fifo is neither a file nor a directory");
    assert_int_equal(g_unlink(fifo), 0);
    /* Not even opened: that would fail for another reason. */
    assert_int_equal(mknod(fifo, S_IFSOCK | 0600, 0), 0);
    refuses(state, "fifo is neither a file nor a directory");
}

static void too_many_files_are_refused(void **state)
{
    make(state, "top");
    for (int i = 0; i <= TREEFILE_ENTRIES; i++) {
        g_autofree char *name = g_strdup_printf("top/%d", i);
        put(state, name, "");
        if (i == TREEFILE_ENTRIES - 1) {
            g_autoptr(GPtrArray) tree = NULL;
            assert_true(read_top(state, &tree, NULL));
            assert_int_equal(tree->len, TREEFILE_ENTRIES);
        }
    }
    refuses(state, "more than 1000 files");
}

/* A file with a hole is large and costs nothing. */
static void too_many_bytes_are_refused(void **state)
{
    g_autofree char *file = below(state, "top/file");
    g_autoptr(GPtrArray) tree = NULL;

    make(state, "top");
    put(state, "top/file", "x");
    assert_int_equal(truncate(file, TREEFILE_BYTES), 0);
    assert_true(read_top(state, &tree, NULL));
    put(state, "top/more", "x");
    refuses(state, "16 MiB");
    assert_int_equal(truncate(file, (off_t)1 << 40), 0);
    refuses(state, "16 MiB");
}

static void too_many_levels_are_refused(void **state)
{
    g_autoptr(GString) name = g_string_new("top");

    for (int i = 1; i <= TREEFILE_DEPTH; i++, g_string_append(name, "/d"))
        make(state, name->str);
    g_autoptr(GPtrArray) tree = NULL;
    assert_true(read_top(state, &tree, NULL));
    make(state, name->str);
    refuses(state, "16 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_is_known),
        cmocka_unit_test(hash_differs_by_all_that_counts),
        cmocka_unit_test(hash_does_not_mistake_content_for_a_file),
        cmocka_unit_test(hash_is_of_the_sorted_tree),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(nothing_there_is_no_error, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(links_are_refused_wherever_they_lead, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused_at_once, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(too_many_files_are_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(too_many_bytes_are_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(too_many_levels_are_refused, make_dir, remove_dir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
