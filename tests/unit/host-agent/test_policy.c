/* SPDX-License-Identifier: ISC */
#include "notify/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define UNKNOWN (-1) /* how long it took */

static int setup(void **state)
{
    *state = config_default();
    return 0;
}

static int teardown(void **state)
{
    config_free(*state);
    return 0;
}

static Policy of(const ConfigNotify *notify, const char *line)
{
    g_autoptr(Message) message = message_parse(line, strlen(line), FALSE);

    assert_non_null(message);
    return policy_for(notify, message, UNKNOWN);
}

static void is_shown(const ConfigNotify *notify, const char *line, int urgency, const char *text)
{
    g_auto(Policy) policy = of(notify, line);

    assert_true(policy.show);
    assert_int_equal(policy.urgency, urgency);
    assert_string_equal(policy.text, text);
}

static void is_silent(const ConfigNotify *notify, const char *line)
{
    g_auto(Policy) policy = of(notify, line);

    assert_false(policy.show);
}

static void each_event_by_default(void **state)
{
    const ConfigNotify *notify = &((Config *)*state)->notify;

    is_shown(notify, "done", MESSAGE_CRITICAL, "done");
    is_shown(notify, "{\"event\":\"Stop\"}", MESSAGE_CRITICAL, "Completed");
    is_shown(notify, "{\"event\":\"StopFailure\"}", MESSAGE_CRITICAL, "Stopped by an error");
    is_silent(notify, "{\"event\":\"SubagentStop\"}");
    is_shown(notify, "{\"event\":\"Notification\"}", MESSAGE_CRITICAL, "Waits for you");
    is_shown(notify, "{\"event\":\"PermissionRequest\"}", MESSAGE_CRITICAL, "Permission needed");
    is_shown(notify, "{\"event\":\"Terminal\"}", MESSAGE_NORMAL, "The terminal's bell rang");
    is_shown(notify, "{\"event\":\"turn\",\"text\":\"over\"}", MESSAGE_NORMAL, "over");
}

static void its_own_text_comes_first(void **state)
{
    const ConfigNotify *notify = &((Config *)*state)->notify;

    is_shown(notify, "{\"event\":\"Stop\",\"text\":\"All green\"}", MESSAGE_CRITICAL, "All green");
    is_shown(notify, "{\"event\":\"Stop\",\"title\":\"api\"}", MESSAGE_CRITICAL, "Completed");
    is_shown(notify, "{\"title\":\"api\"}", MESSAGE_CRITICAL, "");
}

static void a_stop_tells_what_goes_on(void **state)
{
    const ConfigNotify *notify = &((Config *)*state)->notify;

    is_shown(notify, "{\"event\":\"Stop\",\"background\":1}", MESSAGE_CRITICAL,
             "Stopped, 1 task goes on");
    is_shown(notify, "{\"event\":\"Stop\",\"background\":2}", MESSAGE_CRITICAL,
             "Stopped, 2 tasks go on");
    is_shown(notify, "{\"event\":\"Stop\",\"background\":2,\"text\":\"Built\"}", MESSAGE_CRITICAL,
             "Built (2 tasks go on)");
    is_shown(notify, "{\"event\":\"StopFailure\",\"background\":2}", MESSAGE_CRITICAL,
             "Stopped by an error");
}

static gboolean is_sign(const char *line)
{
    g_autoptr(Message) message = message_parse(line, strlen(line), FALSE);

    return policy_is_sign(message);
}

static void signs_are_never_shown(void **state)
{
    const ConfigNotify *notify = &((Config *)*state)->notify;

    is_silent(notify, "{\"event\":\"UserPromptSubmit\",\"text\":\"hello\"}");
    is_silent(notify, "{\"event\":\"SessionEnd\",\"text\":\"bye\",\"urgency\":\"critical\"}");
    is_silent(notify, "{\"event\":\"PostToolUse\"}"); /* unknown, and says nothing */
    assert_true(is_sign("{\"event\":\"SessionEnd\"}"));
    assert_false(is_sign("SessionEnd"));
}

static void the_settings_decide(void **state)
{
    ConfigNotify *notify = &((Config *)*state)->notify;

    notify->urgency[EVENT_STOP] = MESSAGE_LOW;
    notify->urgency[EVENT_SUBAGENT_STOP] = MESSAGE_NORMAL;
    notify->urgency[EVENT_MESSAGE] = EVENT_OFF;
    is_shown(notify, "{\"event\":\"Stop\"}", MESSAGE_LOW, "Completed");
    is_shown(notify, "{\"event\":\"SubagentStop\"}", MESSAGE_NORMAL, "A subagent completed");
    is_silent(notify, "done");
}

static void a_message_makes_itself_no_louder(void **state)
{
    ConfigNotify *notify = &((Config *)*state)->notify;

    is_shown(notify, "{\"event\":\"Stop\",\"urgency\":\"low\"}", MESSAGE_LOW, "Completed");
    is_shown(notify, "{\"event\":\"x\",\"text\":\"y\",\"urgency\":\"critical\"}", MESSAGE_NORMAL,
             "y");
    is_silent(notify, "{\"event\":\"SubagentStop\",\"urgency\":\"critical\"}");
    notify->urgency[EVENT_STOP] = EVENT_OFF;
    is_silent(notify, "{\"event\":\"Stop\",\"urgency\":\"low\"}");
}

static gboolean shows_after(const ConfigNotify *notify, const char *event, gint64 took)
{
    const Message message = {.event = (char *)event, .urgency = MESSAGE_UNSAID};
    g_auto(Policy) policy = policy_for(notify, &message, took);

    return policy.show;
}

static void a_short_task_is_not_worth_a_word(void **state)
{
    ConfigNotify *notify = &((Config *)*state)->notify;

    assert_true(shows_after(notify, "Stop", 0));
    notify->min_duration = 30;
    assert_false(shows_after(notify, "Stop", 0));
    assert_false(shows_after(notify, "Stop", 29999));
    assert_true(shows_after(notify, "Stop", 30000));
    assert_true(shows_after(notify, "Stop", UNKNOWN));
    assert_true(shows_after(notify, "StopFailure", 0));
}

static void looks(const ConfigNotify *notify, const char *line, const char *icon, const char *sound)
{
    g_auto(Policy) policy = of(notify, line);

    assert_string_equal(policy.icon, icon);
    if (sound)
        assert_string_equal(policy.sound, sound);
    else
        assert_null(policy.sound);
}

static void icon_and_sound(void **state)
{
    ConfigNotify *notify = &((Config *)*state)->notify;

    looks(notify, "{\"event\":\"Stop\"}", "dialog-information", "complete");
    looks(notify, "{\"event\":\"StopFailure\"}", "dialog-error", "dialog-error");
    looks(notify, "{\"event\":\"PermissionRequest\"}", "dialog-question", "dialog-question");
    looks(notify, "{\"event\":\"Terminal\"}", "utilities-terminal", "bell-terminal");
    looks(notify, "done", "dialog-information", "message-new-instant");
    notify->sound = FALSE;
    notify->icon = g_strdup("/srv/robot.png");
    looks(notify, "{\"event\":\"StopFailure\"}", "/srv/robot.png", NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_event_by_default),
        TEST(its_own_text_comes_first),
        TEST(a_stop_tells_what_goes_on),
        TEST(signs_are_never_shown),
        TEST(the_settings_decide),
        TEST(a_message_makes_itself_no_louder),
        TEST(a_short_task_is_not_worth_a_word),
        TEST(icon_and_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
