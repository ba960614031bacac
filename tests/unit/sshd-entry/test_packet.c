/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdlib.h>

#include "../../../sshd-entry/packet.h"

static unsigned char packet[1024];
static size_t length;

static void put_uint32(unsigned value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        packet[length++] = (unsigned char)(value >> shift);
}

static void put_bytes(const char *bytes, size_t count)
{
    put_uint32((unsigned)count);
    memcpy(packet + length, bytes, count);
    length += count;
}

static void put_string(const char *text)
{
    put_bytes(text, strlen(text));
}

static void put_request(unsigned channel, const char *type)
{
    length = 0;
    put_uint32(channel);
    put_string(type);
    packet[length++] = 1;
}

static void put_pty(const char *modes, size_t count)
{
    put_request(7, "pty-req");
    put_string("xterm");
    for (unsigned i = 0; i < 4; i++)
        put_uint32(80 + i);
    put_bytes(modes, count);
}

static void put_streamlocal(const char *path, size_t count)
{
    length = 0;
    put_string("direct-streamlocal@openssh.com");
    put_uint32(0x01020304);
    put_uint32(0x00200000);
    put_uint32(0x00008000);
    put_bytes(path, count);
    put_string("");
    put_uint32(0);
}

/* Bytes of their own, so that reading too far is seen. */
static struct packet_request request_of(size_t count)
{
    unsigned char *exact = malloc(count + !count);
    memcpy(exact, packet, count);
    struct packet_request request = packet_request(exact, count);
    free(exact);
    return request;
}

static enum packet_verdict streamlocal_of(size_t count, struct packet_streamlocal *open)
{
    unsigned char *exact = malloc(count + !count);
    memcpy(exact, packet, count);
    enum packet_verdict verdict = packet_streamlocal(exact, count, open);
    free(exact);
    return verdict;
}

static void test_pty(void **state)
{
    static const char modes[] = "\1\0\0\0\3";
    struct packet_request request;

    (void)state;
    put_pty(modes, sizeof(modes));
    request = packet_request(packet, length);
    assert_int_equal(request.kind, PACKET_REQUEST_PTY);
    assert_int_equal(request.channel, 7);
    assert_int_equal(request.modes.length, sizeof(modes));
    assert_memory_equal(request.modes.data, modes, sizeof(modes));
    put_pty("", 0);
    request = packet_request(packet, length);
    assert_int_equal(request.kind, PACKET_REQUEST_PTY);
    assert_int_equal(request.modes.length, 0);
}

static void test_eow(void **state)
{
    (void)state;
    put_request(0xfffffffe, "eow@openssh.com");
    struct packet_request request = request_of(length);
    assert_int_equal(request.kind, PACKET_REQUEST_EOW);
    assert_int_equal(request.channel, 0xfffffffe);
}

static void test_other_requests(void **state)
{
    static const char *const types[] = {"",
                                        "pty-re",
                                        "pty-reqs",
                                        "PTY-REQ",
                                        "eow@openssh.co",
                                        "eow@openssh.comm",
                                        "exit-status",
                                        "eow@openssh.com\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        put_request(1, types[i]);
        assert_int_equal(request_of(length).kind, PACKET_REQUEST_OTHER);
    }
    length = 0;
    put_uint32(1);
    put_bytes("pty-req\0", 8);
    assert_int_equal(request_of(length).kind, PACKET_REQUEST_OTHER);
}

static void test_requests_cut_short(void **state)
{
    (void)state;
    put_pty("\1\0\0\0\3", 6);
    for (size_t n = 0; n < length; n++)
        assert_int_equal(request_of(n).kind, PACKET_REQUEST_OTHER);
    assert_int_equal(request_of(length).kind, PACKET_REQUEST_PTY);
    put_request(1, "eow@openssh.com");
    for (size_t n = 0; n < length; n++)
        assert_int_equal(request_of(n).kind, PACKET_REQUEST_OTHER);
}

/* Lengths that reach beyond the end, and around it. */
static void test_lying_lengths(void **state)
{
    static const unsigned lies[] = {7, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
    struct packet_streamlocal open;

    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        put_pty("", 0);
        length -= 4;
        put_uint32(lies[i]);
        assert_int_equal(request_of(length).kind, PACKET_REQUEST_OTHER);
        length = 4;
        put_uint32(lies[i] + 1); /* of the type */
        assert_int_equal(request_of(length).kind, PACKET_REQUEST_OTHER);
        put_streamlocal("/s", 2);
        length = 34 + 12;
        put_uint32(lies[i] + 8);
        length += 2 + 4 + 4;
        assert_int_equal(streamlocal_of(length, &open), PACKET_OTHER);
    }
}

static void test_streamlocal(void **state)
{
    static const unsigned char expected[PACKET_DIRECT_TCPIP_SIZE] =
        "\0\0\0\014direct-tcpip\1\2\3\4\0\x20\0\0\0\0\x80\0";
    struct packet_streamlocal open;

    (void)state;
    put_streamlocal("/run/a b.sock", 13);
    assert_int_equal(streamlocal_of(length, &open), PACKET_SERVED);
    assert_string_equal(open.path, "/run/a b.sock");
    assert_memory_equal(open.direct_tcpip, expected, sizeof(expected));
    for (size_t n = 0; n < length; n++)
        assert_int_equal(streamlocal_of(n, &open), PACKET_OTHER);
}

static void test_paths(void **state)
{
    struct packet_streamlocal open;
    char path[200];

    (void)state;
    memset(path, 'x', sizeof(path));
    path[0] = '/';
    put_streamlocal(path, 107);
    assert_int_equal(streamlocal_of(length, &open), PACKET_SERVED);
    assert_int_equal(strlen(open.path), 107);
    put_streamlocal(path, 108);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
    put_streamlocal(path, 200);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
    put_streamlocal("", 0);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
    put_streamlocal("run/s", 5);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
    /* An abstract socket, and one that names another file than it seems to. */
    put_streamlocal("\0abstract", 9);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
    put_streamlocal("/run/s\0x", 8);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
    put_streamlocal("/run/s\0", 7);
    assert_int_equal(streamlocal_of(length, &open), PACKET_REFUSED);
}

static void test_other_channels(void **state)
{
    struct packet_streamlocal open;

    (void)state;
    length = 0;
    put_string("direct-tcpip");
    for (int i = 0; i < 3; i++)
        put_uint32(1);
    put_string("/run/s");
    put_uint32(0);
    put_string("");
    put_uint32(0);
    assert_int_equal(streamlocal_of(length, &open), PACKET_OTHER);
}

#define ALGORITHMS "ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512"
#define SK "sk-ssh-ed25519@openssh.com"

/* KEY is the type that the blob has, SIGNATURE that of the signature. */
static void put_login(const char *method, const char *algorithm, const char *key,
                      const char *signature)
{
    length = 0;
    put_string("agent");
    put_string("ssh-connection");
    put_string(method);
    packet[length++] = signature ? 1 : 0;
    put_string(algorithm);
    put_uint32((unsigned)strlen(key) + 4 + 9);
    put_string(key);
    put_string("point");
    if (signature) {
        put_uint32((unsigned)strlen(signature) + 4 + 6);
        put_string(signature);
        put_string("ed");
    }
}

/* FLAGS and a counter at the end of the signature. */
static void put_sk_login(unsigned char flags)
{
    put_login("publickey", SK, SK, "");
    length -= 4 + 4 + 6;
    put_uint32((unsigned)strlen(SK) + 4 + 6 + 5);
    put_string(SK);
    put_string("ed");
    packet[length++] = flags;
    put_uint32(77);
}

static enum packet_verdict login_of(size_t count, struct packet_login *login)
{
    unsigned char *exact = malloc(count + !count);
    memcpy(exact, packet, count);
    enum packet_verdict verdict = packet_login(exact, count, ALGORITHMS, login);
    free(exact);
    assert_true((verdict == PACKET_REFUSED) == (login->reason != NULL));
    return verdict;
}

static void assert_refused(const char *reason)
{
    struct packet_login login;

    assert_int_equal(login_of(length, &login), PACKET_REFUSED);
    assert_non_null(strstr(login.reason, reason));
}

/* From METHOD_END on a packet that ends is a broken one. */
static void assert_cut_short(size_t method_end)
{
    struct packet_login login;

    for (size_t n = 0; n < length; n++) {
        assert_int_equal(login_of(n, &login), n < method_end ? PACKET_OTHER : PACKET_REFUSED);
        assert_true(n < method_end || strstr(login.reason, "broken"));
    }
    assert_int_equal(login_of(length, &login), PACKET_SERVED);
}

static void test_logins(void **state)
{
    const size_t method_end = 4 + 5 + 4 + 14 + 4 + 9;
    struct packet_login login;

    (void)state;
    put_login("publickey", "ssh-ed25519", "ssh-ed25519", NULL);
    assert_cut_short(method_end);
    put_login("publickey", "ssh-ed25519", "ssh-ed25519", "ssh-ed25519");
    assert_cut_short(method_end);
    assert_int_equal(login_of(length, &login), PACKET_SERVED);
    assert_string_equal(login.algorithm, "ssh-ed25519");
    put_login("publickey", "rsa-sha2-512", "ssh-rsa", "rsa-sha2-512");
    assert_cut_short(method_end);
    put_login("publickey", SK, SK, NULL);
    assert_cut_short(method_end);
    put_sk_login(1);
    assert_cut_short(method_end);
}

static void test_other_methods(void **state)
{
    static const char *const methods[] = {"",         "none",       "password",
                                          "publicke", "publickeys", "Publickey"};
    struct packet_login login;

    (void)state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        put_login(methods[i], "ssh-dss", "ssh-dss", NULL);
        assert_int_equal(login_of(length, &login), PACKET_OTHER);
    }
}

static void test_types(void **state)
{
    static const char *const types[] = {"",
                                        "ssh-dss",
                                        "ssh-ed2551",
                                        "ssh-ed255199",
                                        "ssh-rsa",
                                        "ssh-ed25519,",
                                        ",",
                                        "ssh-ed25519-cert-v01@openssh.com",
                                        "sk-ssh-ed25519",
                                        ALGORITHMS};

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        put_login("publickey", types[i], types[i], NULL);
        assert_refused("not served");
        put_login("publickey", "ssh-ed25519", types[i], NULL);
        assert_refused("of another type");
        put_login("publickey", "ssh-ed25519", "ssh-ed25519", types[i]);
        assert_refused("of another kind");
    }
    put_login("publickey", "rsa-sha2-512", "rsa-sha2-512", NULL);
    assert_refused("of another type");
    /* A security key must not pass for another, nor its signature. */
    put_login("publickey", "ssh-ed25519", SK, NULL);
    assert_refused("of another type");
    put_login("publickey", "ssh-ed25519", "ssh-ed25519", SK);
    assert_refused("of another kind");
    put_login("publickey", SK, SK, "ssh-ed25519");
    assert_refused("of another kind");
}

static void test_touch(void **state)
{
    struct packet_login login;

    (void)state;
    for (unsigned flags = 0; flags < 256; flags++) {
        put_sk_login((unsigned char)flags);
        if (flags & 1)
            assert_int_equal(login_of(length, &login), PACKET_SERVED);
        else
            assert_refused("touched");
    }
    /* The packet is whole, the signature ends too soon: before its flags, or within its counter. */
    put_login("publickey", SK, SK, SK);
    assert_refused("of another kind");
    for (size_t missing = 1; missing <= 5; missing++) {
        put_sk_login(1);
        size_t at = length - (4 + 4 + strlen(SK) + 6 + 5);
        packet[at + 3] = (unsigned char)(packet[at + 3] - missing);
        length -= missing;
        assert_refused("of another kind");
    }
}

/* libssh's strings end at a NUL, and any byte but 0 is true. */
static void test_what_libssh_takes_for_a_login(void **state)
{
    struct packet_login login;

    (void)state;
    put_sk_login(0);
    size_t is_signed = 4 + 5 + 4 + 14 + 4 + 9;
    packet[is_signed] = 0x80;
    assert_refused("touched");
    length = 0;
    put_string("agent");
    put_string("ssh-connection");
    put_bytes("publickey\0x", 11);
    assert_int_equal(login_of(length, &login), PACKET_REFUSED);
    length = 0;
    put_string("agent");
    put_bytes("ssh-connection\0", 15);
    put_string("publickey");
    packet[length++] = 0;
    put_string("ssh-ed25519");
    put_bytes("\0\0\0\013ssh-ed25519", 15);
    assert_refused("broken");
}

static void test_long_algorithm(void **state)
{
    struct packet_login login;
    char name[200];

    (void)state;
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    put_login("publickey", name, name, NULL);
    assert_int_equal(login_of(length, &login), PACKET_REFUSED);
    assert_int_equal(strlen(login.algorithm), sizeof(login.algorithm) - 1);
}

static unsigned maximum_after(size_t from, bool is_open)
{
    unsigned char *copy = malloc(length); /* of its very size: what reaches beyond is seen */
    unsigned maximum = 0;

    memcpy(copy, packet, length);
    packet_raise_maximum(copy, length, is_open);
    assert_memory_equal(copy, packet, from < length ? from : length);
    for (size_t i = from; i < length && i < from + 4; i++)
        maximum = maximum << 8 | copy[i];
    free(copy);
    return maximum;
}

static void test_maximum(void **state)
{
    const unsigned wanted[][2] = {{0, 64}, {10, 64}, {63, 64}, {64, 64}, {0xffffffff, 0xffffffff}};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        for (int is_open = 0; is_open < 2; is_open++) {
            length = 0;
            if (is_open)
                put_string("session");
            else
                put_uint32(43);
            put_uint32(1);
            put_uint32(2);
            size_t from = length;
            put_uint32(wanted[i][0]);
            assert_int_equal(maximum_after(from, is_open), wanted[i][1]);
            length = from + 3;
            assert_int_equal(maximum_after(from, is_open), wanted[i][0] >> 8); /* cut short */
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pty),
        cmocka_unit_test(test_eow),
        cmocka_unit_test(test_other_requests),
        cmocka_unit_test(test_requests_cut_short),
        cmocka_unit_test(test_lying_lengths),
        cmocka_unit_test(test_streamlocal),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_other_channels),
        cmocka_unit_test(test_logins),
        cmocka_unit_test(test_other_methods),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_touch),
        cmocka_unit_test(test_what_libssh_takes_for_a_login),
        cmocka_unit_test(test_long_algorithm),
        cmocka_unit_test(test_maximum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
