/* SPDX-License-Identifier: ISC */
#include "launch/launch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ROWS are NAME PROJECT pairs, ended by NULL. */
static GPtrArray *sandboxes(const char *const *rows)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_free);

    for (; *rows; rows += 2)
        g_ptr_array_add(list, sandbox_new(rows[0], rows[1], 2222));
    return list;
}

static GPtrArray *volumes(const char *const *rows)
{
    GString *json = g_string_new("[");

    for (; *rows; rows += 2)
        g_string_append_printf(json,
                               "%s{\"Name\":\"host-agent-home-%s\",\"Labels\":{\"host-agent."
                               "project\":\"%s\"}}",
                               json->len > 1 ? "," : "", rows[0], rows[1]);
    g_string_append_c(json, ']');
    GPtrArray *list = volume_parse(json->str, -1, NULL);
    g_string_free(json, TRUE);
    return list;
}

#define ROWS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NONE ((const char *const[]){NULL})

static void names(const char *project, const char *wanted, const char *const *running,
                  const char *const *homes, const char *want)
{
    g_autoptr(GPtrArray) sandbox_rows = sandboxes(running);
    g_autoptr(GPtrArray) volume_rows = volumes(homes);
    g_autofree char *name = launch_name(project, wanted, sandbox_rows, volume_rows, NULL);

    if (!want)
        assert_null(name);
    else
        assert_string_equal(name, want);
}

static void takes_the_directorys_name(void **state)
{
    (void)state;
    names("/a/web", NULL, NONE, NONE, "web");
    names("/a/web", NULL, ROWS("api", "/a/api"), NONE, "web");
}

static void numbers_a_second_one(void **state)
{
    (void)state;
    names("/b/web", NULL, ROWS("web", "/a/web"), NONE, "web-2");
    names("/c/web", NULL, ROWS("web", "/a/web", "web-2", "/b/web"), NONE, "web-3");
}

/* Else one project's agent would live in the home of another's. */
static void leaves_a_home_to_its_project(void **state)
{
    (void)state;
    names("/b/web", NULL, NONE, ROWS("web", "/a/web"), "web-2");
    names("/b/web", "web", NONE, ROWS("web", "/a/web"), NULL);
}

static void comes_back_to_its_home(void **state)
{
    (void)state;
    names("/a/web", NULL, NONE, ROWS("web", "/a/web"), "web");
    names("/b/web", NULL, NONE, ROWS("web-2", "/b/web"), "web-2");
    names("/b/web", NULL, NONE, ROWS("mine", "/b/web"), "mine");
    names("/b/web", NULL, ROWS("mine", "/z"), ROWS("mine", "/b/web"), "web");
}

static void takes_the_wanted_name(void **state)
{
    (void)state;
    names("/a/web", "mine", NONE, NONE, "mine");
    names("/a/web", "mine", ROWS("mine", "/b"), NONE, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_directorys_name),    cmocka_unit_test(numbers_a_second_one),
        cmocka_unit_test(leaves_a_home_to_its_project), cmocka_unit_test(comes_back_to_its_home),
        cmocka_unit_test(takes_the_wanted_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
