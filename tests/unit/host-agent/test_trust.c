/* SPDX-License-Identifier: ISC */
#include "trust/tree.h"
#include "trust/treefile.h"
#include "trust/trust.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PROJECT "/srv/web"

static char *root; /* XDG_STATE_HOME: GLib reads it once */

static int make_root(void **state)
{
    (void)state;
    root = g_dir_make_tmp("host-agent-XXXXXX", NULL);
    return root && g_setenv("XDG_STATE_HOME", root, TRUE) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    g_autofree char *dir = root;
    return treefile_remove(dir, NULL) ? 0 : -1;
}

static int forget(void **state)
{
    (void)state;
    return trust_forget(PROJECT, NULL) ? 0 : -1;
}

static GPtrArray *tree_of(const char *text)
{
    GPtrArray *tree = tree_new();

    tree_add(tree, TRUST_FILE, g_bytes_new(text, strlen(text)), FALSE);
    return tree;
}

static void store(const char *text)
{
    g_autoptr(GPtrArray) tree = tree_of(text);

    assert_true(trust_store(PROJECT, tree, NULL));
}

static char *in_state(const char *leaf)
{
    g_autofree char *key = trust_key(PROJECT);

    return g_build_filename(root, "host-agent", ".trust", key, leaf, NULL);
}

static void a_key_is_a_part_of_an_image_name(void **state)
{
    static const char *const paths[] = {"/srv/web", "/srv/It's a \"Web\"", "/a--b__c..d/É/-",
                                        "/srv/a.-_b", "/notify.lock"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *key = trust_key(paths[i]);
        g_autoptr(GRegex) form =
            g_regex_new("^[a-z0-9]+([._-][a-z0-9]+)*-[0-9a-f]{12}$", 0, 0, NULL);
        if (!g_regex_match(form, key, 0, NULL))
            fail_msg("%s has the key %s", paths[i], key);
    }
}

static void projects_of_one_name_have_different_keys(void **state)
{
    g_autofree char *one = trust_key("/srv/web");
    g_autofree char *other = trust_key("/home/web");

    (void)state;
    assert_true(g_str_has_prefix(one, "web-") && g_str_has_prefix(other, "web-"));
    assert_string_not_equal(one, other);
}

static void what_is_stored_is_loaded(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(trust_load(PROJECT, &error));
    assert_null(error);
    store("USER a\n");
    store("USER b\n");
    g_autoptr(Trust) trust = trust_load(PROJECT, NULL);
    g_autoptr(GPtrArray) want = tree_of("USER b\n");
    g_autofree char *hash = tree_hash(want);
    assert_string_equal(trust->hash, hash);
    g_autofree char *file = g_build_filename(trust->dir, TRUST_FILE, NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(file, &text, NULL, NULL));
    assert_string_equal(text, "USER b\n");
    /* The older copy is gone. */
    g_autofree char *dir = in_state(NULL);
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    int count = 0;
    while (g_dir_read_name(entries))
        count++;
    assert_int_equal(count, 2);
}

static void a_damaged_copy_is_not_trusted(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    store("USER a\n");
    g_autoptr(Trust) trust = trust_load(PROJECT, NULL);
    g_autofree char *file = g_build_filename(trust->dir, TRUST_FILE, NULL);
    assert_true(g_file_set_contents(file, "USER c\n", -1, NULL));
    assert_null(trust_load(PROJECT, &error));
    assert_non_null(strstr(error->message, "is damaged"));
    store("USER a\n");
    g_autoptr(Trust) again = trust_load(PROJECT, NULL);
    assert_non_null(again);
}

static void a_damaged_record_is_not_trusted(void **state)
{
    static const char *const records[] = {"", "x\n" PROJECT "\n", "../..\n" PROJECT "\n"};
    g_autofree char *record = in_state("record");

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
        g_autoptr(GError) error = NULL;
        store("USER a\n");
        assert_true(g_file_set_contents(record, records[i], -1, NULL));
        assert_null(trust_load(PROJECT, &error));
        assert_non_null(strstr(error->message, "record is damaged"));
    }
}

/* By an older host-agent, perhaps. */
static void what_may_not_be_built_is_not_trusted(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    store("RUN --mount=type=cache,target=/x ls\n");
    assert_null(trust_load(PROJECT, &error));
    assert_non_null(strstr(error->message, "RUN takes no option"));
}

/* Should two paths ever have one key. */
static void anothers_record_is_not_ours(void **state)
{
    g_autofree char *record = in_state("record");
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    (void)state;
    store("USER a\n");
    assert_true(g_file_get_contents(record, &text, NULL, NULL));
    strstr(text, "web")[0] = 'W';
    assert_true(g_file_set_contents(record, text, -1, NULL));
    assert_null(trust_load(PROJECT, &error));
    assert_null(error);
}

/* Killed before the record was written: what was trusted before still is. */
static void what_a_crash_left_does_not_count(void **state)
{
    g_autofree char *new = in_state("new");
    g_autoptr(GPtrArray) half = tree_of("half");

    (void)state;
    store("USER a\n");
    assert_true(treefile_write(new, half, NULL));
    g_autoptr(Trust) trust = trust_load(PROJECT, NULL);
    assert_non_null(trust);
    store("USER b\n");
    assert_int_equal(access(new, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_a_part_of_an_image_name),
        cmocka_unit_test(projects_of_one_name_have_different_keys),
        cmocka_unit_test_teardown(what_is_stored_is_loaded, forget),
        cmocka_unit_test_teardown(a_damaged_copy_is_not_trusted, forget),
        cmocka_unit_test_teardown(a_damaged_record_is_not_trusted, forget),
        cmocka_unit_test_teardown(what_may_not_be_built_is_not_trusted, forget),
        cmocka_unit_test_teardown(anothers_record_is_not_ours, forget),
        cmocka_unit_test_teardown(what_a_crash_left_does_not_count, forget),
    };

    return cmocka_run_group_tests(tests, make_root, remove_root);
}
