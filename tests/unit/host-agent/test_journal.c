/* SPDX-License-Identifier: ISC */
#include "notify/journal.h"
#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *dir;
    char *path;
    Journal *journal;
    GPtrArray *waiting; /* when it was opened last */
} Fixture;

static void open_journal(Fixture *f)
{
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&f->waiting, g_ptr_array_unref);
    f->journal = journal_open(f->dir, &f->waiting, &error);
    assert_null(error);
    assert_non_null(f->journal);
}

/* As after a kill: nothing but the file is left. */
static void reopen(Fixture *f)
{
    g_clear_pointer(&f->journal, journal_close);
    open_journal(f);
}

static int setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    g_autofree char *top = g_dir_make_tmp("host-agent-XXXXXX", NULL);

    f->dir = g_build_filename(top, "spool", NULL);
    f->path = g_build_filename(f->dir, "journal", NULL);
    open_journal(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    Fixture *f = *state;
    g_autofree char *lock = g_build_filename(f->dir, "lock", NULL);
    g_autofree char *top = g_path_get_dirname(f->dir);

    g_clear_pointer(&f->journal, journal_close);
    g_clear_pointer(&f->waiting, g_ptr_array_unref);
    g_unlink(f->path);
    g_unlink(lock);
    /* Nothing else was left there. */
    int status = g_rmdir(f->dir) == 0 && g_rmdir(top) == 0 ? 0 : -1;
    g_free(f->dir);
    g_free(f->path);
    g_free(f);
    return status;
}

static guint64 add(Fixture *f, const char *sandbox, const char *line, guint fold, Mark mark)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
    Record *record = record_of(journal_next(f->journal), sandbox, line, fold);

    record->mark = mark;
    g_ptr_array_add(records, record);
    journal_add(f->journal, records);
    return record->id;
}

static const Record *waits(const Fixture *f, guint index)
{
    assert_true(index < f->waiting->len);
    return f->waiting->pdata[index];
}

static gsize size_of(const Fixture *f)
{
    struct stat st;

    assert_int_equal(stat(f->path, &st), 0);
    return (gsize)st.st_size;
}

static ino_t inode_of(const Fixture *f)
{
    struct stat st;

    assert_int_equal(stat(f->path, &st), 0);
    return st.st_ino;
}

static void a_new_one_is_empty_and_private(void **state)
{
    const Fixture *f = *state;
    struct stat st;

    assert_int_equal(f->waiting->len, 0);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(f->dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void what_waits_is_there_again(void **state)
{
    Fixture *f = *state;
    guint64 one = add(f, "a", "one", 0, (Mark){1, 4, FALSE});
    guint64 two = add(f, "a", "two", 0, (Mark){1, 8, FALSE});
    guint64 three = add(f, "b", "three", 0, (Mark){5, 6, FALSE});

    journal_set_state(f->journal, two, RECORD_SHOWN);
    reopen(f);
    assert_int_equal(f->waiting->len, 2);
    assert_int_equal(waits(f, 0)->id, one);
    assert_string_equal(waits(f, 0)->message->text, "one");
    assert_int_equal(waits(f, 0)->time, 1000);
    assert_int_equal(waits(f, 1)->id, three);
    assert_true(journal_next(f->journal) > three);
}

static void a_fold_stands_for_those_before_it(void **state)
{
    Fixture *f = *state;

    add(f, "a", "one", 3, (Mark){0});
    guint64 told = add(f, "a", "two", 4, (Mark){0});
    add(f, "a", "three", 5, (Mark){0});
    add(f, "a", "four", 6, (Mark){0});
    journal_set_state(f->journal, told, RECORD_SHOWN);
    reopen(f);
    assert_int_equal(f->waiting->len, 1);
    assert_int_equal(waits(f, 0)->fold, 11);
    assert_string_equal(waits(f, 0)->message->text, "four");
}

static void a_record_that_is_counted_waits_in_its_fold_alone(void **state)
{
    Fixture *f = *state;
    guint64 one = add(f, "a", "one", 0, (Mark){0});
    g_autoptr(Record) fold = record_of(journal_next(f->journal), "a", "one", 1);

    journal_fold(f->journal, fold, one);
    reopen(f);
    assert_int_equal(f->waiting->len, 1);
    assert_int_equal(waits(f, 0)->id, fold->id);
    assert_int_equal(waits(f, 0)->fold, 1);
}

static void marks_are_there_again(void **state)
{
    Fixture *f = *state;
    const Mark more = {2, 7, TRUE};

    add(f, "a", "x", 0, (Mark){1, 4, FALSE});
    add(f, "b", "x", 0, (Mark){3, 9, FALSE});
    journal_set_mark(f->journal, "a", &more);
    for (int i = 0; i < 2; i++) { /* as it was written, and as it was written anew */
        Mark a = journal_mark(f->journal, "a"), b = journal_mark(f->journal, "b");
        assert_int_equal(a.spool, 2);
        assert_int_equal(a.offset, 7);
        assert_true(a.more);
        assert_int_equal(b.spool, 3);
        assert_int_equal(b.offset, 9);
        assert_int_equal(journal_mark(f->journal, "c").spool, 0);
        reopen(f);
        reopen(f);
    }
}

static void only_one_bridge_may_have_it(void **state)
{
    const Fixture *f = *state;
    g_autoptr(GPtrArray) waiting = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(journal_open(f->dir, &waiting, &error));
    assert_non_null(strstr(error->message, "another bridge keeps its messages in "));
}

static void append(const Fixture *f, const char *text)
{
    int fd = open(f->path, O_WRONLY | O_APPEND | O_CLOEXEC);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void a_torn_tail_does_no_harm(void **state)
{
    Fixture *f = *state;

    add(f, "a", "one", 0, (Mark){1, 4, FALSE});
    append(f, "{\"id\":2,\"sandbox\":\"a\",\"mess");
    reopen(f);
    assert_int_equal(f->waiting->len, 1);
    assert_int_equal(journal_mark(f->journal, "a").offset, 4);
    add(f, "a", "two", 0, (Mark){1, 8, FALSE});
    reopen(f);
    assert_int_equal(f->waiting->len, 2);
}

/* A kill while it was written anew leaves the old one in force. */
static void a_half_written_new_one_is_not_taken(void **state)
{
    Fixture *f = *state;
    g_autofree char *new = g_strconcat(f->path, ".new", NULL);

    add(f, "a", "one", 0, (Mark){0});
    assert_true(g_file_set_contents(new, "{\"id\":9}\nrubbish", -1, NULL));
    reopen(f);
    assert_int_equal(f->waiting->len, 1);
    assert_false(g_file_test(new, G_FILE_TEST_EXISTS));
    reopen(f);
    assert_int_equal(f->waiting->len, 1);
}

static void it_is_written_anew_before_it_is_large(void **state)
{
    Fixture *f = *state;
    g_autofree char *long_text = g_strnfill(380, 'x');
    guint64 first = add(f, "a", "stays", 0, (Mark){0});
    guint64 id = first;

    for (int i = 0; i < 8000; i++) {
        id = add(f, "a", long_text, 0, (Mark){1, (guint64)i, FALSE});
        journal_set_state(f->journal, id, RECORD_SHOWN);
        assert_true(size_of(f) < 1536 * 1024);
    }
    reopen(f);
    assert_int_equal(f->waiting->len, 1);
    assert_int_equal(waits(f, 0)->id, first);
    assert_int_equal(journal_mark(f->journal, "a").offset, 7999);
    assert_int_equal(journal_next(f->journal), id + 1);
}

/* What must be kept may be more than a journal's usual size: not each line writes it anew then. */
static void a_large_one_is_not_written_anew_at_each_line(void **state)
{
    Fixture *f = *state;
    g_autofree char *path = g_strnfill(1000, 'x');
    g_autofree char *line =
        g_strdup_printf("{\"text\":\"%.300s\",\"cwd\":\"/%.950s\"}", path, path);
    int renewed = 0;

    for (int i = 0; i < 900; i++)
        add(f, "a", line, 0, (Mark){0});
    for (int i = 0; i < 100; i++) {
        ino_t inode = inode_of(f);
        journal_set_state(f->journal, 1, RECORD_SHOWN);
        renewed += inode_of(f) != inode;
    }
    assert_in_range(renewed, 0, 1);
}

static void limit(rlim_t size)
{
    struct rlimit rlimit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &rlimit);
    rlimit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &rlimit), 0);
}

static GString *said;

static void remember(const char *text)
{
    g_string_append(said, text);
}

static guint said_lines(void)
{
    guint lines = 0;

    for (const char *p = said->str; *p; p++)
        lines += *p == '\n';
    return lines;
}

static void a_full_disk_is_told_once_and_spoils_no_line(void **state)
{
    Fixture *f = *state;
    const GPrintFunc before = g_set_printerr_handler(remember);

    said = g_string_new(NULL);
    add(f, "a", "one", 0, (Mark){0});
    gsize size = size_of(f);
    limit(size + 10);
    for (int i = 0; i < 5; i++)
        add(f, "a", "not kept", 0, (Mark){1, 100, FALSE});
    limit(RLIM_INFINITY);
    assert_int_equal(said_lines(), 1);
    assert_non_null(strstr(said->str, "messages are not kept: cannot write "));
    assert_int_equal(size_of(f), size);
    assert_int_equal(journal_mark(f->journal, "a").offset, 100); /* goes on */

    add(f, "a", "two", 0, (Mark){1, 200, FALSE});
    limit(size_of(f) + 10);
    add(f, "a", "not kept either", 0, (Mark){1, 300, FALSE});
    limit(RLIM_INFINITY);
    g_set_printerr_handler(before);
    assert_int_equal(said_lines(), 2); /* it is full once more */
    g_string_free(said, TRUE);

    reopen(f);
    assert_int_equal(f->waiting->len, 2);
    assert_string_equal(waits(f, 1)->message->text, "two");
    assert_int_equal(journal_mark(f->journal, "a").offset, 200);
}

/* Messages are better shown than kept: a bridge starts all the same. */
static void it_opens_on_a_full_disk(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) waiting = NULL;
    g_autoptr(GError) error = NULL;

    add(f, "a", "one", 0, (Mark){0});
    g_clear_pointer(&f->journal, journal_close);
    limit(10);
    f->journal = journal_open(f->dir, &waiting, &error);
    limit(RLIM_INFINITY);
    assert_null(error);
    assert_int_equal(waiting->len, 1);
}

static void it_lies_in_no_directory_of_another_s(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) waiting = NULL;
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&f->journal, journal_close);
    assert_int_equal(chmod(f->dir, 0777), 0);
    assert_null(journal_open(f->dir, &waiting, &error));
    assert_non_null(strstr(error->message, "nobody else can write to"));
    assert_int_equal(chmod(f->dir, 0700), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_one_is_empty_and_private),
        TEST(what_waits_is_there_again),
        TEST(a_fold_stands_for_those_before_it),
        TEST(a_record_that_is_counted_waits_in_its_fold_alone),
        TEST(marks_are_there_again),
        TEST(only_one_bridge_may_have_it),
        TEST(a_torn_tail_does_no_harm),
        TEST(a_half_written_new_one_is_not_taken),
        TEST(it_is_written_anew_before_it_is_large),
        TEST(a_large_one_is_not_written_anew_at_each_line),
        TEST(a_full_disk_is_told_once_and_spoils_no_line),
        TEST(it_opens_on_a_full_disk),
        TEST(it_lies_in_no_directory_of_another_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
