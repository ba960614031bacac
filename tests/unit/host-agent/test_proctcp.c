/* SPDX-License-Identifier: ISC */
#include "../../../host-agent/proctcp.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_sessions),
        cmocka_unit_test(survives_other_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
