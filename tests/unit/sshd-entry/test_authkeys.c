/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "../../../sshd-entry/authkeys.h"

#define TYPE "ssh-ed25519"
#define BLOB "AAAAC3NzaC1lZDI1NTE5AAAAIFG7p0lBGPwc9lvs4hsEwSlqi2JDlMkOA3u9xABCDEF"
#define KEY TYPE " " BLOB

static struct keyoptions granted;

static struct authkeys_match find_in(const char *text, size_t length)
{
    const struct authkeys_query query = {
        .type = TYPE, .blob = BLOB, .address = "127.0.0.1", .now = 1000};

    keyoptions_free(&granted);
    return authkeys_find(text, length, &query, &granted);
}

static struct authkeys_match find(const char *text)
{
    return find_in(text, strlen(text));
}

static void admits(const char *text, unsigned line)
{
    struct authkeys_match match = find(text);

    assert_int_equal(match.verdict, AUTHKEYS_ADMITTED);
    assert_int_equal(match.line, line);
}

static void refuses(const char *text, unsigned line, const char *reason)
{
    struct authkeys_match match = find(text);

    assert_int_equal(match.verdict, AUTHKEYS_REFUSED);
    assert_int_equal(match.line, line);
    assert_string_equal(match.reason, reason);
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

static void test_options(void **state)
{
    (void)state;
    admits("no-pty " KEY "\n", 1);
    assert_false(granted.pty);
    assert_true(granted.agent_forwarding);
    admits("\n  restrict,pty,command=\"echo \\\"a b\\\" c\" " KEY "\n", 2);
    assert_true(granted.pty);
    assert_false(granted.port_forwarding);
    assert_string_equal(granted.command, "echo \"a b\" c");
    admits(KEY "\n", 1);
    assert_null(granted.command);

    refuses("no-such-option " KEY "\n", 1, "option \"no-such-option\" is not known");
    refuses("cert-authority " KEY "\n", 1, "option \"cert-authority\" is not known");
    refuses("from=\"10.0.0.0/8\" " KEY "\n", 1, "from=\"...\" does not match 127.0.0.1");
    refuses("expiry-time=\"19700101Z\" " KEY "\n", 1, "option \"expiry-time\" has a bad value");
    /* A key in the value of an option is no key. */
    lacks("command=\"" KEY "\" ssh-rsa AAAA\n");
    /* An open quote takes the rest of its line, and no more. */
    lacks("command=\"" KEY "\n");
    admits("command=\"x\n" KEY "\n", 2);
}

static void test_later_line_admits(void **state)
{
    (void)state;
    admits("bogus " KEY "\n" KEY "\n", 2);
    admits("no-pty " KEY "\n" KEY "\n", 1);
    refuses("bogus " KEY "\nfrom=\"x\" " KEY "\n", 1, "option \"bogus\" is not known");
}

static void test_bounds(void **state)
{
    char text[AUTHKEYS_LINE_MAX + 200];

    (void)state;
    memset(text, ' ', sizeof(text));
    memcpy(text, KEY, strlen(KEY));
    assert_int_equal(find_in(text, AUTHKEYS_LINE_MAX).verdict, AUTHKEYS_ADMITTED);
    assert_int_equal(find_in(text, AUTHKEYS_LINE_MAX + 1).verdict, AUTHKEYS_ABSENT);

    /* A long name is cut to fit. */
    memset(text, 'x', sizeof(text));
    memcpy(text + 200, " " KEY, strlen(KEY) + 1);
    struct authkeys_match match = find_in(text, 201 + strlen(KEY));
    assert_int_equal(match.verdict, AUTHKEYS_REFUSED);
    assert_true(strlen(match.reason) < sizeof(match.reason));
}

static void test_bytes(void **state)
{
    static const char nul[] = "\0" KEY "\n";
    static const char after[] = "\0\n" KEY "\n";

    (void)state;
    assert_int_equal(find_in(nul, sizeof(nul) - 1).verdict, AUTHKEYS_ABSENT);
    assert_int_equal(find_in(after, sizeof(after) - 1).verdict, AUTHKEYS_ADMITTED);
}

static int forget(void **state)
{
    (void)state;
    keyoptions_free(&granted);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines), cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_options),     cmocka_unit_test(test_later_line_admits),
        cmocka_unit_test(test_bounds),      cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
