/* SPDX-License-Identifier: ISC */
#include "base/run.h"
#include "image/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW 2000000000
#define ID "7047fe6759ee1f2920a08b9e6e4690d2889cff81a4f1771e1578564cdd093564"
#define OTHER "b544d230530c76fce459c0b712f9277b2f27d300e247dc549552b79fbf6e23f5"

static void finds_the_image_in_a_manifest(void **state)
{
    g_autoptr(Remote) remote = remote_parse("{\"config\":{\"digest\":\"sha256:" ID
                                            "\"},\"layers\":[{\"digest\":\"sha256:" OTHER "\"}]}",
                                            NOW);

    (void)state;
    assert_string_equal(remote->id, ID);
    assert_int_equal(remote->digests->len, 0);
}

/* Word for word as Podman 4.3.1 ends, but for the layers. */
static void finds_it_in_the_error_that_quotes_one(void **state)
{
    g_autoptr(Remote) remote = remote_parse(
        "podman manifest: parsing manifest blob \"{\\\"schemaVersion\\\":2,\\\"config\\\":{"
        "\\\"digest\\\":\\\"sha256:" ID
        "\\\",\\\"size\\\":734},\\\"layers\\\":[],\\\"annotations\\\":"
        "{\\\"x\\\":\\\"a\\\\\\\" as a \\\\\\\"b\\\"}}\" as a "
        "\"application/vnd.oci.image.manifest.v1+json\": Treating single images as manifest lists "
        "is not implemented",
        NOW);

    (void)state;
    assert_string_equal(remote->id, ID);
}

static void finds_when_it_was_made(void **state)
{
    static const struct {
        const char *annotations;
        gint64 created;
    } rows[] = {
        {"{\"" IMAGEINFO_CREATED "\":\"2020-01-01T00:00:01Z\"}", 1577836801},
        {"{\"" IMAGEINFO_CREATED "\":\"2999-01-01T00:00:01Z\"}", 0},
        {"{\"" IMAGEINFO_CREATED "\":7}", 0},
        {"{}", 0},
        {"[]", 0},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf("{\"annotations\":%s}", rows[i].annotations);
        g_autoptr(Remote) remote = remote_parse(text, NOW);
        assert_int_equal(remote->created, rows[i].created);
    }
}

/* As many as Podman's storage takes; a manifest that lost its beginning tells nothing. What reads
 * is run_capture(), and what fails is a program that quotes as Podman does. */
static void finds_it_before_127_layers(void **state)
{
    g_autoptr(GString) manifest =
        g_string_new("{\"config\":{\"digest\":\"sha256:" ID "\"},\"layers\":[");
    g_autoptr(GError) error = NULL;

    (void)state;
    for (int i = 0; i < 127; i++)
        g_string_append_printf(manifest,
                               "%s{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\","
                               "\"digest\":\"sha256:" OTHER "\",\"size\":123456789}",
                               i ? "," : "");
    g_string_append(manifest, "]}");
    g_autofree char *quoted = g_strescape(manifest->str, NULL);
    g_autofree char *text = g_strdup_printf(
        "Error: parsing manifest blob \"%s\" as a \"application/vnd.oci.image.manifest.v1+json\": "
        "Treating single images as manifest lists is not implemented\n",
        quoted);
    const char *const argv[] = {"/bin/sh", "-c", "printf %s \"$1\" >&2; exit 125",
                                "sh",      text, NULL};
    assert_false(run_capture(argv, 10, REMOTE_MANIFEST_MAX, NULL, &error));
    g_autoptr(Remote) remote = remote_parse(error->message, NOW);
    assert_string_equal(remote->id, ID);
}

static void finds_the_digests_of_a_list(void **state)
{
    g_autoptr(Remote) remote = remote_parse(
        "{\"manifests\":[{\"digest\":\"sha256:" ID "\"},{\"digest\":\"sha256:x\"},7,{}]}", NOW);

    (void)state;
    assert_null(remote->id);
    assert_int_equal(remote->digests->len, 1);
    assert_string_equal(remote->digests->pdata[0], "sha256:" ID);
}

static void takes_nothing_from_other_texts(void **state)
{
    g_autofree char *deep = g_strnfill(100000, '[');
    const char *const texts[] = {
        "",
        "x",
        "[]",
        "{\"config\":[]}",
        "{\"config\":{\"digest\":\"sha256:../x\"}}",
        "{\"config\":{\"digest\":\"" ID "\"}}",
        "{\"manifests\":{}}",
        "parsing manifest blob \"",
        "parsing manifest blob \"\" as a \"",
        deep,
        "parsing manifest blob \"\\",
        "\" as a \"parsing manifest blob \"",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Remote) remote = remote_parse(texts[i], NOW);
        assert_null(remote->id);
        assert_int_equal(remote->digests->len, 0);
    }
}

static void compares_with_what_is_here(void **state)
{
    g_autoptr(ImageInfo) info =
        imageinfo_parse("[{\"Id\":\"" ID "\",\"RepoDigests\":[\"x@sha256:" OTHER "\"]}]", -1, 1);
    g_autoptr(Remote) same = remote_parse("{\"config\":{\"digest\":\"sha256:" ID "\"}}", NOW);
    g_autoptr(Remote) listed =
        remote_parse("{\"manifests\":[{\"digest\":\"sha256:" OTHER "\"}]}", NOW);
    g_autoptr(Remote) other = remote_parse("{\"config\":{\"digest\":\"sha256:" OTHER "\"}}", NOW);
    g_autoptr(Remote) nothing = remote_parse("{}", NOW);

    (void)state;
    assert_true(remote_is(same, info));
    assert_true(remote_is(listed, info));
    assert_false(remote_is(other, info));
    assert_false(remote_is(nothing, info));
}

static void advises(void **state)
{
    static const struct {
        const char *message, *advice;
    } rows[] = {
        {"x: unauthorized: y", "`podman login r:1` first"},
        {"tls: x509: unknown", "its CA belongs into ~/.config/containers/certs.d/r:1/"},
        {"write: no space left on device", "make room: `host-agent image prune`"},
        {"something else", NULL},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *advice = remote_advice(rows[i].message, "r:1");
        if (rows[i].advice)
            assert_string_equal(advice, rows[i].advice);
        else
            assert_null(advice);
    }
}

/* A proxy's page must not fill the screen; what helps stands behind it. */
static void cuts_long_words(void **state)
{
    g_autofree char *page = g_strnfill(5000, 'x');
    g_autoptr(GError) error = g_error_new(G_SPAWN_ERROR, 0, "\xc3\xa4%s unauthorized", page);
    g_autoptr(GError) brief = g_error_new_literal(G_SPAWN_ERROR, 0, "EOF");

    (void)state;
    remote_advise(&error, "r:1/x");
    assert_true(strlen(error->message) < 500);
    assert_true(g_utf8_validate(error->message, -1, NULL));
    assert_true(g_str_has_suffix(error->message, "x...: `podman login r:1` first"));
    remote_advise(&brief, "r:1/x");
    assert_string_equal(brief->message, "EOF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_image_in_a_manifest),
        cmocka_unit_test(finds_it_in_the_error_that_quotes_one),
        cmocka_unit_test(finds_when_it_was_made),
        cmocka_unit_test(finds_it_before_127_layers),
        cmocka_unit_test(finds_the_digests_of_a_list),
        cmocka_unit_test(takes_nothing_from_other_texts),
        cmocka_unit_test(compares_with_what_is_here),
        cmocka_unit_test(advises),
        cmocka_unit_test(cuts_long_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
