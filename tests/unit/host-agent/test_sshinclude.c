/* SPDX-License-Identifier: ISC */
#include "ssh/sshinclude.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TARGET "/home/me/.local/state/host-agent/ssh_config"

static void has(const char *text)
{
    if (!sshinclude_present(text, "/home/me", TARGET))
        fail_msg("not found in: %s", text);
}

static void lacks(const char *text)
{
    if (sshinclude_present(text, "/home/me", TARGET))
        fail_msg("found in: %s", text);
}

static void finds_the_line_in_any_spelling(void **state)
{
    (void)state;
    has("Include \"" TARGET "\"\n");
    has("Include " TARGET);
    has("  include\t" TARGET "\r\n");
    has("INCLUDE=" TARGET "\n");
    has("Include = " TARGET "\n");
    has("Include ~/.local/state/host-agent/ssh_config\n");
    has("Include \"~/.local/state/host-agent/ssh_config\"\n");
    has("Include ${HOME}/.local/state/host-agent/ssh_config\n");
    has("Include ../.local/state/host-agent/ssh_config\n");
    has("Include other.conf ~/.local/state/*/ssh_config\n");
    has("Include '" TARGET "'\n");
    has("\"Include\" " TARGET "\n");
    has("Port 22\n# comment\nInclude " TARGET "\n");
    has("Host *\n  Include " TARGET "\n");
    has("Host x\n  Port 1\nMatch all\n  Include " TARGET "\n");
}

static void is_not_misled(void **state)
{
    (void)state;
    lacks("");
    lacks("# Include " TARGET "\n");
    lacks("Include other.conf # " TARGET "\n");
    lacks("Include " TARGET ".old\n");
    lacks("Include ~/.local/state/host-agent\n");
    lacks("IncludeX " TARGET "\n");
    /* For some hosts only. */
    lacks("Host x\n  Include " TARGET "\n");
    lacks("Match host x\n  Include " TARGET "\n");
    lacks("Host * !x\n  Include " TARGET "\n");
    lacks("Include '\"" TARGET "\"'\n");
    lacks("\"Include " TARGET "\n");
    lacks("\"Include\"=" TARGET "\n");
    lacks("Include \"" TARGET "\n  Include \"\n");
}

static void adds_it_where_it_counts(void **state)
{
    static const char before[] = "Host x\n  Port 1\n";
    g_autofree char *added = sshinclude_added(before, TARGET);
    g_autofree char *fresh = sshinclude_added("", TARGET);

    (void)state;
    has(added);
    has(fresh);
    assert_true(g_str_has_suffix(added, before));
    assert_true(g_str_has_suffix(fresh, "\"\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_line_in_any_spelling),
        cmocka_unit_test(is_not_misled),
        cmocka_unit_test(adds_it_where_it_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
