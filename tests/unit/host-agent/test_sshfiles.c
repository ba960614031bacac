/* SPDX-License-Identifier: ISC */
#include "ssh/connect.h"
#include "ssh/sshfiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const SshHost hosts[] = {
    {"web", 2222, "ssh-ed25519 AAAA"},
    {"api", 2223, "ssh-ed25519 BBBB"},
};

static void pins_each_key(void **state)
{
    g_autofree char *text = sshfiles_known_hosts(hosts, 2);

    (void)state;
    assert_string_equal(text, "# Made anew by host-agent whenever a sandbox starts or ends.\n"
                              "web.sandbox ssh-ed25519 AAAA\n"
                              "api.sandbox ssh-ed25519 BBBB\n");
}

#define OPTIONS                                   \
    "    HostName 127.0.0.1\n"                    \
    "    Port 2222\n"                             \
    "    HostKeyAlias web.sandbox\n"              \
    "    UserKnownHostsFile \"/s/known_hosts\"\n" \
    "    GlobalKnownHostsFile /dev/null\n"        \
    "    StrictHostKeyChecking yes\n"             \
    "    CheckHostIP no\n"                        \
    "    ForwardAgent yes\n"                      \
    "    ProxyJump none\n"                        \
    "    ProxyCommand none\n"                     \
    "    RemoteCommand none\n"                    \
    "    ControlMaster no\n"                      \
    "    ControlPath none\n"                      \
    "    SendEnv COLORTERM LANG LC_* TERM_PROGRAM TERM_PROGRAM_VERSION TZ\n"

static void leads_to_the_sandbox(void **state)
{
    g_autofree char *text = sshfiles_config(hosts, 1, "/s/known_hosts", NULL);

    (void)state;
    assert_string_equal(
        text, "# Made anew by host-agent whenever a sandbox starts or ends.\n"
              "\nHost web.sandbox\n    User agent\n" OPTIONS
              "\nMatch originalhost localhost,127.0.0.1 exec \"test %p = 2222\"\n" OPTIONS);
}

static void names_its_own_key_alone(void **state)
{
    g_auto(GStrv) with = sshfiles_options(hosts, "/s/known_hosts", "/s/id_ed25519");
    g_auto(GStrv) without = sshfiles_options(hosts, "/s/known_hosts", NULL);

    (void)state;
    assert_true(g_strv_contains((const char *const *)with, "IdentityFile \"/s/id_ed25519\""));
    for (char **option = without; *option; option++)
        assert_false(g_str_has_prefix(*option, "IdentityFile"));
}

static void quotes_paths(void **state)
{
    g_auto(GStrv) options = sshfiles_options(hosts, "/a b/\"c\\%h", NULL);

    (void)state;
    assert_true(
        g_strv_contains((const char *const *)options, "UserKnownHostsFile \"/a b/\\\"c\\\\%%h\""));
}

static void ends_in(const char *const *command, gboolean terminal, const char *want)
{
    g_auto(GStrv) argv =
        connect_argv(hosts, "/s/known_hosts", NULL, (char *const *)command, terminal);
    g_autofree char *line = g_strjoinv("\n", argv);

    assert_true(g_str_has_prefix(line, "ssh\n-o\nHostName 127.0.0.1\n"));
    if (!g_str_has_suffix(line, want))
        fail_msg("%s", line);
}

static void gives_ssh_the_command(void **state)
{
    const char *const none[] = {"true", NULL};
    const char *const line[] = {"echo $HOME", NULL};
    const char *const words[] = {"printf", "%s\n", "it's", "", NULL};
    const char *const option[] = {"-v", NULL};

    (void)state;
    ends_in(NULL, TRUE, "TZ\n-l\nagent\nweb.sandbox");
    ends_in(none, TRUE, "TZ\n-t\n-l\nagent\nweb.sandbox\n--\ntrue");
    ends_in(line, FALSE, "TZ\n-l\nagent\nweb.sandbox\n--\necho $HOME");
    ends_in(words, FALSE, "\n--\n'printf' '%s\n' 'it'\\''s' ''");
    ends_in(option, FALSE, "web.sandbox\n--\n-v");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pins_each_key),           cmocka_unit_test(leads_to_the_sandbox),
        cmocka_unit_test(names_its_own_key_alone), cmocka_unit_test(quotes_paths),
        cmocka_unit_test(gives_ssh_the_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
