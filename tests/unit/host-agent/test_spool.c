/* SPDX-License-Identifier: ISC */
#include "notify/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

/* A sandbox's FIFO, somebody who writes, and a bridge that may be killed. */
typedef struct {
    char *dir;
    int pipe[2];
    Spool spool;
    Mark mark;        /* the journal's */
    GString *journal; /* what the journal got, of this test's simple kind: any bytes are a line */
    gsize given;      /* bytes given out since the file was begun */
} Fixture;

static int setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = g_dir_make_tmp("host-agent-XXXXXX", NULL);
    f->journal = g_string_new(NULL);
    if (!f->dir || pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
        return -1;
    spool_init(&f->spool, f->dir, "demo", &f->mark);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    Fixture *f = *state;
    g_autoptr(GDir) dir = g_dir_open(f->dir, 0, NULL);
    const char *leaf;

    spool_clear(&f->spool);
    while ((leaf = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(f->dir, leaf, NULL);
        g_unlink(path);
    }
    g_rmdir(f->dir);
    close(f->pipe[0]);
    close(f->pipe[1]);
    g_string_free(f->journal, TRUE);
    g_free(f->dir);
    g_free(f);
    return 0;
}

static void say(const Fixture *f, const char *text)
{
    assert_int_equal(write(f->pipe[1], text, strlen(text)), strlen(text));
}

static ssize_t take(Fixture *f, char *bytes, size_t size)
{
    return spool_take(&f->spool, f->pipe[0], bytes, size);
}

/* SIGKILL: what is only in memory is gone. */
static void kill_bridge(Fixture *f)
{
    spool_clear(&f->spool);
    spool_init(&f->spool, f->dir, "demo", &f->mark);
    f->given = (gsize)f->spool.size;
}

static void keep(Fixture *f, const char *bytes, size_t size)
{
    g_string_append_len(f->journal, bytes, (gssize)size);
    f->given += size;
    f->mark = (Mark){f->spool.number, f->given, FALSE};
}

static void done(Fixture *f)
{
    spool_done(&f->spool, &f->mark);
    f->given = 0;
}

static guint files(const Fixture *f)
{
    g_autoptr(GDir) dir = g_dir_open(f->dir, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir))
        count++;
    return count;
}

static void what_is_taken_is_in_the_file_and_no_longer_in_the_pipe(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    say(f, "one\n");
    assert_int_equal(take(f, bytes, sizeof(bytes)), 4);
    assert_memory_equal(bytes, "one\n", 4);
    g_autofree char *path = g_build_filename(f->dir, "demo.1", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "one\n");
    assert_int_equal(read(f->pipe[0], bytes, sizeof(bytes)), -1);
}

static void an_empty_pipe_says_so(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    assert_int_equal(take(f, bytes, sizeof(bytes)), -1);
    assert_int_equal(errno, EAGAIN);
}

static void no_file_stays_when_all_is_in_the_journal(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    for (guint64 number = 1; number <= 3; number++) {
        say(f, "x\n");
        keep(f, bytes, (size_t)take(f, bytes, sizeof(bytes)));
        assert_int_equal(f->mark.spool, number);
        assert_int_equal(files(f), 1);
        done(f);
        assert_int_equal(files(f), 0);
    }
    done(f); /* once more is no matter */
}

/* The next bridge looks for the mark's file and the one after it. */
static void a_file_of_which_nothing_was_kept_gives_its_number_back(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    for (int i = 0; i < 5; i++) {
        say(f, "\n");
        take(f, bytes, sizeof(bytes));
        done(f);
    }
    say(f, "x");
    take(f, bytes, sizeof(bytes));
    kill_bridge(f);
    assert_int_equal(spool_recover(&f->spool, bytes, sizeof(bytes)), 1);
}

static void what_was_kept_is_not_given_again(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    say(f, "onetwo");
    assert_int_equal(take(f, bytes, 3), 3);
    keep(f, bytes, 3);
    assert_int_equal(take(f, bytes, 3), 3);
    kill_bridge(f);
    assert_int_equal(spool_recover(&f->spool, bytes, sizeof(bytes)), 3);
    assert_memory_equal(bytes, "two", 3);
    assert_int_equal(spool_recover(&f->spool, bytes, sizeof(bytes)), 0);
    say(f, "three"); /* follows in the same file */
    assert_int_equal(take(f, bytes, sizeof(bytes)), 5);
    kill_bridge(f);
    assert_int_equal(spool_recover(&f->spool, bytes, sizeof(bytes)), 8);
    assert_memory_equal(bytes, "twothree", 8);
}

static void another_sandbox_s_file_is_not_ours(void **state)
{
    Fixture *f = *state;
    const Mark none = {0};
    char bytes[64];
    Spool other;

    say(f, "x");
    take(f, bytes, sizeof(bytes));
    spool_init(&other, f->dir, "dem", &none);
    assert_int_equal(spool_recover(&other, bytes, sizeof(bytes)), 0);
    spool_clear(&other);
}

typedef enum { LIVES, DIES_BEFORE_IT_KEEPS, DIES_BEFORE_IT_IS_DONE } Fate;

/* One turn of a bridge; FALSE: there was nothing to take. */
static gboolean turn(Fixture *f, Fate fate, size_t piece)
{
    char bytes[64];
    ssize_t got = spool_recover(&f->spool, bytes, piece);

    if (got == 0)
        got = take(f, bytes, piece);
    if (got > 0 && fate != DIES_BEFORE_IT_KEEPS)
        keep(f, bytes, (size_t)got);
    if (fate != LIVES)
        kill_bridge(f);
    else if (spool_recover(&f->spool, NULL, 0) == 0 && got < (ssize_t)piece)
        done(f);
    return got > 0;
}

/* Each byte reaches the journal exactly once. */
static void killed_at_any_step_nothing_is_lost_nor_kept_twice(void **state)
{
    Fixture *f = *state;
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(GRand) dice = g_rand_new_with_seed(1);

    for (int i = 0; i < 3000; i++) {
        if (g_rand_boolean(dice)) {
            g_autofree char *line = g_strdup_printf("line %d\n", i);
            say(f, line);
            g_string_append(said, line);
        }
        turn(f, (Fate)g_rand_int_range(dice, 0, 3), (size_t)g_rand_int_range(dice, 1, 64));
    }
    while (turn(f, LIVES, 64))
        ;
    if (!g_str_equal(f->journal->str, said->str)) /* the two are too long to print */
        fail_msg("%zu bytes were said, %zu are kept", said->len, f->journal->len);
    assert_int_equal(files(f), 0);
}

static void expect_rest(Fixture *f, const char *want)
{
    char bytes[64] = "";

    kill_bridge(f);
    assert_int_equal(spool_recover(&f->spool, bytes, sizeof(bytes) - 1), strlen(want));
    assert_string_equal(bytes, want);
}

/* Between any two of the steps that it takes, what is not kept is there, and once. */
static void a_file_is_begun_anew_with_what_is_not_kept(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    assert_false(spool_renew(&f->spool, "", 0)); /* there is none */
    say(f, "one\ntw");
    take(f, bytes, sizeof(bytes));
    keep(f, bytes, 4);
    assert_true(spool_renew(&f->spool, "tw", 2));
    expect_rest(f, "tw");
    assert_int_equal(files(f), 1);
    assert_true(spool_renew(&f->spool, "tw", 2));
    f->mark = (Mark){f->spool.number, 0, FALSE};
    expect_rest(f, "tw");
    assert_int_equal(files(f), 1);
    assert_true(spool_renew(&f->spool, "tw", 2));
    f->mark = (Mark){f->spool.number, 0, FALSE};
    spool_drop(&f->spool);
    say(f, "o\n");
    assert_int_equal(take(f, bytes, sizeof(bytes)), 2);
    expect_rest(f, "two\n");
    assert_int_equal(files(f), 1);
    done(f);
    assert_int_equal(files(f), 0);
}

static void a_kill_amid_that_leaves_one_file_where_nothing_was_kept(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    say(f, "\n\n\ntw"); /* nothing to keep: the mark stays */
    take(f, bytes, sizeof(bytes));
    assert_true(spool_renew(&f->spool, "tw", 2));
    kill_bridge(f);
    assert_int_equal(files(f), 1);
    expect_rest(f, "\n\n\ntw");
}

/* The signal that comes with the error is the shell's or the test's to ignore. */
static void limit(rlim_t size)
{
    struct rlimit rlimit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &rlimit);
    rlimit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &rlimit), 0);
}

static void with_a_full_disk_messages_still_come(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    limit(10);
    say(f, "0123456789abcdef");
    ssize_t first = take(f, bytes, sizeof(bytes));
    ssize_t rest = first < 16 ? take(f, bytes + first, sizeof(bytes) - (size_t)first) : 0;
    limit(RLIM_INFINITY);
    assert_int_equal(first + rest, 16);
    assert_memory_equal(bytes, "0123456789abcdef", 16);
}

static void without_a_directory_messages_still_come(void **state)
{
    Fixture *f = *state;
    char bytes[64];

    assert_int_equal(g_rmdir(f->dir), 0);
    say(f, "x");
    assert_int_equal(take(f, bytes, sizeof(bytes)), 1);
    assert_int_equal(g_mkdir(f->dir, 0700), 0);
}

static void the_list_names_the_sandboxes_that_left_a_file(void **state)
{
    Fixture *f = *state;
    const char *const leaves[] = {"a.1", "b.c.22", "journal", "lock", ".1", "x.", "y.1z", "-.1"};

    for (gsize i = 0; i < G_N_ELEMENTS(leaves); i++) {
        g_autofree char *path = g_build_filename(f->dir, leaves[i], NULL);
        assert_true(g_file_set_contents(path, "", 0, NULL));
    }
    g_autoptr(GPtrArray) found = spool_list(f->dir);
    assert_int_equal(found->len, 2);
    assert_true(g_ptr_array_find_with_equal_func(found, "a", g_str_equal, NULL));
    assert_true(g_ptr_array_find_with_equal_func(found, "b.c", g_str_equal, NULL));
    g_autoptr(GPtrArray) none = spool_list("/nonexistent");
    assert_int_equal(none->len, 0);
}

static void a_link_is_not_followed(void **state)
{
    Fixture *f = *state;
    g_autofree char *link = g_build_filename(f->dir, "demo.1", NULL);
    g_autofree char *target = g_build_filename(f->dir, "target", NULL);
    g_autofree char *text = NULL;
    char bytes[64];

    assert_true(g_file_set_contents(target, "precious", -1, NULL));
    assert_int_equal(symlink(target, link), 0);
    kill_bridge(f);
    assert_int_equal(spool_recover(&f->spool, bytes, sizeof(bytes)), 0);
    say(f, "x");
    assert_int_equal(take(f, bytes, sizeof(bytes)), 1);
    assert_true(g_file_get_contents(target, &text, NULL, NULL));
    assert_string_equal(text, "precious");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_taken_is_in_the_file_and_no_longer_in_the_pipe),
        TEST(an_empty_pipe_says_so),
        TEST(no_file_stays_when_all_is_in_the_journal),
        TEST(a_file_of_which_nothing_was_kept_gives_its_number_back),
        TEST(what_was_kept_is_not_given_again),
        TEST(another_sandbox_s_file_is_not_ours),
        TEST(killed_at_any_step_nothing_is_lost_nor_kept_twice),
        TEST(a_file_is_begun_anew_with_what_is_not_kept),
        TEST(a_kill_amid_that_leaves_one_file_where_nothing_was_kept),
        TEST(with_a_full_disk_messages_still_come),
        TEST(without_a_directory_messages_still_come),
        TEST(the_list_names_the_sandboxes_that_left_a_file),
        TEST(a_link_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
