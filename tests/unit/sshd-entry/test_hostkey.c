/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <fcntl.h>
#include <libssh/libssh.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../sshd-entry/hostkey.h"

static char directory[] = "/tmp/hostkey.XXXXXX";
static char path[64];

static int make_directory(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof(path), "%s/sub/key", directory);
    return 0;
}

static int remove_directory(void **state)
{
    char command[80];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", directory);
    return system(command);
}

static int forget_key(void **state)
{
    char command[80];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s/sub", directory);
    return system(command);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static char *load_line(void)
{
    ssh_key key = hostkey_load(path);
    char *line = key ? hostkey_public_line(key) : NULL;

    ssh_key_free(key);
    return line;
}

static void test_made_once(void **state)
{
    struct stat st;
    char *first = load_line();
    char *second = load_line();

    (void)state;
    assert_non_null(first);
    assert_int_equal(strncmp(first, "ssh-ed25519 AAAA", 16), 0);
    assert_string_equal(first, second);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    free(first);
    free(second);
}

static void test_mode_is_mended(void **state)
{
    struct stat st;
    char *line = load_line();

    (void)state;
    free(line);
    assert_int_equal(chmod(path, 0644), 0);
    line = load_line();
    assert_non_null(line);
    free(line);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void refused(void)
{
    assert_null(hostkey_load(path));
}

static void test_what_is_no_key(void **state)
{
    char other[80];

    (void)state;
    snprintf(other, sizeof(other), "%s/sub", directory);
    assert_int_equal(mkdir(other, 0700), 0);

    write_file(path, "not a key\n");
    refused();
    assert_int_equal(unlink(path), 0);

    write_file(path, "");
    refused();
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkfifo(path, 0600), 0); /* must not block */
    refused();
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkdir(path, 0700), 0);
    refused();
    assert_int_equal(rmdir(path), 0);

    assert_int_equal(symlink("/dev/zero", path), 0);
    refused();
    assert_int_equal(unlink(path), 0);
}

/* A maker that was killed leaves its half beside the key's place, and the next one makes a whole.
 */
static void test_leftover(void **state)
{
    char other[80];
    char *line;

    (void)state;
    snprintf(other, sizeof(other), "%s/sub", directory);
    assert_int_equal(mkdir(other, 0700), 0);
    snprintf(other, sizeof(other), "%s.new", path);
    write_file(other, "-----BEGIN OPENSSH");
    line = load_line();
    assert_non_null(line);
    free(line);
    assert_int_equal(access(other, F_OK), -1);
}

static void test_killed_at_any_moment(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct stat st;
        forget_key(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            hostkey_load(path);
            _exit(0);
        }
        usleep((useconds_t)(i * 50));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        /* No key, or a whole one. */
        if (stat(path, &st) == 0) {
            ssh_key key = NULL;
            assert_int_equal(ssh_pki_import_privkey_file(path, NULL, NULL, NULL, &key), SSH_OK);
            ssh_key_free(key);
        }
        char *line = load_line();
        assert_non_null(line);
        free(line);
    }
}

static void test_many_makers_one_key(void **state)
{
    int ends[2];
    char lines[8][256] = {{0}};

    (void)state;
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            char line[256] = {0};
            char *got = load_line();
            snprintf(line, sizeof(line), "%s", got ? got : "none");
            _exit(write(ends[1], line, sizeof(line)) != sizeof(line));
        }
    }
    for (int i = 0; i < 8; i++) {
        int status;
        assert_int_equal(read(ends[0], lines[i], sizeof(lines[i])), sizeof(lines[i]));
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
        assert_string_equal(lines[i], lines[0]);
    }
    assert_int_equal(strncmp(lines[0], "ssh-ed25519 ", 12), 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_made_once, forget_key),
        cmocka_unit_test_setup(test_mode_is_mended, forget_key),
        cmocka_unit_test_setup(test_what_is_no_key, forget_key),
        cmocka_unit_test_setup(test_leftover, forget_key),
        cmocka_unit_test_setup(test_killed_at_any_moment, forget_key),
        cmocka_unit_test_setup(test_many_makers_one_key, forget_key),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
