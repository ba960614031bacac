/* SPDX-License-Identifier: ISC */
#include "sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LABELS(name, project, port)                                            \
    "\"Labels\":{\"host-agent.name\":" name ",\"host-agent.project\":" project \
    ",\"host-agent.port\":" port "}"
#define GOOD(name, project)                                                \
    "{\"State\":\"running\",\"ImageID\":\"0f\",\"Image\":\"x:y\"," LABELS( \
        "\"" name "\"", "\"" project "\"", "\"2222\"") "}"

static GPtrArray *parse(const char *json)
{
    GPtrArray *list = sandbox_parse(json, -1, NULL);

    assert_non_null(list);
    return list;
}

static void reads_what_podman_says(void **state)
{
    g_autoptr(GPtrArray) list = parse("[" GOOD("web", "/p/web") "]");
    const Sandbox *sandbox = list->pdata[0];

    (void)state;
    assert_int_equal(list->len, 1);
    assert_string_equal(sandbox->name, "web");
    assert_string_equal(sandbox->project, "/p/web");
    assert_int_equal(sandbox->port, 2222);
    assert_string_equal(sandbox->state, "running");
    assert_true(sandbox->running);
    assert_false(sandbox->stale);
    assert_string_equal(sandbox->image_id, "0f");
    assert_string_equal(sandbox->image, "x:y");
}

static void knows_the_stale_ones(void **state)
{
    static const struct {
        const char *state;
        gboolean running, stale;
    } rows[] = {
        {"running", TRUE, FALSE}, {"paused", FALSE, FALSE}, {"exited", FALSE, TRUE},
        {"created", FALSE, TRUE}, {"", FALSE, FALSE},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *json = g_strdup_printf(
            "[{\"State\":\"%s\"," LABELS("\"a\"", "\"/a\"", "\"1\"") "}]", rows[i].state);
        g_autoptr(GPtrArray) list = parse(json);
        const Sandbox *sandbox = list->pdata[0];
        assert_int_equal(sandbox->running, rows[i].running);
        assert_int_equal(sandbox->stale, rows[i].stale);
    }
}

/* Anybody can start a container with our labels; what they hold goes to paths and files. */
static void leaves_out_what_we_would_not_write(void **state)
{
    static const char *const labels[] = {
        LABELS("\"../../x\"", "\"/p\"", "\"2222\""),
        LABELS("\"Web\"", "\"/p\"", "\"2222\""),
        LABELS("\"a\\nHost *\"", "\"/p\"", "\"2222\""),
        LABELS("1", "\"/p\"", "\"2222\""),
        LABELS("\"a\"", "\"p\"", "\"2222\""),
        LABELS("\"a\"", "\"/p\\u001b\"", "\"2222\""),
        LABELS("\"a\"", "null", "\"2222\""),
        LABELS("\"a\"", "\"/p\"", "\"0\""),
        LABELS("\"a\"", "\"/p\"", "\"65536\""),
        LABELS("\"a\"", "\"/p\"", "\"22 22\""),
        LABELS("\"a\"", "\"/p\"", "2222"),
        "\"Labels\":null",
        "\"Labels\":[]",
        "\"x\":{}",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        g_autofree char *json = g_strdup_printf("[{\"State\":\"running\",%s}]", labels[i]);
        g_autoptr(GPtrArray) list = parse(json);
        assert_int_equal(list->len, 0);
    }
}

static void reads_other_shapes_as_none(void **state)
{
    static const char *const texts[] = {"", "[]", "{}", "null", "[null,1,\"x\",[]]", "3"};
    g_autoptr(GError) error = NULL;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GPtrArray) list = parse(texts[i]);
        assert_int_equal(list->len, 0);
    }
    assert_null(sandbox_parse("[{", -1, &error));
    assert_non_null(error);
}

static void finds_by_name_and_place(void **state)
{
    g_autoptr(GPtrArray) list =
        parse("[" GOOD("b", "/p") "," GOOD("c", "/p/x") "," GOOD("a", "/q") "]");

    (void)state;
    assert_string_equal(((Sandbox *)list->pdata[0])->name, "a");
    assert_ptr_equal(sandbox_named(list, "b"), list->pdata[1]);
    assert_null(sandbox_named(list, "d"));
    assert_ptr_equal(sandbox_at(list, "/p/x"), list->pdata[2]);
    assert_null(sandbox_at(list, "/p/x/y"));
    assert_ptr_equal(sandbox_around(list, "/p/x/y"), list->pdata[2]);
    assert_ptr_equal(sandbox_around(list, "/p/z"), list->pdata[1]);
    assert_null(sandbox_around(list, "/px"));
}

/* The agent of the one could swap the other's directory for a link. */
static void finds_projects_within_each_other(void **state)
{
    g_autoptr(GPtrArray) list = parse("[" GOOD("b", "/p/b") "]");

    (void)state;
    assert_ptr_equal(sandbox_overlapping(list, "/p"), list->pdata[0]);
    assert_ptr_equal(sandbox_overlapping(list, "/p/b/c"), list->pdata[0]);
    assert_null(sandbox_overlapping(list, "/p/b"));
    assert_null(sandbox_overlapping(list, "/p/bc"));
    ((Sandbox *)list->pdata[0])->stale = TRUE;
    assert_null(sandbox_overlapping(list, "/p"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_podman_says),
        cmocka_unit_test(knows_the_stale_ones),
        cmocka_unit_test(leaves_out_what_we_would_not_write),
        cmocka_unit_test(reads_other_shapes_as_none),
        cmocka_unit_test(finds_by_name_and_place),
        cmocka_unit_test(finds_projects_within_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
