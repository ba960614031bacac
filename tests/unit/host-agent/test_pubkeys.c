/* SPDX-License-Identifier: ISC */
#include "ssh/pubkeys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ED25519 "AAAAC3NzaC1lZDI1NTE5AAAAIDY/TLxcik8puGf504lCVEGskvRo2SONwiyJV723lMxX"
#define ECDSA                                                                \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBP1fo/4m9p2odQnwHZ" \
    "NTkS3yicAc8FGKUpwoFlH2MuzgEozDBttBVqqodJ3g0wTpSwovGu7xfecfH3sOXwFWp1M="

static void finds(const char *text, const char *want)
{
    g_autoptr(GPtrArray) keys = pubkeys_new();

    pubkeys_add(keys, text, strlen(text));
    g_ptr_array_add(keys, NULL);
    g_autofree char *all = g_strjoinv("\n", (char **)keys->pdata);
    assert_string_equal(all, want);
}

static void takes_keys_without_their_comments(void **state)
{
    (void)state;
    finds("ssh-ed25519 " ED25519 " me@here\n", "ssh-ed25519 " ED25519);
    finds("  ssh-ed25519\t" ED25519 "\r\n", "ssh-ed25519 " ED25519);
    finds("ssh-ed25519 " ED25519, "ssh-ed25519 " ED25519);
    finds("# comment\n\necdsa-sha2-nistp256 " ECDSA " x\nssh-ed25519 " ED25519 " y\n",
          "ecdsa-sha2-nistp256 " ECDSA "\nssh-ed25519 " ED25519);
}

static void takes_a_key_once(void **state)
{
    (void)state;
    finds("ssh-ed25519 " ED25519 " a\nssh-ed25519 " ED25519 " b\n", "ssh-ed25519 " ED25519);
}

static void any(const char *text, gboolean want)
{
    if (pubkeys_any(text, strlen(text)) != want)
        fail_msg("%s", text);
}

static void knows_whether_anybody_could_log_in(void **state)
{
    (void)state;
    any("ssh-ed25519 " ED25519, TRUE);
    any("# x\n\n  restrict,command=\"a b\" ssh-ed25519 " ED25519 " me\r\n", TRUE);
    any("", FALSE);
    any("\n \n# ssh-ed25519 " ED25519 "\n", FALSE);
    any("ssh-ed25519\n" ED25519 "\n", FALSE);
    any("ssh-rsa " ED25519 "\n", FALSE);
}

static void leaves_everything_else_out(void **state)
{
    (void)state;
    finds("", "");
    finds("ssh-ed25519", "");
    finds("ssh-ed25519 ", "");
    finds("The agent has no identities.\n", "");
    finds("command=\"x\" ssh-ed25519 " ED25519 "\n", "");
    finds("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n", "");
    finds("ssh-ed25519-cert-v01@openssh.com " ED25519 "\n", "");
    finds("ssh-dss AAAAB3NzaC1kc3M=\n", "");
    /* The type outside is not the one inside. */
    finds("ssh-rsa " ED25519 "\n", "");
    finds("ssh-ed25519 " ECDSA "\n", "");
    finds("ssh-ed25519 AAAA\n", "");
    finds("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n", "");
    finds("ssh-ed25519 " ED25519 "!\n", "");
    finds("ssh-ed25519 =" ED25519 "\n", "");
}

static void leaves_an_endless_key_out(void **state)
{
    g_autofree char *filler = g_strnfill(100000, 'A');
    g_autofree char *text = g_strconcat("ssh-ed25519 " ED25519, filler, "\n", NULL);

    (void)state;
    finds(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_keys_without_their_comments),
        cmocka_unit_test(takes_a_key_once),
        cmocka_unit_test(knows_whether_anybody_could_log_in),
        cmocka_unit_test(leaves_everything_else_out),
        cmocka_unit_test(leaves_an_endless_key_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
