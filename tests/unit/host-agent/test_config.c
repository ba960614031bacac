/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Config *parse(const char *text, GError **error)
{
    return config_parse(text, strlen(text), "config.ini", "/home/me", error);
}

static void refuses(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = parse(text, &error);

    assert_null(config);
    assert_string_equal(error->message, message);
}

static void has_defaults(void **state)
{
    g_autoptr(Config) config = parse("", NULL);

    (void)state;
    assert_non_null(config);
    assert_int_equal(config->port, 2222);
    assert_int_equal(config->network, NETWORK_OPEN);
    assert_int_equal(config->home, HOME_PROJECT);
    assert_int_equal(config->include, INCLUDE_ASK);
    assert_int_equal(config->pull_timeout, 10);
    assert_string_equal(config->image, "localhost/host-agent:latest");
    assert_int_equal(config->keep, 3);
    assert_null(config->registry);
    assert_null(config->authorized_keys);
    assert_null(config->containerfile);
    assert_null(config->base);
    assert_null(config->build_args);
}

static void has_defaults_for_notifications(void **state)
{
    g_autoptr(Config) config = parse("", NULL);
    const ConfigNotify *notify = &config->notify;

    (void)state;
    assert_int_equal(notify->rate, 5);
    assert_int_equal(notify->quiet_from, -1);
    assert_int_equal(notify->quiet_to, -1);
    assert_int_equal(notify->min_duration, 0);
    assert_int_equal(notify->answer_timeout, 0);
    assert_null(notify->raise);
    assert_true(notify->sound);
    assert_null(notify->icon);
    assert_int_equal(notify->terminal, 0);
    for (int i = 0; i < EVENT_SHOWN; i++)
        assert_int_equal(notify->urgency[i], i == EVENT_SUBAGENT_STOP ? EVENT_OFF
                                             : i == EVENT_TERMINAL || i == EVENT_OTHER
                                                 ? MESSAGE_NORMAL
                                                 : MESSAGE_CRITICAL);
}

static void reads_every_key_of_notifications(void **state)
{
    g_autoptr(Config) config = parse("[notify]\n"
                                     "rate = 20\n"
                                     "quiet = 22:05-07:30\n"
                                     "min_duration = 60\n"
                                     "answer_timeout = 580\n"
                                     "raise = wmctrl -xa 'my kitty'\n"
                                     "sound = no\n"
                                     "icon = utilities-terminal\n"
                                     "terminal = osc,bell\n"
                                     "stop = low\n"
                                     "stop_failure = normal\n"
                                     "subagent_stop = critical\n"
                                     "notification = off\n"
                                     "permission_request = low\n"
                                     "terminal_message = off\n"
                                     "message = normal\n"
                                     "other = critical\n",
                                     NULL);
    const int urgency[] = {MESSAGE_LOW, MESSAGE_NORMAL, MESSAGE_CRITICAL, EVENT_OFF,
                           MESSAGE_LOW, EVENT_OFF,      MESSAGE_NORMAL,   MESSAGE_CRITICAL};

    (void)state;
    assert_non_null(config);
    assert_int_equal(config->notify.rate, 20);
    assert_int_equal(config->notify.quiet_from, 22 * 60 + 5);
    assert_int_equal(config->notify.quiet_to, 7 * 60 + 30);
    assert_int_equal(config->notify.min_duration, 60);
    assert_int_equal(config->notify.answer_timeout, 580);
    assert_string_equal(config->notify.raise, "wmctrl -xa 'my kitty'");
    assert_false(config->notify.sound);
    assert_string_equal(config->notify.icon, "utilities-terminal");
    assert_int_equal(config->notify.terminal, TERMINAL_OSC | TERMINAL_BELL);
    assert_memory_equal(config->notify.urgency, urgency, sizeof(urgency));
}

static void reads_other_values_of_notifications(void **state)
{
    g_autoptr(Config) osc =
        parse("[notify]\nterminal=osc\nicon=~/robot.png\nquiet=\nraise=\n", NULL);
    g_autoptr(Config) bell =
        parse("[notify]\nterminal=bell\nicon=/robot.png\nquiet=00:00-23:59\n", NULL);
    g_autoptr(Config) no = parse("[notify]\nterminal=no\nicon=\nsound=yes\n", NULL);

    (void)state;
    assert_int_equal(osc->notify.terminal, TERMINAL_OSC);
    assert_string_equal(osc->notify.icon, "/home/me/robot.png");
    assert_int_equal(osc->notify.quiet_from, -1);
    assert_null(osc->notify.raise);
    assert_int_equal(bell->notify.terminal, TERMINAL_BELL);
    assert_string_equal(bell->notify.icon, "/robot.png");
    assert_int_equal(bell->notify.quiet_from, 0);
    assert_int_equal(bell->notify.quiet_to, 23 * 60 + 59);
    assert_int_equal(no->notify.terminal, 0);
    assert_null(no->notify.icon);
    assert_true(no->notify.sound);
}

static void refuses_quiet_hours(const char *value)
{
    g_autofree char *text = g_strdup_printf("[notify]\nquiet = %s\n", value);
    g_autofree char *message = g_strdup_printf("config.ini:2: quiet = %s is not a time from "
                                               "HH:MM-HH:MM such as 22:00-07:30",
                                               value);

    refuses(text, message);
}

static void names_the_line_of_a_bad_value_of_notifications(void **state)
{
    const char *const hours[] = {"22:00",        "22:00-24:00", "22:60-07:00", "22:00-7:00",
                                 "22.00-07:00",  "22:00 07:00", "22:00-22:00", "-1:00-07:00",
                                 "22:00-07:00x", "99:99-99:99", "22:00-07:a0"};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(hours); i++)
        refuses_quiet_hours(hours[i]);
    refuses("[notify]\nrate = 0\n", "config.ini:2: rate = 0 is not a whole number from 1 to 1000");
    refuses("[notify]\nanswer_timeout = 581\n",
            "config.ini:2: answer_timeout = 581 is not a whole number from 0 to 580");
    refuses("[notify]\nmin_duration = -1\n",
            "config.ini:2: min_duration = -1 is not a whole number from 0 to 86400");
    refuses("[notify]\nsound = loud\n", "config.ini:2: sound = loud is not one of no, yes");
    refuses("[notify]\nterminal = bel\n",
            "config.ini:2: terminal = bel is not one of no, osc, bell, osc,bell");
    refuses("[notify]\nstop = quiet\n",
            "config.ini:2: stop = quiet is not one of off, low, normal, critical");
    refuses("[notify]\nicon = <img>\n",
            "config.ini:2: icon = <img> is not the name of an icon such as dialog-information, or "
            "an absolute path");
    refuses("[notify]\nraise = wmctrl 'kitty\n",
            "config.ini:2: raise = wmctrl 'kitty is not a command, whose quotes match");
    refuses("[notify]\nurgency = low\n",
            "config.ini:2: unknown key urgency in [notify]: host-agent.ini(5) lists the keys");
}

static void reads_every_key(void **state)
{
    g_autoptr(Config) config = parse("; a comment\n"
                                     "[sandbox]\n"
                                     "port = 3000\n"
                                     "network=none\n"
                                     "home = ephemeral ; not kept\n"
                                     "authorized_keys = ~/keys\n"
                                     "accept_env = LANG,LC_*\n"
                                     "[image]\r\n"
                                     "name = localhost/mine:1\r\n"
                                     "registry = registry.example.org:5000/agent@sha256:00ff\r\n"
                                     "pull_timeout = 3\n"
                                     "keep = 7\n"
                                     "base = docker.io/library/debian:13\n"
                                     "containerfile = /srv/Containerfile\n"
                                     "build_args = GO=no\n"
                                     "    TEXT=two words\n"
                                     "[ssh]\n"
                                     "include = no",
                                     NULL);

    (void)state;
    assert_non_null(config);
    assert_int_equal(config->port, 3000);
    assert_int_equal(config->network, NETWORK_NONE);
    assert_int_equal(config->home, HOME_EPHEMERAL);
    assert_string_equal(config->authorized_keys, "/home/me/keys");
    assert_string_equal(config->accept_env, "LANG,LC_*");
    assert_string_equal(config->image, "localhost/mine:1");
    assert_int_equal(config->keep, 7);
    assert_string_equal(config->registry, "registry.example.org:5000/agent@sha256:00ff");
    assert_int_equal(config->pull_timeout, 3);
    assert_string_equal(config->base, "docker.io/library/debian:13");
    assert_string_equal(config->containerfile, "/srv/Containerfile");
    assert_string_equal(config->build_args[0], "GO=no");
    assert_string_equal(config->build_args[1], "TEXT=two words");
    assert_null(config->build_args[2]);
    assert_int_equal(config->include, INCLUDE_NO);
}

static void takes_empty_as_not_set(void **state)
{
    g_autoptr(Config) config =
        parse("[image]\nregistry =\nbase=\n[sandbox]\nauthorized_keys=\n", NULL);

    (void)state;
    assert_non_null(config);
    assert_null(config->registry);
    assert_null(config->base);
    assert_null(config->authorized_keys);
}

static void takes_names_in_full(void **state)
{
    g_autoptr(Config) config =
        parse("[image]\nname = mine\nregistry = r:5000/mine\nbase = debian:13\n", NULL);

    (void)state;
    assert_non_null(config);
    assert_string_equal(config->image, "localhost/mine:latest");
    assert_string_equal(config->registry, "r:5000/mine:latest");
    assert_string_equal(config->base, "debian:13"); /* for Podman to find */
}

static void names_the_line_of_what_it_does_not_know(void **state)
{
    (void)state;
    refuses("[sandbox]\n\nprot = 1\n",
            "config.ini:3: unknown key prot in [sandbox]: host-agent.ini(5) lists the keys");
    refuses("[sandbox]\nport = 3000\n[sand]\nport=1\n",
            "config.ini:4: unknown section [sand]: host-agent.ini(5) lists the sections");
    refuses("port = 3000\n",
            "config.ini:1: unknown section []: host-agent.ini(5) lists the sections");
    refuses("[ssh]\nport = 3000\n",
            "config.ini:2: unknown key port in [ssh]: host-agent.ini(5) lists the keys");
}

static void names_the_line_of_a_bad_value(void **state)
{
    (void)state;
    refuses("[sandbox]\nport = 80\n",
            "config.ini:2: port = 80 is not a whole number from 1024 to 65535");
    refuses("[sandbox]\nport = 2222x\n",
            "config.ini:2: port = 2222x is not a whole number from 1024 to 65535");
    refuses("[sandbox]\nport =\n",
            "config.ini:2: port =  is not a whole number from 1024 to 65535");
    refuses("[sandbox]\nnetwork = maybe\n",
            "config.ini:2: network = maybe is not one of open, none");
    refuses("[sandbox]\nauthorized_keys = keys\n",
            "config.ini:2: authorized_keys = keys is not an absolute path, or one that starts with "
            "~/");
    refuses("[image]\nname = --help\n", "config.ini:2: name = --help is not an image name such as "
                                        "localhost/host-agent:latest");
    refuses("[image]\nbase = --help\n", "config.ini:2: base = --help is not an image name such as "
                                        "docker.io/library/debian:13");
    refuses("[image]\nregistry = --help\n",
            "config.ini:2: registry = --help is not an image name that begins with the registry's "
            "host, such as registry.example.org/host-agent:latest");
    refuses("[image]\nregistry = me/mine:1\n",
            "config.ini:2: registry = me/mine:1 is not an image name that begins with the "
            "registry's host, such as registry.example.org/host-agent:latest");
    refuses("[image]\nkeep = 0\n", "config.ini:2: keep = 0 is not a whole number from 1 to 1000");
    refuses("[image]\nbuild_args = A B\n",
            "config.ini:2: build_args = A B is not NAME=VALUE, one a line, further lines indented");
    refuses("[image]\nname =\n", "config.ini: [image] name must not be empty");
}

static void refuses_a_key_given_twice(void **state)
{
    (void)state;
    refuses("[sandbox]\nport=3000\nport=3001\n", "config.ini:3: port is given twice: keep one");
    /* inih hands an indented line over as the same key once more. */
    refuses("[sandbox]\nport=3000\n  network=none\n",
            "config.ini:3: port is given twice: keep one");
}

static void refuses_what_is_no_ini(void **state)
{
    (void)state;
    refuses("[sandbox]\nport\n", "config.ini:2: neither [section] nor key = value");
    refuses("[sandbox\n", "config.ini:1: neither [section] nor key = value");
    /* The first bad line is told, whoever finds it. */
    refuses("[sandbox]\nnonsense\nprot=1\n", "config.ini:2: neither [section] nor key = value");
    refuses("\xff\xfe", "config.ini: not a text in UTF-8");
}

/* inih would cut the line at 200 bytes, and take the rest for a line of its own. */
static void refuses_a_long_line(void **state)
{
    g_autofree char *spaces = g_strnfill(200, ' ');
    g_autofree char *long_line = g_strconcat("[sandbox]\n#", spaces, "port=3000\n", NULL);
    g_autofree char *name = g_strnfill(190, 'a');
    g_autofree char *fits = g_strconcat("[image]\nbase=", name, "\n", NULL);
    g_autoptr(Config) config = parse(fits, NULL);

    (void)state;
    refuses(long_line, "config.ini:2: the line is longer than 197 bytes");
    assert_non_null(config);
    assert_string_equal(config->base, name);
}

static void refuses_a_nul(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(config_parse("[ssh]\n\0x", 8, "config.ini", "/home/me", &error));
    assert_non_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(has_defaults_for_notifications),
        cmocka_unit_test(reads_every_key_of_notifications),
        cmocka_unit_test(reads_other_values_of_notifications),
        cmocka_unit_test(names_the_line_of_a_bad_value_of_notifications),
        cmocka_unit_test(takes_empty_as_not_set),
        cmocka_unit_test(takes_names_in_full),
        cmocka_unit_test(names_the_line_of_what_it_does_not_know),
        cmocka_unit_test(names_the_line_of_a_bad_value),
        cmocka_unit_test(refuses_a_key_given_twice),
        cmocka_unit_test(refuses_what_is_no_ini),
        cmocka_unit_test(refuses_a_long_line),
        cmocka_unit_test(refuses_a_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
