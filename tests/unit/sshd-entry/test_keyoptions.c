/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdlib.h>

#include "../../../sshd-entry/keyoptions.h"

static struct keyoptions options;
static char reason[120];

static int parse(const char *text)
{
    keyoptions_free(&options);
    return keyoptions_parse(&options, text, strlen(text), reason, sizeof(reason));
}

static void good(const char *text)
{
    assert_int_equal(parse(text), 0);
}

static void bad(const char *text)
{
    memset(reason, 0, sizeof(reason));
    assert_int_equal(parse(text), -1);
    assert_true(strlen(reason) > 0);
}

static void test_words(void **state)
{
    (void)state;
    good("");
    assert_true(options.pty && options.agent_forwarding && options.port_forwarding);
    good("restrict");
    assert_false(options.pty || options.agent_forwarding || options.port_forwarding);
    good("Restrict,PORT-forwarding,no-X11-forwarding,user-rc");
    assert_true(options.port_forwarding);
    assert_false(options.pty || options.agent_forwarding);
    good("pty,restrict");
    assert_false(options.pty);
}

static void test_bad(void **state)
{
    static const char *const texts[] = {
        "bogus",
        ",",
        "pty,,pty",
        "pty=\"x\"",
        "command",
        "command=x",
        "command=\"x",
        "command=",
        "command=\"a\",command=\"b\"",
        "command=\"a\"b",
        "from=\"\"",
        "from=\",\"",
        "pty pty",
        "expiry-time=\"2026\"",
        "expiry-time=\"20261301\"",
        "expiry-time=\"20260101X\"",
        "tunnel=\"0\"",
        "principals=\"a\"",
        "x=",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        bad(texts[i]);
}

static void test_values(void **state)
{
    (void)state;
    good("environment=\"A=1\",environment=\"B=x,y\",command=\"a, \\\"b\\\" \\n\"");
    assert_int_equal(options.environment.count, 2);
    assert_string_equal(options.environment.items[1], "B=x,y");
    assert_string_equal(options.command, "a, \"b\" \\n");
}

static void test_many_values(void **state)
{
    char text[KEYOPTIONS_LIST_MAX * 24 + 64] = "";

    (void)state;
    for (int i = 0; i < KEYOPTIONS_LIST_MAX; i++)
        strcat(text, i ? ",permitopen=\"a:1\"" : "permitopen=\"a:1\"");
    good(text);
    strcat(text, ",permitopen=\"a:1\"");
    bad(text);
}

static bool from(const char *patterns, const char *address)
{
    char text[200] = "from=\"";

    strcat(text, patterns);
    strcat(text, "\"");
    good(text);
    return keyoptions_admit(&options, address, 0, reason, sizeof(reason));
}

static void test_from(void **state)
{
    (void)state;
    assert_true(from("127.0.0.1", "127.0.0.1"));
    assert_true(from("10.0.0.1,127.*", "127.0.0.1"));
    assert_false(from("10.0.0.1", "127.0.0.1"));
    assert_false(from("!127.0.0.1,*", "127.0.0.1"));
    assert_false(from("!10.0.0.1", "127.0.0.1"));
    assert_true(from("127.0.0.0/8", "127.9.9.9"));
    assert_true(from("192.168.32.0/19", "192.168.63.1"));
    assert_false(from("192.168.32.0/19", "192.168.64.1"));
    assert_true(from("0.0.0.0/0", "8.8.8.8"));
    assert_true(from("fe80::/10", "febf::1"));
    assert_false(from("fe80::/10", "fec0::1"));
    assert_false(from("0.0.0.0/0", "::1"));
    assert_false(from("127.0.0.1/33", "127.0.0.1"));
    assert_false(from("127.0.0.1/8x", "127.0.0.1"));
    assert_false(from("/8", "127.0.0.1"));
}

static void test_expiry(void **state)
{
    (void)state;
    good("expiry-time=\"20300102030405Z\"");
    assert_int_equal(options.expiry, 1893553445);
    assert_true(keyoptions_admit(&options, "::1", 1893553444, reason, sizeof(reason)));
    assert_false(keyoptions_admit(&options, "::1", 1893553445, reason, sizeof(reason)));
    good("expiry-time=\"20300102Z\"");
    assert_int_equal(options.expiry, 1893542400);
    good("expiry-time=\"203001020304Z\"");
    assert_int_equal(options.expiry, 1893553440);
}

static void test_permits(void **state)
{
    (void)state;
    good("");
    assert_true(keyoptions_permit_open(&options, "host", 80));
    assert_true(keyoptions_permit_listen(&options, "", 80));
    good("permitopen=\"Host:80\",permitopen=\"[::1]:*\",permitopen=\"*:443\"");
    assert_true(keyoptions_permit_open(&options, "host", 80));
    assert_false(keyoptions_permit_open(&options, "host", 81));
    assert_false(keyoptions_permit_open(&options, "host2", 80));
    assert_true(keyoptions_permit_open(&options, "::1", 1));
    assert_true(keyoptions_permit_open(&options, "any", 443));
    good("permitopen=\"none\"");
    assert_false(keyoptions_permit_open(&options, "none", 80));
    good("permitlisten=\"8080\",permitlisten=\"localhost:*\"");
    assert_true(keyoptions_permit_listen(&options, "", 8080));
    assert_true(keyoptions_permit_listen(&options, "localhost", 1));
    assert_false(keyoptions_permit_listen(&options, "", 8081));
    good("no-port-forwarding,permitopen=\"a:1\"");
    assert_false(keyoptions_permit_open(&options, "a", 1));
    assert_false(keyoptions_permit_listen(&options, "", 1));
}

static int forget(void **state)
{
    (void)state;
    keyoptions_free(&options);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),   cmocka_unit_test(test_bad),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_from),    cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_permits),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
