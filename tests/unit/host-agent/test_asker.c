/* SPDX-License-Identifier: ISC */
#include "asker_world.h"

#include <stdlib.h>
#include <sys/stat.h>

/* --- Questions and answers --- */

static void answers_whoever_asked(void **state)
{
    World *w = *state;

    int one = ask(w, "web", QUESTION);
    hears(one, "wait 60\n");
    int two = ask(w, "api", QUESTION);
    hears(two, "wait 60\n");
    logged(w, "web:rm api:rm ");

    asker_answer(w->asker, 2, FALSE);
    asker_answer(w->asker, 2, TRUE); /* a second one */
    asker_answer(w->asker, 7, TRUE); /* nobody's */
    hears(two, "deny\n.");
    hears_nothing(one);
    asker_answer(w->asker, 1, TRUE);
    hears(one, "allow\n.");
    turns(50);
    logged(w, "");
    close(one);
    close(two);
}

static void dismisses_a_question_without_a_word(void **state)
{
    World *w = *state;
    int one = ask(w, "web", QUESTION);
    hears(one, "wait 60\n");

    asker_dismiss(w->asker, 1);
    asker_dismiss(w->asker, 1);
    asker_answer(w->asker, 1, TRUE);
    hears(one, ".");
    logged(w, "web:rm ");
    close(one);
}

static void ends_the_questions_of_a_session(void **state)
{
    static const char one_s[] =
        "{\"event\":\"PermissionRequest\",\"text\":\"rm\",\"session\":\"1\"}\n";
    World *w = *state;
    int one = ask(w, "web", one_s);
    hears(one, "wait 60\n");
    int two = ask(w, "web", QUESTION);
    hears(two, "wait 60\n");
    int other = ask(w, "api", one_s);
    hears(other, "wait 60\n");

    asker_over(w->asker, "web", "1");
    asker_over(w->asker, "web", "1");
    asker_answer(w->asker, 1, TRUE);
    hears(one, ".");
    hears_nothing(two);
    hears_nothing(other);
    logged(w, "web:rm web:rm api:rm gone:1 ");
    close(one);
    close(two);
    close(other);
}

static void says_nothing_unless_it_is_told_to(void **state)
{
    World *w = *state;
    int fd = ask(w, "web", QUESTION);

    hears(fd, "wait 60\n");
    asker_set_timeout(w->asker, 0);
    hears(fd, ".");
    logged(w, "web:rm gone:1 ");
    turns(50);
    assert_int_equal(try_connect(w, "web"), -1);
    assert_int_equal(errno, ECONNREFUSED);
    make(w, "new");
    look(w, "new");
    assert_int_equal(try_connect(w, "new"), -1);
    assert_int_equal(errno, ENOENT);
    close(fd);

    asker_set_timeout(w->asker, 5);
    fd = ask(w, "new", QUESTION);
    hears(fd, "wait 5\n");
    close(fd);
}

static void refuses_what_is_not_accepted(void **state)
{
    World *w = *state;

    w->refuse = TRUE;
    int fd = ask(w, "web", QUESTION);
    hears(fd, ".");
    logged(w, "web:rm ");
    close(fd);
}

/* A JSON object of SIZE bytes with its newline. */
static char *question_of(gsize size)
{
    g_autofree char *text = g_strnfill(size - strlen(QUESTION) + 2, 'x');

    return g_strdup_printf("{\"event\":\"PermissionRequest\",\"text\":\"%s\"}\n", text);
}

static void refuses_what_is_no_question(void **state)
{
    World *w = *state;
    g_autofree char *longest = question_of(MESSAGE_LINE_MAX);
    g_autofree char *longer = question_of(MESSAGE_LINE_MAX + 1);
    g_autofree char *megabyte = g_strnfill(100000, '{');
    const char *const lines[] = {
        "\n",
        "rm\n",
        "\xff\x01\x1b[2J\n",
        "{}\n",
        "{\"event\":\"Stop\",\"text\":\"x\"}\n",
        "{\"event\":[\"PermissionRequest\"],\"text\":\"x\"}\n",
        QUESTION QUESTION,
        QUESTION "x",
        "{\"event\":\"PermissionRequest\"}",
        longer,
        megabyte,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        int fd = ask(w, "web", lines[i]);
        hears(fd, ".");
        close(fd);
    }
    logged(w, "");
    int fd = ask(w, "web", longest);
    hears(fd, "wait 60\n");
    close(fd);
}

static void gives_a_line_two_seconds(void **state)
{
    World *w = *state;
    gint64 start = g_get_monotonic_time();
    int fd = connected(w, "web");

    hears(fd, ".");
    gint64 took = g_get_monotonic_time() - start;
    assert_true(took > G_TIME_SPAN_SECOND && took < LONG * G_TIME_SPAN_SECOND);
    logged(w, "");
    close(fd);
}

static void tells_once_that_a_peer_is_gone(void **state)
{
    World *w = *state;
    int fd = ask(w, "web", QUESTION);

    hears(fd, "wait 60\n");
    shutdown(fd, SHUT_WR); /* still listens */
    turns(50);
    logged(w, "web:rm ");
    close(fd);
    turns(50);
    logged(w, "gone:1 ");
    asker_answer(w->asker, 1, TRUE);
    logged(w, "");
}

static void tells_once_that_time_is_up(void **state)
{
    World *w = *state;

    asker_set_timeout(w->asker, 1);
    int fd = ask(w, "web", QUESTION);
    hears(fd, "wait 1\n.");
    logged(w, "web:rm gone:1 ");
    asker_answer(w->asker, 1, TRUE);
    turns(50);
    logged(w, "");
    close(fd);
}

static void all_that_wait_are_gone_at_the_end(void **state)
{
    World *w = *state;
    int one = ask(w, "web", QUESTION);
    hears(one, "wait 60\n");
    int two = ask(w, "api", QUESTION);
    hears(two, "wait 60\n");

    asker_forget(w->asker, "web");
    asker_forget(w->asker, "web");
    hears(one, ".");
    logged(w, "web:rm api:rm gone:1 ");
    asker_free(w->asker);
    w->asker = NULL;
    hears(two, ".");
    logged(w, "gone:2 ");
    close(one);
    close(two);
}

/* --- The socket's place --- */

static struct stat stat_of(const World *w, const char *sandbox, const char *leaf)
{
    g_autofree char *path = path_of(w, sandbox, leaf);
    struct stat st = {0};

    lstat(path, &st);
    return st;
}

static void leaves_a_socket_where_it_is(void **state)
{
    World *w = *state;
    struct stat before = stat_of(w, "web", "ask/ask");
    int fd = ask(w, "web", QUESTION);

    assert_int_equal(before.st_mode, S_IFSOCK | 0600);
    hears(fd, "wait 60\n");
    look(w, "web");
    assert_int_equal(stat_of(w, "web", "ask/ask").st_ino, before.st_ino);
    hears_nothing(fd);
    close(fd);
}

static void takes_the_place_of_a_stale_socket(void **state)
{
    World *w = *state;

    asker_free(w->asker); /* a bridge that ends leaves it */
    w->asker = NULL;
    assert_int_equal(stat_of(w, "web", "ask/ask").st_mode, S_IFSOCK | 0600);
    w->asker = asker_new(asked, gone, w);
    asker_set_timeout(w->asker, SECONDS);
    look(w, "web");
    int fd = ask(w, "web", QUESTION);
    hears(fd, "wait 60\n");
    close(fd);
}

static void follows_a_directory_that_is_made_anew(void **state)
{
    World *w = *state;
    g_autofree char *dir = path_of(w, "web", "ask");
    g_autofree char *old = path_of(w, "web", "old");
    int fd = ask(w, "web", QUESTION);

    hears(fd, "wait 60\n");
    assert_int_equal(rename(dir, old), 0);
    make(w, "web");
    look(w, "web");
    hears(fd, ".");
    close(fd);
    fd = ask(w, "web", QUESTION);
    hears(fd, "wait 60\n");
    remove_tree(dir);
    look(w, "web");
    hears(fd, ".");
    logged(w, "web:rm gone:1 web:rm gone:2 ");
    close(fd);
}

typedef struct {
    const char *what;
    const char *leaf; /* that SCRIPT puts in the place of */
    const char *script;
} Foreign;

static void refuses_foreign_files(void **state)
{
    static const Foreign cases[] = {
        {"a file", "ask/ask", "touch ask/ask"},
        {"a link", "ask/ask", "ln -s ../victim ask/ask"},
        {"a directory", "ask/ask", "mkdir ask/ask"},
        {"a link for the directory", "ask", "rmdir ask; mkdir -m 700 other; ln -s other ask"},
        {"a file for the directory", "ask", "rmdir ask; touch ask"},
        {"a directory that others see", "ask", "chmod 750 ask"},
    };
    World *w = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("foreign-%d", (int)i);
        g_autofree char *dir = path_of(w, name, NULL);
        g_autofree char *script =
            g_strdup_printf("cd '%s' && touch victim && { %s; }", dir, cases[i].script);

        make(w, name);
        assert_int_equal(system(script), 0);
        struct stat before = stat_of(w, name, cases[i].leaf);
        look(w, name);
        struct stat after = stat_of(w, name, cases[i].leaf);
        if (after.st_ino != before.st_ino || after.st_mode != before.st_mode ||
            stat_of(w, name, "other/ask").st_ino != 0 || try_connect(w, name) >= 0)
            fail_msg("%s was not left alone", cases[i].what);
    }
}

static void takes_a_path_of_any_length(void **state)
{
    World *w = *state;
    g_autofree char *name = g_strnfill(200, 'n');

    make(w, name);
    look(w, name);
    int fd = ask(w, name, QUESTION);
    hears(fd, "wait 60\n");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_whoever_asked),
        TEST(dismisses_a_question_without_a_word),
        TEST(ends_the_questions_of_a_session),
        TEST(says_nothing_unless_it_is_told_to),
        TEST(refuses_what_is_not_accepted),
        TEST(refuses_what_is_no_question),
        TEST(gives_a_line_two_seconds),
        TEST(tells_once_that_a_peer_is_gone),
        TEST(tells_once_that_time_is_up),
        TEST(all_that_wait_are_gone_at_the_end),
        TEST(leaves_a_socket_where_it_is),
        TEST(takes_the_place_of_a_stale_socket),
        TEST(follows_a_directory_that_is_made_anew),
        TEST(refuses_foreign_files),
        TEST(takes_a_path_of_any_length),
    };

    turn(); /* GLib's own descriptors */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
