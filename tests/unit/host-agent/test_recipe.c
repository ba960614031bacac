/* SPDX-License-Identifier: ISC */
#include "trust/recipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void passes(const char *text)
{
    g_autoptr(GError) error = NULL;

    if (!recipe_check(text, strlen(text), &error))
        fail_msg("refused with `%s`: %s", error->message, text);
}

/* WHY is a part of the message. */
static void refuses(const char *text, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (recipe_check(text, strlen(text), &error))
        fail_msg("let pass: %s", text);
    if (!strstr(error->message, why))
        fail_msg("refused with `%s`: %s", error->message, text);
}

static void lets_pass_what_stays_in_the_build(void **state)
{
    (void)state;
    passes("");
    passes("ARG BASE\nFROM ${BASE}\nUSER root\nRUN apt-get update\nUSER agent");
    passes("  from $BASE AS one\n\n\t# a comment\nrun make --mount\nFROM scratch\n"
           "COPY --from=one --chown=1:1 /a /b\nCOPY --from=docker.io/library/golang /a /b\n");
    passes("RUN a \\\n# why\n  && b \\  \n && c # caf\xc3\xa9\nENV A=\"x y\" \\\n  B=1\n");
    passes("RUN - -\nRUN -x --mount=y\n");
    passes("# syntax=x is not heeded\n# escaped\nADD https://example.org/a /b\n");
    passes("RUN python3 -c 'import x' \\\n  from y\n");
}

static void refuses_options_of_run(void **state)
{
    (void)state;
    refuses("FROM $BASE\nRUN --mount=type=bind,source=/,target=/x ls\n", "line 2: RUN takes no");
    refuses("run\t  --network=host ls\n", "line 1: RUN takes no");
    refuses("RUN --mo\"un\"t=type=cache,target=/x ls\n", "RUN takes no");
    refuses("RUN '--mount=type=cache'\n", "RUN takes no");
    refuses("RUN -\\-mount=type=cache\n", "RUN takes no");
    refuses("RUN \\\n# x\n --mo\\\nunt=type=cache\n", "line 4: RUN takes no");
    refuses("R\\\nUN --mount=x\n", "line 2: RUN takes no");
    refuses("RUN \\\n --mount=x \\", "the last line: RUN takes no");
}

static void refuses_other_images(void **state)
{
    (void)state;
    refuses("FROM docker.io/library/debian\n", "FROM may be ${BASE} or scratch");
    refuses("FROM\n", "FROM may be");
    refuses("FROM --platform=x $BASE\n", "FROM may be");
    refuses("FROM ${BASE:-x}\n", "FROM may be");
    refuses("FROM oci:/home/me/x\n", "FROM may be");
    refuses("FR\\\nOM x\n", "FROM may be");
    refuses("RUN a\nONBUILD RUN --mount=x\n", "line 2: it does not begin with an instruction");
}

/* One version reads another instruction there than another. */
static void refuses_what_can_be_read_in_two_ways(void **state)
{
    (void)state;
    refuses("# escape=`\nRUN a `\nFROM b\n", "line 1: escape");
    refuses(" #\tESCAPE = `\n", "escape");
    refuses("RUN a \\\n  # b\nFROM c\n", "line 2: within an instruction, a comment");
    refuses("RUN a \\\n\xc2\xa0# b\nFROM c\n", "line 2: a blank that is neither");
    refuses("RUN a \\\n \nFROM c\n", "line 2: an empty line");
    refuses("RUN a \\\\\nFROM c\n", "line 1: two backslashes");
    refuses("RUN <<\"E\\\\\"\nE\\\nFROM c\n", "here-document");
    refuses("COPY <<E /x\nFROM c\nE\n", "here-document");
    refuses("RUN a\r\n", "line 1: a control character");
    refuses("RUN \xa0--mount=x\n", "line 1: it is not UTF-8");
    refuses("RUN \x85--mount=x\n", "line 1: it is not UTF-8");
    refuses("RUN \xc2\xa0--mount=x\n", "a blank that is neither");
    refuses("RUN \xc3\xa0--mount=x\n", "RUN takes no option");
    refuses("RUN a \\\xe2\x80\xa8\nFROM c\n", "a blank that is neither");
    refuses("RUN \xc2\x85--mount=x\n", "a control character");
    refuses("RUN\x0b--mount=x\n", "a control character");
    refuses("\xef\xbb\xbf# escape=`\n", "does not begin with an instruction");
    refuses("\xc2\xa0RUN --mount=x\n", "a blank that is neither");
    refuses("RUN\xc2\xa0--mount=x\n", "a blank that is neither");
    refuses("INCLUDE x\n", "does not begin with an instruction");
}

static void refuses_what_nobody_reads(void **state)
{
    g_autofree char *longest = g_strnfill(64 * 1024, '#');
    g_autofree char *longer = g_strnfill(64 * 1024 + 1, '#');
    g_autoptr(GError) error = NULL;

    (void)state;
    passes(longest);
    refuses(longer, "64 KiB");
    assert_false(recipe_check("#\0", 2, &error));
    assert_non_null(strstr(error->message, "a NUL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_pass_what_stays_in_the_build),
        cmocka_unit_test(refuses_options_of_run),
        cmocka_unit_test(refuses_other_images),
        cmocka_unit_test(refuses_what_can_be_read_in_two_ways),
        cmocka_unit_test(refuses_what_nobody_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
