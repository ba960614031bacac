/* SPDX-License-Identifier: ISC */
#include "ssh/hostlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDY/TLxcik8puGf504lCVEGskvRo2SONwiyJV723lMxX"
#define AT "2026-11-21T20:56:07.142781882+00:00 "

static void finds(const char *log, const char *want)
{
    g_autofree char *key = hostlog_key(log);

    if (!want)
        assert_null(key);
    else
        assert_string_equal(key, want);
}

static void finds_the_key(void **state)
{
    (void)state;
    finds(AT "stderr F sshd-entry: host key " KEY "\n", KEY);
    finds(AT "stderr F sshd-entry: a warning\n" AT "stderr F sshd-entry: host key " KEY "\n" AT
             "stderr F sshd-entry: listening\n",
          KEY);
}

static void waits_for_the_whole_line(void **state)
{
    (void)state;
    finds("", NULL);
    finds(AT "stderr F sshd-entry: host key " KEY, NULL);
    finds(AT "stderr P sshd-entry: host key " KEY "\n", NULL);
}

static void believes_pid_1_alone(void **state)
{
    (void)state;
    finds(AT "stdout F sshd-entry: host key " KEY "\n", NULL);
    finds(AT "stderr F x sshd-entry: host key " KEY "\n", NULL);
    finds("sshd-entry: host key " KEY "\n", NULL);
}

static void takes_the_first_announcement_or_none(void **state)
{
    (void)state;
    finds(AT "stderr F sshd-entry: host key ssh-rsa AAAA\n" AT "stderr F sshd-entry: host key " KEY
             "\n",
          NULL);
    finds(AT "stderr F sshd-entry: host key " KEY " comment\n", NULL);
    finds(AT "stderr F sshd-entry: host key " KEY "\r\n", NULL);
}

static void knows_a_key(void **state)
{
    (void)state;
    assert_true(hostlog_key_valid(KEY));
    assert_false(hostlog_key_valid(""));
    assert_false(hostlog_key_valid("ssh-ed25519 "));
    assert_false(hostlog_key_valid(KEY "\n* ssh-ed25519 AAAA"));
    assert_false(hostlog_key_valid("ssh-ed25519  " KEY));
}

static void tells_the_last_words(void **state)
{
    g_autofree char *last =
        hostlog_last(AT "stderr F one\n" AT "stdout F no\n" AT "stderr F two\033[2J\n" AT
                        "stderr F three\n" AT "stderr F\n",
                     2);
    g_autofree char *none = hostlog_last("", 2);

    (void)state;
    assert_string_equal(last, "two\\x1b[2J; three");
    assert_string_equal(none, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_key),
        cmocka_unit_test(waits_for_the_whole_line),
        cmocka_unit_test(believes_pid_1_alone),
        cmocka_unit_test(takes_the_first_announcement_or_none),
        cmocka_unit_test(knows_a_key),
        cmocka_unit_test(tells_the_last_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
