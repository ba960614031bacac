/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "../../../sshd-entry/penalties.h"

#define MINUTE 60000

static struct sockaddr_storage address(const char *text)
{
    struct sockaddr_storage a = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&a;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a;

    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        a.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
        a.ss_family = AF_INET6;
    return a;
}

static void failures(struct penalties *p, const char *from, int times, int64_t now_ms)
{
    const struct sockaddr_storage a = address(from);

    for (int i = 0; i < times; i++)
        penalties_add(p, &a, now_ms);
}

static unsigned delay(const struct penalties *p, const char *from, int64_t now_ms)
{
    const struct sockaddr_storage a = address(from);

    return penalties_delay_ms(p, &a, now_ms);
}

static void test_delay_grows_to_its_most(void **state)
{
    static const unsigned expected[] = {0, 0, 0, 0, 0, 0, 50, 100, 200, 400, 800, 1600, 1600};
    struct penalties p = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(delay(&p, "127.0.0.1", 5), expected[i]);
        failures(&p, "127.0.0.1", 1, 5);
    }
    failures(&p, "127.0.0.1", 100000, 5);
    assert_int_equal(delay(&p, "127.0.0.1", 5), 1600);
}

static void test_time_heals(void **state)
{
    struct penalties p = {0};

    (void)state;
    failures(&p, "10.0.0.1", 16, 0);
    assert_int_equal(delay(&p, "10.0.0.1", MINUTE - 1), 1600);
    assert_int_equal(delay(&p, "10.0.0.1", MINUTE), 200);   /* 8 */
    assert_int_equal(delay(&p, "10.0.0.1", 2 * MINUTE), 0); /* 4 */
    failures(&p, "10.0.0.1", 2, 2 * MINUTE);
    assert_int_equal(delay(&p, "10.0.0.1", 2 * MINUTE), 50);
    assert_int_equal(delay(&p, "10.0.0.1", (int64_t)1 << 50), 0);
}

static void test_sources_are_apart(void **state)
{
    struct penalties p = {0};

    (void)state;
    failures(&p, "10.0.0.1", 9, 0);
    failures(&p, "2001:db8:0:1::1", 9, 0);
    assert_int_equal(delay(&p, "10.0.0.2", 0), 0);
    assert_int_equal(delay(&p, "2001:db8:0:1:ffff::2", 0), 400); /* the same /64 */
    assert_int_equal(delay(&p, "2001:db8:0:2::1", 0), 0);
    failures(&p, "", 9, 0); /* a UNIX socket's */
    assert_int_equal(delay(&p, "", 0), 0);
}

static void test_a_full_table_forgets_who_failed_least(void **state)
{
    struct penalties p = {0};
    char text[32];

    (void)state;
    failures(&p, "10.0.0.1", 20, 0);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "10.1.%d.%d", i / 250, i % 250);
        failures(&p, text, 1, 0);
    }
    assert_int_equal(delay(&p, "10.0.0.1", 0), 1600);
    failures(&p, "10.2.0.1", 9, 0);
    assert_int_equal(delay(&p, "10.2.0.1", 0), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay_grows_to_its_most),
        cmocka_unit_test(test_time_heals),
        cmocka_unit_test(test_sources_are_apart),
        cmocka_unit_test(test_a_full_table_forgets_who_failed_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
