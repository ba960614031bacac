/* SPDX-License-Identifier: ISC */
#include "launch/volume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define VOLUME(name, label) "{\"Name\":\"" name "\",\"Labels\":{\"host-agent.project\":" label "}}"

static GPtrArray *parse(const char *json)
{
    GPtrArray *list = volume_parse(json, -1, NULL);

    assert_non_null(list);
    return list;
}

static void reads_whose_home_it_is(void **state)
{
    g_autoptr(GPtrArray) list = parse("[" VOLUME("host-agent-home-web", "\"/p/web\"") "," VOLUME(
        "host-agent-home-api", "\"/p/a%2C%22b%22 100%25\"") "]");

    (void)state;
    assert_int_equal(list->len, 2);
    assert_string_equal(volume_named(list, "web")->project, "/p/web");
    assert_string_equal(volume_named(list, "api")->project, "/p/a,\"b\" 100%");
    assert_null(volume_named(list, "host-agent-home-web"));
}

static void leaves_out_other_volumes(void **state)
{
    static const char *const rows[] = {
        VOLUME("host-agent-home", "\"/p\""),      VOLUME("host-agent-home-", "\"/p\""),
        VOLUME("host-agent-home-../x", "\"/p\""), VOLUME("other", "\"/p\""),
        VOLUME("host-agent-home-a", "\"\""),      VOLUME("host-agent-home-a", "3"),
        VOLUME("host-agent-home-a", "\"/p%0\""),  "{\"Name\":\"host-agent-home-a\"}",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *json = g_strdup_printf("[%s]", rows[i]);
        g_autoptr(GPtrArray) list = parse(json);
        assert_int_equal(list->len, 0);
    }
}

static void names_the_volume(void **state)
{
    g_autofree char *name = volume_name("web");

    (void)state;
    assert_string_equal(name, "host-agent-home-web");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_whose_home_it_is),
        cmocka_unit_test(leaves_out_other_volumes),
        cmocka_unit_test(names_the_volume),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
