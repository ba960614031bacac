/* SPDX-License-Identifier: ISC */
#include "focus/raise.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const Pane pane = {.socket = (char *)"/run/tmux socket", .id = (char *)"%7"};

/* The command's own words, once it has said `end`. */
static char *await_words(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("XDG_STATE_HOME"), "host-agent", "raise.log", NULL);
    char *text = NULL;

    for (int i = 0; i < 1000; i++) {
        if (g_file_get_contents(path, &text, NULL, NULL) && g_str_has_suffix(text, "end\n"))
            return text;
        g_clear_pointer(&text, g_free);
        g_usleep(10000);
    }
    fail_msg("the command never came to its end");
    return NULL;
}

static void ends_as(const char *command, const Pane *at, const char *words)
{
    g_autoptr(GError) error = NULL;

    if (!raise_run(command, "web", at, &error))
        fail_msg("%s", error->message);
    g_autofree char *text = await_words();
    assert_string_equal(text, words);
}

static void fails(const char *command, const char *part)
{
    g_autoptr(GError) error = NULL;

    assert_false(raise_run(command, "web", &pane, &error));
    assert_true(g_str_has_prefix(error->message, "raise = "));
    if (!strstr(error->message, part))
        fail_msg("%s", error->message);
}

static void tells_where(void **state)
{
    (void)state;
    ends_as("sh -c 'echo \"$HOST_AGENT_SANDBOX|$HOST_AGENT_TMUX_SOCKET|$HOST_AGENT_TMUX_PANE\"; "
            "echo end'",
            &pane, "web|/run/tmux socket|%7\nend\n");
    /* And nothing of another pane. */
    ends_as("sh -c 'echo \"${HOST_AGENT_TMUX_PANE-none}${HOST_AGENT_TMUX_SOCKET-none}\"; echo end'",
            NULL, "nonenone\nend\n");
}

static void is_no_shell(void **state)
{
    (void)state;
    ends_as("printf '%s\\n' $HOME '*' 'a  b' \"end\"", &pane, "$HOME\n*\na  b\nend\n");
    fails("no-such-program; echo end", "cannot run no-such-program;");
    fails("sh 'open", "quot");
    fails("", "");
}

/* In a session of its own, so that the end of a terminal is not its end. */
static void is_in_the_background(void **state)
{
    g_autofree char *session = NULL;

    (void)state;
    session = g_strdup_printf("%d", (int)getsid(0));
    g_setenv("TESTS_SESSION", session, TRUE);
    ends_as("sh -c 'set -- $(cat /proc/self/stat); [ $6 != $TESTS_SESSION ] && echo apart; "
            "[ -t 0 ] || cat; echo end'",
            &pane, "apart\nend\n");
}

static int set_up(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("raise-XXXXXX", NULL);

    *state = g_strdup(dir);
    return dir && g_setenv("XDG_STATE_HOME", dir, TRUE) ? 0 : -1;
}

static int tear_down(void **state)
{
    g_autofree char *home = *state;
    g_autofree char *dir = g_build_filename(home, "host-agent", NULL);
    g_autofree char *log = g_build_filename(dir, "raise.log", NULL);

    return g_unlink(log) + g_rmdir(dir) + g_rmdir(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_where),
        cmocka_unit_test(is_no_shell),
        cmocka_unit_test(is_in_the_background),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
