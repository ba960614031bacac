/* SPDX-License-Identifier: ISC */
#include "focus/proctcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Lines as the kernel writes them: a listener, a session on 2222, its client's end, one on another
 * address, one in TIME_WAIT, one on another port. */
static const char text[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n"
    "   1: 0100007F:08AE 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2\n"
    "   2: 0100007F:C350 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000        0 3\n"
    "   3: 0200007F:08AE 0100007F:C351 01 00000000:00000000 00:00000000 00000000  1000        0 4\n"
    "   4: 0100007F:08AE 0100007F:C352 06 00000000:00000000 00:00000000 00000000  1000        0 5\n"
    "   5: 0100007F:08AF 0100007F:C353 01 00000000:00000000 00:00000000 00000000  1000        0 6\n"
    "  10: 0100007F:08AE 0100007F:C354 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "7\n";

static void counts_sessions(void **state)
{
    (void)state;
    assert_int_equal(proctcp_sessions(text, 2222), 2);
    assert_int_equal(proctcp_sessions(text, 2223), 1);
    assert_int_equal(proctcp_sessions(text, 2224), 0);
}

static void survives_other_texts(void **state)
{
    (void)state;
    assert_int_equal(proctcp_sessions("", 2222), 0);
    assert_int_equal(proctcp_sessions("\n\n\n", 2222), 0);
    assert_int_equal(proctcp_sessions("   1: 0100007F:08AE 0100007F:", 2222), 0);
    assert_int_equal(proctcp_sessions("\n\n   1: 0100007F:08AE 0100007F:C350 01 ", 2222), 1);
}

/* Of the ends of another user's, of none, of another address, of another state, none counts. */
static const char ends[] =
    "   1: 0100007F:08AE 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2\n"
    "   2: 0100007F:C350 0100007F:08AE 01 00000000:00000000 02:000A4CB1 00000000  1000        0 "
    "4294967298 2 0000000000000000 20 4 30 10 -1\n"
    "   3: 0100007F:C351 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1001        0 4\n"
    "   4: 0100007F:C352 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000        0 0\n"
    "   5: 0200007F:C353 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000        0 6\n"
    "   6: 0100007F:C354 0200007F:08AE 01 00000000:00000000 00:00000000 00000000  1000        0 7\n"
    "   7: 0100007F:C355 0100007F:08AE 08 00000000:00000000 00:00000000 00000000  1000        0 8\n"
    "   8: 0100007F:C356 0100007F:08AF 01 00000000:00000000 00:00000000 00000000  1000        0 9\n"
    "   9: 0100007F:C357 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "10\n"
    "  10: 0100007F:C358 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000        0 ";

static void tells_the_clients_ends(void **state)
{
    g_autoptr(GArray) clients = proctcp_clients(ends, 2222, 1000);
    const ProctcpClient *end = &g_array_index(clients, ProctcpClient, 0);

    (void)state;
    assert_int_equal(clients->len, 2);
    assert_int_equal(end[0].port, 50000);
    assert_int_equal(end[0].socket, 4294967298);
    assert_int_equal(end[1].port, 50007);
    assert_int_equal(end[1].socket, 10);
}

static void tells_no_ends_of_other_texts(void **state)
{
    static const char *const texts[] = {
        "",
        "\n\n",
        "   2: 0100007F:C350 0100007F:08AE 01 ",
        "   2: 0100007F:C350 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000",
        "   2: 0100007F:C350 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000  0 x",
        "   2: 0100007F:1C350 0100007F:08AE 01 00000000:00000000 00:00000000 00000000  1000  0 3",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GArray) clients = proctcp_clients(texts[i], 2222, 1000);
        assert_int_equal(clients->len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_sessions),
        cmocka_unit_test(survives_other_texts),
        cmocka_unit_test(tells_the_clients_ends),
        cmocka_unit_test(tells_no_ends_of_other_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
