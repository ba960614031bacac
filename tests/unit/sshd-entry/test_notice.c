/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../../sshd-entry/notice.h"

/* Of bytes of its own, without a NUL, so that reading too far is seen. */
static char *own(const char *text)
{
    size_t n = strlen(text);

    return memcpy(malloc(n ? n : 1), text, n);
}

static void assert_line(const char *title, const char *text, const char *expected)
{
    char *own_title = own(title), *own_text = own(text);
    const struct osc_message message = {own_title, own_text, strlen(title), strlen(text)};
    struct notice notice;

    notice_of_message(&notice, &message, "54321");
    assert_true(notice.length <= NOTICE_MAX);
    assert_int_equal(notice.length, strlen(expected));
    assert_memory_equal(notice.line, expected, notice.length);
    free(own_title);
    free(own_text);
}

#define LINE(inside) "{\"event\":\"Terminal\"" inside ",\"client\":54321}\n"

static void test_parts(void **state)
{
    (void)state;
    assert_line("T", "text", LINE(",\"title\":\"T\",\"text\":\"text\""));
    assert_line("", "text", LINE(",\"text\":\"text\""));
    assert_line("T", "", LINE(",\"title\":\"T\""));
    assert_line("", "", "");
}

/* Nothing that a program says becomes another key, or another line. */
static void test_escaped(void **state)
{
    (void)state;
    assert_line("", "x\",\"event\":\"Stop", LINE(",\"text\":\"x\\\",\\\"event\\\":\\\"Stop\""));
    assert_line("", "x\\", LINE(",\"text\":\"x\\\\\""));
    assert_line("\\\"", "\\n", LINE(",\"title\":\"\\\\\\\"\",\"text\":\"\\\\n\""));
    assert_line("", "a\nb\rc\td\033e\001f\177g", LINE(",\"text\":\"abcdefg\""));
    assert_line("\n", "\033", "");
}

static void test_utf8(void **state)
{
    (void)state;
    assert_line("é", "€ 🙂 \xf4\x8f\xbf\xbf",
                LINE(",\"title\":\"é\",\"text\":\"€ 🙂 \xf4\x8f\xbf\xbf\""));
    /* Cut, alone, overlong, a surrogate, beyond the last, C1. */
    static const char *const wrong[] = {
        "\xe2\x82",         "\xc3",         "\xf0\x9f\x99",     "\x80",
        "\xbf\xbf",         "\xc0\xaf",     "\xc1\xbf",         "\xe0\x9f\xbf",
        "\xed\xa0\x80",     "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff",         "\xc2\x80",         "\xc2\x9b",
        "\xc2\x9f",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char text[16] = "a";
        strcat(text, wrong[i]);
        assert_line("", wrong[i], "");
        assert_line("", text, LINE(",\"text\":\"a\""));
        strcat(text, "b");
        assert_line(wrong[i], text, LINE(",\"text\":\"ab\""));
    }
    assert_line("", "\xc2\xa0", LINE(",\"text\":\"\xc2\xa0\""));
}

/* The longest that there can be: every character of four bytes, or of two for one. */
static void test_long(void **state)
{
    static const char *const characters[] = {"x", "\"", "€", "\xf0\x9f\x99\x82"};

    (void)state;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        const size_t n = strlen(characters[i]);
        const size_t many = OSC_MAX / n;
        char *all = calloc(many + 1, n);
        for (size_t at = 0; at < many * n; at += n)
            memcpy(all + at, characters[i], n);
        const struct osc_message message = {all, all, many * n, many * n};
        struct notice notice;
        notice_of_message(&notice, &message, "65535");
        size_t each = n + (*characters[i] == '"');
        size_t expected = strlen(LINE(",\"title\":\"\",\"text\":\"\"")) +
                          each * (NOTICE_TITLE_MAX + NOTICE_TEXT_MAX) + 2 * strlen("…");
        assert_int_equal(notice.length, expected);
        assert_true(notice.length <= NOTICE_MAX);

        char cut[NOTICE_TEXT_MAX * 4 + 1] = "", whole[sizeof(cut) + 64];
        memcpy(cut, all, NOTICE_TEXT_MAX * n);
        if (*characters[i] != '"') {
            snprintf(whole, sizeof(whole), LINE(",\"text\":\"%s\""), cut);
            assert_line("", cut, whole);
        }
        free(all);
    }
}

static void test_bell(void **state)
{
    struct notice notice;

    (void)state;
    notice_of_bell(&notice, "54321");
    static const char expected[] = LINE(",\"text\":\"The bell rang\",\"key\":\"bell-54321\"");
    assert_int_equal(notice.length, sizeof(expected) - 1);
    assert_memory_equal(notice.line, expected, notice.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts), cmocka_unit_test(test_escaped), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_long),  cmocka_unit_test(test_bell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
