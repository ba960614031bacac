/* SPDX-License-Identifier: ISC */
#include "notify/tasks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static gint64 note(Tasks *tasks, const char *sandbox, const char *event, const char *session,
                   gint64 now)
{
    const Message message = {.event = (char *)event, .session = (char *)session};

    return tasks_note(tasks, sandbox, &message, now);
}

static void a_stop_ends_what_a_prompt_started(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();

    (void)state;
    assert_int_equal(note(tasks, "web", "UserPromptSubmit", "a", 1000), -1);
    assert_int_equal(note(tasks, "web", "Notification", "a", 1500), -1);
    assert_int_equal(note(tasks, "web", "Stop", "a", 4000), 3000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 5000), -1); /* once */
    note(tasks, "web", "UserPromptSubmit", "a", 6000);
    assert_int_equal(note(tasks, "web", "StopFailure", "a", 6001), 1);
}

static void the_last_prompt_counts(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();

    (void)state;
    note(tasks, "web", "UserPromptSubmit", "a", 1000);
    note(tasks, "web", "UserPromptSubmit", "a", 3000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 4000), 1000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 4000), -1);
}

static void sessions_and_sandboxes_are_apart(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();

    (void)state;
    note(tasks, "web", "UserPromptSubmit", "a", 1000);
    note(tasks, "web", "UserPromptSubmit", NULL, 2000);
    assert_int_equal(note(tasks, "api", "Stop", "a", 4000), -1);
    assert_int_equal(note(tasks, "web", "Stop", "b", 4000), -1);
    assert_int_equal(note(tasks, "web", "Stop", NULL, 4000), 2000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 4000), 3000);
}

static void what_is_no_end_says_nothing(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();

    (void)state;
    note(tasks, "web", "UserPromptSubmit", "a", 1000);
    assert_int_equal(note(tasks, "web", "SubagentStop", "a", 2000), -1);
    assert_int_equal(note(tasks, "web", NULL, "a", 2000), -1);
    assert_int_equal(note(tasks, "web", "SessionEnd", "a", 2000), -1);
    assert_int_equal(note(tasks, "web", "Stop", "a", 3000), -1); /* it went with its session */
}

static void tasks_in_the_background_go_on(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();
    char event[] = "Stop", session[] = "a";
    const Message stop = {.event = event, .session = session, .background = 1};

    (void)state;
    note(tasks, "web", "UserPromptSubmit", "a", 1000);
    assert_int_equal(tasks_note(tasks, "web", &stop, 2000), 1000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 9000), 8000);
}

static void a_clock_set_back_tells_nothing(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();

    (void)state;
    note(tasks, "web", "UserPromptSubmit", "a", 1000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 0), -1);
}

static void flood(Tasks *tasks, const char *sandbox, int sessions, gint64 now)
{
    for (int i = 0; i < sessions; i++) {
        g_autofree char *session = g_strdup_printf("s%d", i);
        note(tasks, sandbox, "UserPromptSubmit", session, now);
    }
}

static int known(Tasks *tasks, const char *sandbox, int sessions)
{
    int count = 0;

    for (int i = 0; i < sessions; i++) {
        g_autofree char *session = g_strdup_printf("s%d", i);
        count += note(tasks, sandbox, "Stop", session, 5000) >= 0;
    }
    return count;
}

static void a_flood_forgets_its_own_oldest(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();

    (void)state;
    note(tasks, "web", "UserPromptSubmit", "a", 1000);
    flood(tasks, "loud", 5000, 2000);
    assert_int_equal(note(tasks, "web", "Stop", "a", 4000), 3000);
    assert_int_equal(note(tasks, "loud", "Stop", "s4999", 4000), 2000);
    assert_int_equal(note(tasks, "loud", "Stop", "s0", 4000), -1);
    assert_int_equal(known(tasks, "loud", 5000), TASKS_MAX_SANDBOX - 1);
}

static void many_sandboxes_are_bounded_too(void **state)
{
    g_autoptr(Tasks) tasks = tasks_new();
    int count = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        g_autofree char *sandbox = g_strdup_printf("box%d", i);
        flood(tasks, sandbox, TASKS_MAX_SANDBOX, 2000);
    }
    for (int i = 0; i < 100; i++) {
        g_autofree char *sandbox = g_strdup_printf("box%d", i);
        count += known(tasks, sandbox, TASKS_MAX_SANDBOX);
    }
    assert_int_equal(count, TASKS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_ends_what_a_prompt_started),
        cmocka_unit_test(the_last_prompt_counts),
        cmocka_unit_test(sessions_and_sandboxes_are_apart),
        cmocka_unit_test(what_is_no_end_says_nothing),
        cmocka_unit_test(tasks_in_the_background_go_on),
        cmocka_unit_test(a_clock_set_back_tells_nothing),
        cmocka_unit_test(a_flood_forgets_its_own_oldest),
        cmocka_unit_test(many_sandboxes_are_bounded_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
