/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../../sshd-entry/osc.h"

/* What was found, one after another: [title|text]. */
static char found[8192];
static size_t found_length;

static void note(const char *bytes, size_t size)
{
    assert_true(found_length + size < sizeof(found));
    if (size)
        memcpy(found + found_length, bytes, size);
    found_length += size;
    found[found_length] = '\0';
}

static void on_message(const struct osc_message *m, void *data)
{
    assert_ptr_equal(data, found);
    note("[", 1);
    note(m->title, m->title_length);
    note("|", 1);
    note(m->text, m->text_length);
    note("]", 1);
}

/* Of bytes of their own, so that reading too far is seen. */
static void feed(struct osc *osc, const char *bytes, size_t size)
{
    char *exact = malloc(size ? size : 1);

    memcpy(exact, bytes, size);
    osc_feed(osc, exact, size, on_message, found);
    free(exact);
}

static struct osc osc;

static void begin(void)
{
    osc = (struct osc){0};
    found_length = 0;
    found[0] = '\0';
}

static void assert_found(const char *expected, bool rang)
{
    assert_int_equal(found_length, strlen(expected));
    assert_memory_equal(found, expected, found_length);
    assert_int_equal(osc.rang, rang);
}

/* The stream whole, cut at each place, and byte by byte. */
static void expect_of(const char *stream, size_t size, const char *expected, bool rang)
{
    for (size_t cut = 0; cut <= size; cut++) {
        begin();
        feed(&osc, stream, cut);
        feed(&osc, stream + cut, size - cut);
        assert_found(expected, rang);
    }
    begin();
    for (size_t i = 0; i < size; i++)
        feed(&osc, stream + i, 1);
    assert_found(expected, rang);
    begin();
    osc.rang = true; /* nobody wants to know */
    feed(&osc, stream, size);
    assert_found(expected, true);
}

#define expect(stream, expected, rang) expect_of(stream, sizeof(stream) - 1, expected, rang)

static void test_text(void **state)
{
    (void)state;
    expect("", "", false);
    expect("plain text ] 9;no\\ \n", "", false);
    expect("a\033]9;hello\007b", "[|hello]", false);
    expect("a\033]9;hello\033\\b", "[|hello]", false);
    expect("\033]9;one; two\007\033]9;three\033\\", "[|one; two][|three]", false);
    expect("\033]9;\007\033]9\007\033]\007\033]\033\\", "", false);
    expect("\033]9;a\1b\n\t\xff\xe2\200\246\007", "[|a\1b\n\t\xff\xe2\200\246]", false);
}

static void test_title(void **state)
{
    (void)state;
    expect("\033]777;notify;Title;some text\007", "[Title|some text]", false);
    expect("\033]777;notify;Title;a;b;c\033\\", "[Title|a;b;c]", false);
    expect("\033]777;notify;Title\007", "[Title|]", false);
    expect("\033]777;notify;;text\007", "[|text]", false);
    expect("\033]777;notify;;\007\033]777;notify;\007\033]777;notify\007", "", false);
    expect("\033]777;precmd\007\033]777;container;push;x\007", "", false);
}

/* Titles, links, the clipboard, colours, directories. */
static void test_others(void **state)
{
    (void)state;
    expect("\033]0;9;title\007\033]2;t\033\\\033]52;c;aGVsbG8=\007\033]8;;http://x/\033\\", "",
           false);
    expect("\033]99;;kitty\033\\\033]19;x\007\033]90;x\007\033]7777;notify;a;b\007", "", false);
    expect("\033[9;1H\033(0\033=\033[31mred\033[m\0339;x\007", "", true);
}

static void test_conemu(void **state)
{
    (void)state;
    expect("\033]9;4;1;50\007\033]9;4\007\033]9;9;/home\033\\\033]9;12\007\033]9;1;100\007", "",
           false);
    expect("\033]9;4 of 5\007\033]9;2024;x\007\033]9;;x\007", "[|4 of 5][|2024;x][|;x]", false);
}

static void test_bell(void **state)
{
    (void)state;
    expect("\007", "", true);
    expect("text\007text", "", true);
    expect("\033]9;x\007", "[|x]", false);
    expect("\033]9;x\007\007", "[|x]", true);
    expect("\007\033]9;x\007", "[|x]", true);
    expect("\033\007", "", true);
    expect("\033[3\0071m", "", true);
    expect("\033]0;title\007\033]2;title\007", "", false);
    expect("\033]0;title\033\\\007", "", true);
}

/* CAN, SUB and an ESC that begins something else end a string without effect. */
static void test_broken_off(void **state)
{
    (void)state;
    expect("\033]9;x\030\007", "", true);
    expect("\033]9;x\032y\007", "", true);
    expect("\033]9;x\033[m\007", "", true);
    expect("\033]9;x\033]9;y\007", "[|y]", false);
    expect("\033]9;x\033]9;y\033\\", "[|y]", false);
    expect("\033]9;x\033\030\033]9;y\007", "[|y]", false);
    expect("\033\030]9;x\007", "", true);
    expect("\033\033]9;x\007", "[|x]", false);
    expect("\033]9;x", "", false);
    expect("\033]9;x\033", "", false);
}

/* As a program inside tmux sends it to the terminal outside, and inside two of them. */
static void test_passed_through(void **state)
{
    (void)state;
    expect("\033Ptmux;\033\033]9;hello\007\033\\", "[|hello]", false);
    expect("\033Ptmux;\033\033]777;notify;T;b\033\033\\\033\\\007", "[T|b]", true);
    expect("\033Ptmux;\033\033Ptmux;\033\033\033\033]9;x\007\033\033\\\033\\", "[|x]", false);
}

static void test_long(void **state)
{
    static char stream[3 * OSC_MAX], expected[OSC_MAX + 32];

    (void)state;
    for (size_t n = OSC_MAX - 3; n < OSC_MAX + 3; n++) {
        size_t kept = n < OSC_MAX - 2 ? n : OSC_MAX - 2;
        int head = snprintf(stream, sizeof(stream), "\033]9;");
        memset(stream + head, 'x', n);
        memcpy(stream + (size_t)head + n, "\007\033]9;next\007", 10);
        snprintf(expected, sizeof(expected), "[|%.*s][|next]", (int)kept, stream + head);
        begin();
        feed(&osc, stream, (size_t)head + n + 10);
        assert_found(expected, false);
        begin();
        for (size_t i = 0; i < (size_t)head + n + 10; i++)
            feed(&osc, stream + i, 1);
        assert_found(expected, false);
    }
    /* A picture of megabytes, as iTerm2 has them in an OSC, and its end. */
    begin();
    feed(&osc, "\033]1337;File=:", 13);
    for (int i = 0; i < 1000; i++)
        feed(&osc, stream + 4, 1000);
    feed(&osc, "\007\033]9;x\007", 8);
    assert_found("[|x]", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),           cmocka_unit_test(test_title),
        cmocka_unit_test(test_others),         cmocka_unit_test(test_conemu),
        cmocka_unit_test(test_bell),           cmocka_unit_test(test_broken_off),
        cmocka_unit_test(test_passed_through), cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
