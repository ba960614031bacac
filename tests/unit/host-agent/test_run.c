/* SPDX-License-Identifier: ISC */
#include "base/foreground.h"
#include "base/listen.h"
#include "base/run.h"

#include <gio/gio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SH(script) ((const char *const[]){"sh", "-c", script, NULL})

static void fails(const char *const *argv, unsigned seconds, gsize max, const char *want)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;

    assert_false(run_capture(argv, seconds, max, &out, &error));
    assert_null(out);
    if (!strstr(error->message, want))
        fail_msg("%s", error->message);
}

static void keeps_the_output(void **state)
{
    g_autofree char *out = NULL;

    (void)state;
    assert_true(run_capture(SH("printf 'a\\nb'; echo noise >&2"), 10, 3, &out, NULL));
    assert_string_equal(out, "a\nb");
}

static void tells_the_last_words(void **state)
{
    (void)state;
    fails(SH("echo first >&2; echo last >&2; exit 3"), 10, 0, "sh -c: last");
    fails(SH("echo 'Error: why' >&2; echo \"See 'podman --help'\" >&2; exit 125"), 10, 0,
          "sh -c: why");
    fails(SH("printf 'a\\033[2Jb' >&2; exit 1"), 10, 0, "sh -c: a\\x1b[2Jb");
    fails(SH("exit 3"), 10, 0, "sh -c: failed with status 3");
    fails(SH("kill -9 $$"), 10, 0, "sh -c: failed with status 137");
    fails((const char *const[]){"/nonexistent/program", NULL}, 10, 0,
          "cannot run /nonexistent/program");
}

static void bounds_the_output(void **state)
{
    (void)state;
    fails(SH("printf abcd"), 10, 3, "wrote more than 3 bytes");
    fails(SH("head -c 10000000 /dev/zero"), 10, 65536, "wrote more than 65536 bytes");
    /* Nobody asked for it, so any length is fine. */
    assert_true(run_capture(SH("head -c 10000000 /dev/zero"), 10, 0, NULL, NULL));
}

/* With all of its children: one that holds the pipe open must not hold us. */
static void kills_when_the_time_is_up(void **state)
{
    gint64 before = g_get_monotonic_time();

    (void)state;
    fails(SH("sleep 100 & sleep 100"), 1, 0, "sh -c: no answer within 1 s");
    assert_true(g_get_monotonic_time() - before < 10 * G_USEC_PER_SEC);
}

/* As podman's conmon does. */
static void does_not_wait_for_grandchildren(void **state)
{
    g_autofree char *out = NULL;
    gint64 before = g_get_monotonic_time();

    (void)state;
    assert_true(run_capture(SH("sleep 20 & echo $!"), 30, 64, &out, NULL));
    assert_true(g_get_monotonic_time() - before < 10 * G_USEC_PER_SEC);
    assert_int_equal(kill((pid_t)g_ascii_strtoll(out, NULL, 10), SIGKILL), 0);
}

static void hands_the_listener_over(void **state)
{
    g_autoptr(GError) error = NULL;
    int port = 20000;
    int listener = listen_first(&port, &error);

    (void)state;
    assert_true(listener >= 0);
    if (!run_with_listener(
            SH("[ \"$LISTEN_PID:$LISTEN_FDS:${LISTEN_FDNAMES-none}\" = $$:1:none ] || "
               "{ env | grep LISTEN >&2; exit 1; }; "
               "case $(readlink /proc/self/fd/3) in socket:*) ;; *) exit 2 ;; esac; "
               "[ ! -e /proc/self/fd/4 ] || [ \"$(readlink /proc/$$/fd/4)\" = '' ]"),
            listener, 10, &error))
        fail_msg("%s", error->message);
    close(listener);
}

static void names_a_busy_port(void **state)
{
    g_autoptr(GError) error = NULL;
    int port = 20000, next;
    int first = listen_first(&port, NULL);
    next = port;
    int second = listen_first(&next, NULL);

    (void)state;
    assert_true(next > port);
    assert_int_equal(listen_on(port, &error), -1);
    assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
    close(first);
    close(second);
}

static void returns_the_foreground_status(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_int_equal(run_foreground(SH("exit 42"), NULL), 42);
    assert_int_equal(run_foreground(SH("kill -TERM $$"), NULL), 143);
    /* What is sent to us goes to the child, and we live on. */
    assert_int_equal(run_foreground(SH("kill -HUP $PPID; sleep 20"), NULL), 129);
    assert_int_equal(run_foreground((const char *const[]){"/nonexistent", NULL}, &error), -1);
    assert_non_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_output),
        cmocka_unit_test(tells_the_last_words),
        cmocka_unit_test(bounds_the_output),
        cmocka_unit_test(kills_when_the_time_is_up),
        cmocka_unit_test(does_not_wait_for_grandchildren),
        cmocka_unit_test(hands_the_listener_over),
        cmocka_unit_test(names_a_busy_port),
        cmocka_unit_test(returns_the_foreground_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
