/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "../../../sshd-entry/modes.h"

/* A list of opcodes and values, as it is sent. */
static unsigned char encoded[2048];
static size_t length;

static void op(unsigned opcode, unsigned value)
{
    encoded[length++] = (unsigned char)opcode;
    for (int shift = 24; shift >= 0; shift -= 8)
        encoded[length++] = (unsigned char)(value >> shift);
}

/* The list, ended, on top of what the kernel begins with. */
static struct termios apply(void)
{
    struct termios modes = {.c_iflag = ICRNL | IXON | IUTF8,
                            .c_oflag = OPOST | ONLCR,
                            .c_cflag = B38400 | CS8 | CREAD,
                            .c_lflag =
                                ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
                            .c_cc = {[VINTR] = 3, [VERASE] = 127, [VMIN] = 1}};

    encoded[length++] = 0;
    assert_int_equal(modes_apply(encoded, length, &modes), 0);
    length = 0;
    return modes;
}

static struct termios apply_one(unsigned opcode, unsigned value)
{
    op(opcode, value);
    return apply();
}

static void assert_same(const struct termios *a, const struct termios *b)
{
    assert_memory_equal(a, b, sizeof(*a));
}

static void test_nothing_said(void **state)
{
    struct termios before = apply(), modes = before;

    (void)state;
    assert_true(before.c_iflag & IUTF8);
    assert_int_equal(modes_apply(encoded, 0, &modes), 0);
    assert_same(&modes, &before);
}

static void test_characters(void **state)
{
    static const struct {
        unsigned opcode, index;
    } all[] = {{1, VINTR},     {2, VQUIT},    {3, VERASE},  {4, VKILL},  {5, VEOF},
               {6, VEOL},      {7, VEOL2},    {8, VSTART},  {9, VSTOP},  {10, VSUSP},
               {12, VREPRINT}, {13, VWERASE}, {14, VLNEXT}, {16, VSWTC}, {18, VDISCARD}};

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(apply_one(all[i].opcode, 24).c_cc[all[i].index], 24);
        assert_int_equal(apply_one(all[i].opcode, 0).c_cc[all[i].index], 0);
        assert_int_equal(apply_one(all[i].opcode, 255).c_cc[all[i].index], _POSIX_VDISABLE);
    }
    assert_int_equal(apply_one(1, 256 + 24).c_cc[VINTR], 3);
    assert_int_equal(apply_one(1, 0xffffffff).c_cc[VINTR], 3);
}

static void test_flags(void **state)
{
    static const struct {
        unsigned opcode;
        char field;
        tcflag_t flag;
    } all[] = {
        {30, 'i', IGNPAR}, {31, 'i', PARMRK}, {32, 'i', INPCK},  {33, 'i', ISTRIP},
        {34, 'i', INLCR},  {35, 'i', IGNCR},  {36, 'i', ICRNL},  {37, 'i', IUCLC},
        {38, 'i', IXON},   {39, 'i', IXANY},  {40, 'i', IXOFF},  {41, 'i', IMAXBEL},
        {42, 'i', IUTF8},  {50, 'l', ISIG},   {51, 'l', ICANON}, {52, 'l', XCASE},
        {53, 'l', ECHO},   {54, 'l', ECHOE},  {55, 'l', ECHOK},  {56, 'l', ECHONL},
        {57, 'l', NOFLSH}, {58, 'l', TOSTOP}, {59, 'l', IEXTEN}, {60, 'l', ECHOCTL},
        {61, 'l', ECHOKE}, {62, 'l', PENDIN}, {70, 'o', OPOST},  {71, 'o', OLCUC},
        {72, 'o', ONLCR},  {73, 'o', OCRNL},  {74, 'o', ONOCR},  {75, 'o', ONLRET},
        {92, 'c', PARENB}, {93, 'c', PARODD},
    };
    const struct termios before = apply();

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        for (unsigned value = 0; value < 3; value++) {
            struct termios expected = before, modes = apply_one(all[i].opcode, value);
            tcflag_t *field = all[i].field == 'i'   ? &expected.c_iflag
                              : all[i].field == 'o' ? &expected.c_oflag
                              : all[i].field == 'l' ? &expected.c_lflag
                                                    : &expected.c_cflag;
            *field = value ? *field | all[i].flag : *field & ~all[i].flag;
            assert_same(&modes, &expected);
        }
}

/* As OpenSSH's client says seven bits, and eight: both at once. */
static void test_sizes(void **state)
{
    (void)state;
    assert_int_equal(apply_one(90, 1).c_cflag & CSIZE, CS7);
    op(90, 1);
    assert_int_equal(apply_one(91, 0).c_cflag & CSIZE, CS7);
    op(90, 1);
    assert_int_equal(apply_one(91, 1).c_cflag & CSIZE, CS8);
    assert_int_equal(apply_one(91, 0).c_cflag & CSIZE, CS8);
}

static void test_speeds(void **state)
{
    struct termios modes;

    (void)state;
    op(128, 9600);
    modes = apply_one(129, 9600);
    assert_int_equal(cfgetospeed(&modes), B9600);
    assert_int_equal(cfgetispeed(&modes), B9600);
    modes = apply_one(129, 4000000);
    assert_int_equal(cfgetospeed(&modes), B4000000);
    /* 0 would hang up; the others do not exist. */
    for (unsigned i = 0; i < 4; i++) {
        modes = apply_one(129, (const unsigned[]){0, 1, 9601, 0xffffffff}[i]);
        assert_int_equal(cfgetospeed(&modes), B38400);
    }
}

static void test_unknown(void **state)
{
    const struct termios before = apply();

    (void)state;
    for (unsigned opcode = 1; opcode < 160; opcode++) {
        /* What comes after is found. */
        op(opcode, 0x01350135);
        op(53, 0);
        assert_false(apply().c_lflag & ECHO);
    }
    static const unsigned unknown[] = {11, 15, 17, 19, 29,  43,  49, 63,
                                       69, 76, 89, 94, 127, 130, 159};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        struct termios modes = apply_one(unknown[i], 1);
        assert_same(&modes, &before);
    }
    /* From 160 on nobody knows how long an argument is. */
    for (unsigned opcode = 160; opcode < 256; opcode++) {
        op(1, 24);
        op(opcode, 0);
        op(53, 0);
        struct termios modes = apply();
        assert_int_equal(modes.c_cc[VINTR], 24);
        assert_true(modes.c_lflag & ECHO);
    }
    /* Nor what comes after the end. */
    op(0, 0x35000000);
    assert_true(apply_one(53, 0).c_lflag & ECHO);
}

static void test_broken(void **state)
{
    const struct termios before = apply();

    (void)state;
    op(1, 24);
    op(53, 0);
    for (size_t n = 1; n < length; n++) {
        struct termios modes = before;
        /* Of bytes of their own, so that reading too far is seen. */
        unsigned char *exact = malloc(n);
        memcpy(exact, encoded, n);
        assert_int_equal(modes_apply(exact, n, &modes), n == 5 ? 0 : -1);
        if (n != 5)
            assert_same(&modes, &before);
        else
            assert_int_equal(modes.c_cc[VINTR], 24);
        free(exact);
    }
    length = 0;
}

static void test_last_counts(void **state)
{
    (void)state;
    op(1, 24);
    op(1, 25);
    assert_int_equal(apply().c_cc[VINTR], 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said), cmocka_unit_test(test_characters),
        cmocka_unit_test(test_flags),        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_speeds),       cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_broken),       cmocka_unit_test(test_last_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
