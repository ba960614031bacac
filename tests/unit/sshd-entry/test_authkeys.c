/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "../../../sshd-entry/authkeys.h"

#define TYPE "ssh-ed25519"
#define BLOB "AAAAC3NzaC1lZDI1NTE5AAAAIFG7p0lBGPwc9lvs4hsEwSlqi2JDlMkOA3u9xABCDEF"
#define KEY TYPE " " BLOB

static struct authkeys_match find(const char *text)
{
    return authkeys_find(text, strlen(text), TYPE, BLOB);
}

static void admits(const char *text, unsigned line)
{
    struct authkeys_match match = find(text);

    assert_int_equal(match.verdict, AUTHKEYS_ADMITTED);
    assert_int_equal(match.line, line);
}

static void refuses(const char *text, unsigned line, const char *option)
{
    struct authkeys_match match = find(text);

    assert_int_equal(match.verdict, AUTHKEYS_REFUSED);
    assert_int_equal(match.line, line);
    assert_string_equal(match.option, option);
}

static void lacks(const char *text)
{
    assert_int_equal(find(text).verdict, AUTHKEYS_ABSENT);
    assert_int_equal(find(text).line, 0);
}

static void test_plain_lines(void **state)
{
    (void)state;
    admits(KEY, 1);
    admits(KEY "\n", 1);
    admits(KEY " a comment with blanks\n", 1);
    admits(" \t" TYPE " \t " BLOB "\t\n", 1);
    admits("# a comment\n\n" KEY "\n", 3);
    admits(KEY "\r\n", 1);
    admits("ssh-rsa AAAA someone\n" KEY "\n", 2);
}

static void test_other_keys(void **state)
{
    (void)state;
    lacks("");
    lacks("\n\n");
    lacks("#" KEY "\n");
    lacks(TYPE "\n");
    lacks(TYPE " " BLOB "A\n");
    lacks(TYPE " AAAA " BLOB "\n");
    lacks("ssh-rsa " BLOB "\n");
    lacks(TYPE "\n" BLOB "\n");
}

static void test_options_refuse(void **state)
{
    (void)state;
    refuses("no-pty " KEY "\n", 1, "no-pty");
    refuses("command=\"ls -l\" " KEY "\n", 1, "command");
    refuses("\n  restrict,pty " KEY "\n", 2, "restrict");
    refuses("command=\"echo \\\"a b\\\" c\",no-pty " KEY "\n", 1, "command");
    /* A key in the value of an option is no key. */
    lacks("command=\"" KEY "\" ssh-rsa AAAA\n");
    /* An open quote takes the rest of its line, and no more. */
    lacks("command=\"" KEY "\n");
    admits("command=\"x\n" KEY "\n", 2);
}

static void test_later_line_admits(void **state)
{
    (void)state;
    admits("no-pty " KEY "\n" KEY "\n", 2);
    refuses("no-pty " KEY "\nrestrict " KEY "\n", 1, "no-pty");
}

static void test_bounds(void **state)
{
    char text[AUTHKEYS_LINE_MAX + 200];

    (void)state;
    memset(text, ' ', sizeof(text));
    memcpy(text, KEY, strlen(KEY));
    assert_int_equal(authkeys_find(text, AUTHKEYS_LINE_MAX, TYPE, BLOB).verdict, AUTHKEYS_ADMITTED);
    assert_int_equal(authkeys_find(text, AUTHKEYS_LINE_MAX + 1, TYPE, BLOB).verdict,
                     AUTHKEYS_ABSENT);

    /* An option's name is cut to fit. */
    memset(text, 'x', sizeof(text));
    memcpy(text + 100, " " KEY, strlen(KEY) + 1);
    struct authkeys_match match = authkeys_find(text, 101 + strlen(KEY), TYPE, BLOB);
    assert_int_equal(match.verdict, AUTHKEYS_REFUSED);
    assert_int_equal(strlen(match.option), sizeof(match.option) - 1);
}

static void test_bytes(void **state)
{
    static const char nul[] = "\0" KEY "\n";
    static const char after[] = "\0\n" KEY "\n";

    (void)state;
    assert_int_equal(authkeys_find(nul, sizeof(nul) - 1, TYPE, BLOB).verdict, AUTHKEYS_ABSENT);
    assert_int_equal(authkeys_find(after, sizeof(after) - 1, TYPE, BLOB).verdict,
                     AUTHKEYS_ADMITTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines),    cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_options_refuse), cmocka_unit_test(test_later_line_admits),
        cmocka_unit_test(test_bounds),         cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
