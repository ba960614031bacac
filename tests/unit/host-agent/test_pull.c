/* SPDX-License-Identifier: ISC */
#include "image/pull.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOME "localhost/x"

/* An image ID (a hexadecimal digit) that was made in that second, 0: nobody knows when; PULLED from
 * a registry, or built here. */
typedef struct {
    char id;
    int second;
    gboolean pulled;
} Image;

static const Image none = {0};

static ImageInfo *make(Image image)
{
    g_autofree char *id = g_strnfill(64, image.id);
    g_autofree char *json = g_strdup_printf(
        "[{\"Id\":\"%s\",\"Created\":\"%s-01-01T00:00:0%dZ\",\"RepoTags\":[\"%s:latest\"]}]", id,
        image.second ? "2020" : "2999", image.second, image.pulled ? "r:1/x" : HOME);

    return image.id ? imageinfo_parse(json, -1, 2000000000) : NULL;
}

static void judges(void **state)
{
    static const struct {
        Image new, current, bad;
        PullOutcome outcome;
    } rows[] = {
        {{'a', 1, TRUE}, none, none, PULL_NEW},
        {{'a', 0, TRUE}, none, none, PULL_NEW},
        {{'a', 1, TRUE}, none, {'a', 1, TRUE}, PULL_NEW}, /* it is all there is */
        {{'a', 1, TRUE}, {'a', 1, FALSE}, none, PULL_SAME},
        {{'a', 2, TRUE}, {'b', 1, FALSE}, none, PULL_NEW},
        {{'a', 1, TRUE}, {'b', 2, FALSE}, none, PULL_OLDER},
        {{'a', 1, TRUE}, {'b', 2, TRUE}, none, PULL_NEW}, /* the registry took a step back */
        {{'a', 0, TRUE}, {'b', 2, FALSE}, none, PULL_UNDATED},
        {{'a', 0, TRUE}, {'b', 2, TRUE}, none, PULL_UNDATED},
        {{'a', 0, TRUE}, {'b', 0, TRUE}, none, PULL_NEW},
        {{'a', 1, TRUE}, {'b', 0, FALSE}, none, PULL_NEW},
        {{'a', 3, TRUE}, {'b', 1, TRUE}, {'a', 3, TRUE}, PULL_ROLLED_BACK},
        {{'a', 2, TRUE}, {'b', 1, TRUE}, {'c', 3, TRUE}, PULL_ROLLED_BACK},
        {{'a', 4, TRUE}, {'b', 1, TRUE}, {'c', 3, TRUE}, PULL_NEW},
        {{'a', 0, TRUE}, {'b', 0, TRUE}, {'a', 0, TRUE}, PULL_ROLLED_BACK},
        {{'a', 0, TRUE}, {'b', 0, TRUE}, {'c', 3, TRUE}, PULL_UNDATED},
        {{'a', 4, TRUE}, {'b', 1, TRUE}, {'c', 0, TRUE}, PULL_NEW},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(ImageInfo) new = make(rows[i].new);
        g_autoptr(ImageInfo) current = make(rows[i].current);
        g_autoptr(ImageInfo) bad = make(rows[i].bad);
        PullOutcome outcome = pull_judge(new, current, bad, HOME);
        if (outcome != rows[i].outcome)
            fail_msg("row %zu: %d, not %d", i, (int)outcome, (int)rows[i].outcome);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(judges)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
