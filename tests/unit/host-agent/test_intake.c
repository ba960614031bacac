/* SPDX-License-Identifier: ISC */
#include "notify/intake.h"
#include "records.h"

#include <glib/gstdio.h>

typedef struct {
    char *top, *dir;
    Journal *journal;
    Config *config;
    Intake *intake;
    Mark mark;
    guint shown;
    GString *signs; /* slots */
} World;

static void on_show(Record *record, void *data)
{
    ((World *)data)->shown++;
    record_free(record);
}

static void on_sign(const char *sandbox, const char *slot, Event event, guint64 id, void *data)
{
    (void)sandbox, (void)event, (void)id;
    g_string_append_printf(((World *)data)->signs, "%s\n", slot);
}

static int setup(void **state)
{
    World *w = g_new0(World, 1);
    g_autoptr(GPtrArray) waiting = NULL;

    w->top = g_dir_make_tmp("host-agent-XXXXXX", NULL);
    w->dir = g_build_filename(w->top, "spool", NULL);
    w->journal = journal_open(w->dir, &waiting, NULL);
    assert_non_null(w->journal);
    w->config = config_default();
    w->signs = g_string_new(NULL);
    w->intake = intake_new(w->journal, on_show, on_sign, w);
    intake_configure(w->intake, &w->config->notify);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    World *w = *state;
    g_autofree char *journal = g_build_filename(w->dir, "journal", NULL);
    g_autofree char *lock = g_build_filename(w->dir, "lock", NULL);

    intake_free(w->intake);
    journal_close(w->journal);
    config_free(w->config);
    g_unlink(journal);
    g_unlink(lock);
    g_rmdir(w->dir);
    g_rmdir(w->top);
    g_string_free(w->signs, TRUE);
    g_free(w->dir);
    g_free(w->top);
    g_free(w);
    return 0;
}

static void say(World *w, const char *line)
{
    intake_line(w->intake, "demo", line, strlen(line), FALSE, &w->mark);
}

static gboolean commit(World *w)
{
    return intake_commit(w->intake, "demo", &w->mark);
}

static void what_a_session_says_is_a_sign_shown_or_not(void **state)
{
    World *w = *state;

    w->config->notify.urgency[EVENT_STOP] = EVENT_OFF;
    say(w, "{\"event\":\"UserPromptSubmit\",\"session\":\"one\"}");
    say(w, "{\"event\":\"Stop\",\"session\":\"two\"}");
    say(w, "{\"event\":\"Stop\"}");
    assert_false(commit(w));
    assert_string_equal(w->signs->str, "one\ntwo\n");
    assert_int_equal(w->shown, 0);
}

static void a_stream_that_is_worth_nothing_may_wait(void **state)
{
    World *w = *state;

    say(w, "one");
    assert_false(commit(w));
    assert_true(commit(w)); /* not one whole line */
    say(w, "");
    say(w, "two");
    assert_true(commit(w));
    say(w, "three");
    assert_false(commit(w));
    for (int i = 0; i < 100; i++)
        say(w, "{\"event\":\"UserPromptSubmit\"}");
    assert_true(commit(w));
    for (int i = 0; i < 10; i++)
        say(w, "many");
    assert_true(commit(w));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_a_session_says_is_a_sign_shown_or_not),
        TEST(a_stream_that_is_worth_nothing_may_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
