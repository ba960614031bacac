/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID "7047fe6759ee1f2920a08b9e6e4690d2889cff81a4f1771e1578564cdd093564"
#define OTHER "b544d230530c76fce459c0b712f9277b2f27d300e247dc549552b79fbf6e23f5"

static void finds_the_image_in_a_manifest(void **state)
{
    g_autoptr(Remote) remote = remote_parse("{\"config\":{\"digest\":\"sha256:" ID
                                            "\"},\"layers\":[{\"digest\":\"sha256:" OTHER "\"}]}");

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
        "is not implemented");

    (void)state;
    assert_string_equal(remote->id, ID);
}

static void finds_the_digests_of_a_list(void **state)
{
    g_autoptr(Remote) remote = remote_parse("{\"manifests\":[{\"digest\":\"sha256:" ID
                                            "\"},{\"digest\":\"sha256:x\"},7,{}]}");

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
        g_autoptr(Remote) remote = remote_parse(texts[i]);
        assert_null(remote->id);
        assert_int_equal(remote->digests->len, 0);
    }
}

static void compares_with_what_is_here(void **state)
{
    g_autoptr(ImageInfo) info =
        imageinfo_parse("[{\"Id\":\"" ID "\",\"RepoDigests\":[\"x@sha256:" OTHER "\"]}]", -1, 1);
    g_autoptr(Remote) same = remote_parse("{\"config\":{\"digest\":\"sha256:" ID "\"}}");
    g_autoptr(Remote) listed = remote_parse("{\"manifests\":[{\"digest\":\"sha256:" OTHER "\"}]}");
    g_autoptr(Remote) other = remote_parse("{\"config\":{\"digest\":\"sha256:" OTHER "\"}}");
    g_autoptr(Remote) nothing = remote_parse("{}");

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_image_in_a_manifest),
        cmocka_unit_test(finds_it_in_the_error_that_quotes_one),
        cmocka_unit_test(finds_the_digests_of_a_list),
        cmocka_unit_test(takes_nothing_from_other_texts),
        cmocka_unit_test(compares_with_what_is_here),
        cmocka_unit_test(advises),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
