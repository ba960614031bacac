/* SPDX-License-Identifier: ISC */
#include "base/imageref.h"
#include "image/imagetags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define IMAGE(id, names, containers) \
    "{\"Id\":\"" id "\",\"Names\":[" names "],\"Containers\":" containers "}"

#define AT(second) "\"localhost/x:20200101-0000" second "\""

/* As Podman 4.3 has it: an image with two names comes twice. */
#define WITH_TWO IMAGE(D, AT("04") ",\"localhost/x:latest\"", "0")
static const char four[] = "[" WITH_TWO "," IMAGE(B, AT("02"), "0") "," IMAGE(
    A, AT("01") ",\"localhost/y:20200101-000009\"",
    "1") "," IMAGE(C, AT("03"), "0") "," WITH_TWO
                                     ",{\"Id\":\"x\",\"Names\":[" AT(
                                         "05") "]},{\"Id\":\"" A
                                               "\",\"Names\":null}," IMAGE(
                                                   A, "3,\"localhost/x:latest\"", "\"1\"") "]";

static void cuts_names(void **state)
{
    static const struct {
        const char *name, *repository, *tag;
    } rows[] = {
        {"localhost/x:latest", "localhost/x", "latest"},
        {"localhost/x", "localhost/x", ""},
        {"r:5000/x", "r:5000/x", ""},
        {"r:5000/a/x:1", "r:5000/a/x", "1"},
        {"r/x@sha256:00", "r/x", ""},
        {"x:1", "x", "1"},
        {"", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *repository = imageref_repository(rows[i].name);
        assert_string_equal(repository, rows[i].repository);
        assert_string_equal(imageref_tag(rows[i].name), rows[i].tag);
    }
    g_autofree char *tagged = imageref_with_tag("r:5000/x:1", "2");
    assert_string_equal(tagged, "r:5000/x:2");
    g_autofree char *host = imageref_host("r:5000/x:1");
    assert_string_equal(host, "r:5000");
}

static void knows_names_in_full(void **state)
{
    static const struct {
        const char *name, *full;
        gboolean host;
    } rows[] = {
        {"x", "localhost/x:latest", FALSE},
        {"x:1", "localhost/x:1", FALSE},
        {"x@sha256:00", "localhost/x@sha256:00", FALSE},
        {"me/x", "localhost/me/x:latest", FALSE},
        {"localhost/x", "localhost/x:latest", TRUE},
        {"localhost", "localhost/localhost:latest", FALSE},
        {"localhosts/x:1", "localhost/localhosts/x:1", FALSE},
        {"r.example.org/me/x", "r.example.org/me/x:latest", TRUE},
        {"r:5000/x", "r:5000/x:latest", TRUE},
        {"r:5000/x:1", "r:5000/x:1", TRUE},
        {"r.example.org/x@sha256:00", "r.example.org/x@sha256:00", TRUE},
        {"me/x.y:1", "localhost/me/x.y:1", FALSE},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *full = imageref_full(rows[i].name);
        g_autofree char *again = imageref_full(full);
        assert_string_equal(full, rows[i].full);
        assert_string_equal(again, full);
        assert_int_equal(imageref_has_host(rows[i].name), rows[i].host);
    }
}

static void dates_sort_by_age(void **state)
{
    g_autofree char *date = imageref_date(1577836801);

    (void)state;
    assert_string_equal(date, "20200101-000001");
    assert_true(imageref_is_date(date));
    assert_false(imageref_is_date("latest"));
    assert_false(imageref_is_date("20200101-00000"));
    assert_false(imageref_is_date("20200101-0000011"));
    assert_false(imageref_is_date("20200101_000001"));
}

static void lists_the_dated_ones_of_one_repository(void **state)
{
    g_autoptr(GPtrArray) list = imagetags_parse(four, -1, "localhost/x:latest");
    const ImageTag *const *tags = (const ImageTag *const *)list->pdata;

    (void)state;
    assert_int_equal(list->len, 4);
    assert_string_equal(tags[0]->date, "20200101-000004");
    assert_string_equal(tags[0]->id, D);
    assert_false(tags[0]->used);
    assert_string_equal(tags[3]->name, "localhost/x:20200101-000001");
    assert_true(tags[3]->used);
}

static void goes_one_step_back(void **state)
{
    g_autoptr(GPtrArray) list = imagetags_parse(four, -1, "localhost/x:latest");

    (void)state;
    assert_string_equal(imagetags_before(list, D, "")->id, C);
    assert_string_equal(imagetags_before(list, B, "20200101-000009")->id, A);
    assert_null(imagetags_before(list, A, "20200101-000009"));
    /* One without a date of its own has that of its build. */
    assert_string_equal(imagetags_before(list, "", "20200101-000003")->id, B);
    assert_null(imagetags_before(list, "", "20191231-000000"));
}

static void an_image_keeps_its_date(void **state)
{
    g_autoptr(ImageInfo) info = imageinfo_parse(
        "[{\"Id\":\"" A
        "\",\"Created\":\"2020-01-01T00:00:01Z\",\"RepoTags\":[\"localhost/x:latest\","
        "\"localhost/y:20190101-000000\"],\"NamesHistory\":[" AT("07") "]}]",
        -1, 2000000000);
    g_autoptr(ImageInfo) timeless = imageinfo_parse("[{\"Id\":\"" A "\"}]", -1, 2000000000);
    g_autofree char *had = imagetags_date("localhost/x:latest", info, 1577836808);
    g_autofree char *new = imagetags_date("localhost/z:latest", info, 1577836808);
    g_autofree char *now = imagetags_date("localhost/z:latest", timeless, 1577836808);

    (void)state;
    assert_string_equal(had, "20200101-000007");
    assert_string_equal(new, "20200101-000001");
    assert_string_equal(now, "20200101-000008");
}

static void removes_what_nobody_needs(void **state)
{
    g_autoptr(GPtrArray) list = imagetags_parse(four, -1, "localhost/x:latest");
    g_autoptr(GPtrArray) most = imagetags_beyond(list, 1, C);
    g_autoptr(GPtrArray) one = imagetags_beyond(list, 2, D);
    g_autoptr(GPtrArray) none = imagetags_beyond(list, 4, D);

    (void)state;
    assert_int_equal(most->len, 1); /* C is the one that runs next, A is in use */
    assert_string_equal(((ImageTag *)most->pdata[0])->id, B);
    assert_int_equal(one->len, 1);
    assert_string_equal(((ImageTag *)one->pdata[0])->id, B);
    assert_int_equal(none->len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_names),
        cmocka_unit_test(knows_names_in_full),
        cmocka_unit_test(dates_sort_by_age),
        cmocka_unit_test(lists_the_dated_ones_of_one_repository),
        cmocka_unit_test(goes_one_step_back),
        cmocka_unit_test(an_image_keeps_its_date),
        cmocka_unit_test(removes_what_nobody_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
