/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdbool.h>

#include "../../../sshd-entry/kexinit.h"

#define OPENSSH "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
#define CHACHA "chacha20-poly1305@openssh.com"
#define GCM CHACHA ",aes128-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com"

struct bytes {
    unsigned char data[16384];
    size_t length;
};

static void put(struct bytes *bytes, const void *data, size_t length)
{
    assert_true(bytes->length + length <= sizeof(bytes->data));
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

static void put_uint32(struct bytes *bytes, uint32_t value)
{
    const unsigned char text[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                   (unsigned char)(value >> 8), (unsigned char)value};
    put(bytes, text, sizeof(text));
}

static void put_list(struct bytes *bytes, const char *names)
{
    put_uint32(bytes, (uint32_t)strlen(names));
    put(bytes, names, strlen(names));
}

/* The identification and a KEXINIT with these ciphers. */
static struct bytes greeting(const char *identification, const char *to_server,
                             const char *to_client)
{
    static const unsigned char head[18] = {7, 20};
    struct bytes packet = {.length = 0}, all = {.length = 0};

    put(&packet, head, sizeof(head));
    put_list(&packet, "curve25519-sha256");
    put_list(&packet, "ssh-ed25519");
    put_list(&packet, to_server);
    put_list(&packet, to_client);
    for (int i = 0; i < 6; i++)
        put_list(&packet, "none");
    put(&packet, "\0\0\0\0\0padding", 12);
    put(&all, identification, strlen(identification));
    put_uint32(&all, (uint32_t)packet.length);
    put(&all, packet.data, packet.length);
    return all;
}

/* On a copy that ends where it says, so that the sanitizer sees whoever reads on. */
static enum kexinit_verdict read_copy(const struct bytes *bytes, size_t length)
{
    unsigned char *copy = test_malloc(length ? length : 1);

    memcpy(copy, bytes->data, length);
    enum kexinit_verdict verdict = kexinit_read(copy, length);
    test_free(copy);
    return verdict;
}

static void assert_verdict(const char *identification, const char *to_server, const char *to_client,
                           enum kexinit_verdict verdict)
{
    struct bytes bytes = greeting(identification, to_server, to_client);

    assert_int_equal(read_copy(&bytes, bytes.length), verdict);
}

static void test_who_gets_aes_gcm_alone(void **state)
{
    (void)state;
    assert_verdict(OPENSSH, GCM, GCM, KEXINIT_AES_GCM);
    assert_verdict("SSH-2.0-OpenSSH_9\n", "aes256-gcm@openssh.com", GCM, KEXINIT_AES_GCM);
    assert_verdict(OPENSSH, GCM, CHACHA, KEXINIT_OTHER);
    assert_verdict(OPENSSH, CHACHA, GCM, KEXINIT_OTHER);
    assert_verdict(OPENSSH, "xaes128-gcm@openssh.com,aes128-gcm@openssh.comx", GCM, KEXINIT_OTHER);
    assert_verdict(OPENSSH, "", "", KEXINIT_OTHER);
    assert_verdict(OPENSSH, ",,", GCM, KEXINIT_OTHER);
    assert_verdict("SSH-2.0-PuTTY\r\n", GCM, GCM, KEXINIT_OTHER);
}

/* Every part of it is incomplete, and never more than that. */
static void test_cut_anywhere(void **state)
{
    struct bytes bytes = greeting(OPENSSH, GCM, GCM);

    (void)state;
    for (size_t length = 0; length < bytes.length; length++)
        assert_int_equal(read_copy(&bytes, length), KEXINIT_INCOMPLETE);
    put(&bytes, "more", 4);
    assert_int_equal(read_copy(&bytes, bytes.length), KEXINIT_AES_GCM);
}

static void test_lengths_that_lie(void **state)
{
    const size_t start = sizeof(OPENSSH) - 1;
    const struct bytes good = greeting(OPENSSH, GCM, GCM);
    struct bytes bytes = good;

    (void)state;
    bytes.data[start] = 0xff; /* the packet's */
    assert_int_equal(read_copy(&bytes, bytes.length), KEXINIT_OTHER);
    bytes = good;
    memset(bytes.data + start, 0, 4);
    assert_int_equal(read_copy(&bytes, bytes.length), KEXINIT_OTHER);
    bytes = good;
    bytes.data[start + 4] = 0xff; /* the padding's: more than there is of the lists */
    assert_int_equal(read_copy(&bytes, bytes.length), KEXINIT_OTHER);
    bytes = good;
    bytes.data[start + 5] = 21; /* another message */
    assert_int_equal(read_copy(&bytes, bytes.length), KEXINIT_OTHER);
    bytes = good;
    bytes.data[start + 22] = 0xff; /* the first list's */
    assert_int_equal(read_copy(&bytes, bytes.length), KEXINIT_OTHER);
}

static void test_a_line_without_end(void **state)
{
    struct bytes bytes = {.length = 0};

    (void)state;
    put(&bytes, "SSH-2.0-OpenSSH", 15);
    memset(bytes.data + 15, 'x', 1000);
    assert_int_equal(read_copy(&bytes, 254), KEXINIT_INCOMPLETE);
    assert_int_equal(read_copy(&bytes, 255), KEXINIT_OTHER);
    bytes.data[255] = '\n';
    assert_int_equal(read_copy(&bytes, 1000), KEXINIT_OTHER);
    assert_int_equal(kexinit_read((const unsigned char *)"SSH-1", 5), KEXINIT_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_gets_aes_gcm_alone),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_a_line_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
