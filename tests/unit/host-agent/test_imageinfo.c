/* SPDX-License-Identifier: ISC */
#include "image/imageinfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID "7047fe6759ee1f2920a08b9e6e4690d2889cff81a4f1771e1578564cdd093564"
#define NOW 2000000000

static ImageInfo *parse(const char *members)
{
    g_autofree char *json = g_strdup_printf("[{\"Id\":\"" ID "\"%s}]", members);

    return imageinfo_parse(json, -1, NOW);
}

static const char *label(const ImageInfo *info, const char *key)
{
    for (int i = 0; i < IMAGE_LABELS; i++) {
        if (strcmp(imageinfo_labels[i].key, key) == 0)
            return info->labels[i];
    }
    fail_msg("no key %s", key);
    return NULL;
}

static void reads_what_podman_says(void **state)
{
    g_autoptr(ImageInfo) info =
        parse(",\"Digest\":\"sha256:56\",\"Created\":\"2026-11-22T07:10:04.600557227Z\","
              "\"Size\":103758,\"RepoTags\":[\"r:1/x:latest\",\"localhost/x:latest\"],"
              "\"NamesHistory\":[\"localhost/x:latest\",\"localhost/x:old\"],"
              "\"RepoDigests\":[\"r:1/x@sha256:aa\",\"localhost/x@sha256:bb\",\"x\"],"
              "\"RootFS\":{\"Layers\":[\"sha256:1\",\"sha256:2\"]},"
              "\"Labels\":{\"host-agent.version.go\":\"1.25\",\"host-agent.variant\":\"slim\"}");

    (void)state;
    assert_string_equal(info->id, ID);
    assert_string_equal(info->digest, "sha256:56");
    assert_int_equal(info->created, 1795331404);
    assert_int_equal(info->size, 103758);
    assert_int_equal(info->names->len, 3);
    assert_int_equal(info->digests->len, 2);
    assert_string_equal(info->digests->pdata[1], "sha256:bb");
    assert_int_equal(info->diffs->len, 2);
    assert_string_equal(label(info, "go"), "1.25");
    assert_string_equal(label(info, "variant"), "slim");
    assert_string_equal(label(info, "uv"), "");
}

static void takes_the_time_that_the_label_tells(void **state)
{
    static const struct {
        const char *label;
        gint64 created;
    } rows[] = {
        {"2020-01-01T00:00:01Z", 1577836801},
        {"2020-01-01T02:00:01+02:00", 1577836801},
        {"2999-01-01T00:00:00Z", 1577923200}, /* to come: podman's word instead */
        {"1960-01-01T00:00:00Z", 1577923200},
        {"yesterday", 1577923200},
        {"", 1577923200},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *members =
            g_strdup_printf(",\"Created\":\"2020-01-02T00:00:00Z\",\"Labels\":{"
                            "\"org.opencontainers.image.created\":\"%s\"}",
                            rows[i].label);
        g_autoptr(ImageInfo) info = parse(members);
        assert_int_equal(info->created, rows[i].created);
    }
}

/* Such an image must not count as the newest there is. */
static void without_a_time_that_can_be_there_is_none(void **state)
{
    static const char *const rows[] = {
        "",
        ",\"Created\":\"1970-01-01T00:00:00Z\"",
        ",\"Created\":\"2999-01-01T00:00:00Z\",\"Labels\":{\"" IMAGEINFO_CREATED
        "\":\"2999-01-01T00:00:00Z\"}",
        ",\"Created\":7,\"Labels\":{\"" IMAGEINFO_CREATED "\":\"now\"}",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(ImageInfo) info = parse(rows[i]);
        assert_int_equal(info->created, 0);
    }
}

static void bounds_and_escapes_what_a_stranger_wrote(void **state)
{
    g_autofree char *much = g_strnfill(100000, 'x');
    g_autofree char *members = g_strdup_printf(
        ",\"Digest\":\"\\u001b[2J\",\"RepoTags\":[\"a\\nb\",3,null],"
        "\"Labels\":{\"host-agent.version.agent\":\"1\\u001b]0;x\\u0007\\n\\u202e\","
        "\"host-agent.version.go\":\"%s\",\"host-agent.version.uv\":7}",
        much);
    g_autoptr(ImageInfo) info = parse(members);

    (void)state;
    assert_string_equal(info->digest, "\\x1b[2J");
    assert_string_equal(info->names->pdata[0], "a\\x0ab");
    assert_int_equal(info->names->len, 1);
    assert_string_equal(label(info, "agent"), "1\\x1b]0;x\\x07\\x0a\\xe2\\x80\\xae");
    assert_int_equal(strlen(label(info, "go")), 80);
    assert_string_equal(label(info, "uv"), "");
}

static void reads_other_shapes_as_none(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "[{}]",
        "[{\"Id\":\"0f\"}]",
        "[{\"Id\":7}]",
        "[",
        "null",
        "[{\"Id\":\"../../../../../../../../../../../../../../../../../../../../../x\"}]",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_null(imageinfo_parse(texts[i], -1, NOW));
}

static void names_the_layers(void **state)
{
    static const char json[] =
        "[{\"CreatedBy\":\"|2 A=x B=y /bin/sh -c apt-get   update \\t && x\",\"size\":7},"
        "{\"CreatedBy\":\"/bin/sh -c #(nop) ENV A=b\",\"size\":0},"
        "{\"CreatedBy\":\"/bin/sh -c #(nop) COPY file:1 in / \",\"size\":5},"
        "{\"CreatedBy\":\"COPY x /bin/sh -c \\u001b\",\"size\":3},{\"size\":-1},{\"size\":\"9\"}]";
    g_autoptr(GPtrArray) list = imageinfo_layers(json, -1);
    const ImageLayer *const *layers = (const ImageLayer *const *)list->pdata;

    (void)state;
    assert_int_equal(list->len, 3);
    assert_string_equal(layers[0]->made_by, "COPY x /bin/sh -c \\x1b");
    assert_string_equal(layers[1]->made_by, "COPY file:1 in /");
    assert_int_equal(layers[1]->size, 5);
    assert_string_equal(layers[2]->made_by, "apt-get update && x");
}

static void knows_where_it_came_from(void **state)
{
    g_autoptr(ImageInfo) built = parse(",\"RepoTags\":[\"localhost/x:latest\"]");
    g_autoptr(ImageInfo) pulled =
        parse(",\"RepoTags\":[\"localhost/x:latest\"],\"NamesHistory\":[\"r:1/x:latest\"]");

    (void)state;
    assert_null(imageinfo_source(built, "localhost/x"));
    assert_string_equal(imageinfo_source(pulled, "localhost/x"), "r:1/x:latest");
    assert_null(imageinfo_source(pulled, "r:1/x")); /* both are one: nobody can tell */
}

static void knows_what_is_made_on_top(void **state)
{
    g_autofree char *other = g_strnfill(64, 'a');
    g_autoptr(ImageInfo) base = parse(",\"RootFS\":{\"Layers\":[\"1\",\"2\"]}");
    g_autoptr(ImageInfo) on = parse(",\"RootFS\":{\"Layers\":[\"1\",\"2\",\"3\"]}");
    g_autoptr(ImageInfo) apart = parse(",\"RootFS\":{\"Layers\":[\"1\",\"4\",\"3\"]}");
    g_autoptr(ImageInfo) empty = parse("");

    (void)state;
    assert_true(imageinfo_is_on(base, on)); /* the same id */
    g_free(base->id);
    base->id = g_steal_pointer(&other);
    assert_true(imageinfo_is_on(on, base));
    assert_false(imageinfo_is_on(base, on));
    assert_false(imageinfo_is_on(apart, base));
    assert_false(imageinfo_is_on(base, empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_podman_says),
        cmocka_unit_test(takes_the_time_that_the_label_tells),
        cmocka_unit_test(without_a_time_that_can_be_there_is_none),
        cmocka_unit_test(bounds_and_escapes_what_a_stranger_wrote),
        cmocka_unit_test(reads_other_shapes_as_none),
        cmocka_unit_test(names_the_layers),
        cmocka_unit_test(knows_where_it_came_from),
        cmocka_unit_test(knows_what_is_made_on_top),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
