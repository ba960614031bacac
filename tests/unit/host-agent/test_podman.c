/* SPDX-License-Identifier: ISC */
#include "launch/podman.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const PodmanRun full = {
    .name = "web",
    .project = "/home/me/src/web",
    .login = "me",
    .image = "localhost/host-agent:latest",
    .volume = "host-agent-home-web",
    .etc = "/s/web/etc",
    .log = "/s/web/log",
    .fifo = "/r/web/notify",
    .ask = "/r/web/ask",
    .gitconfig = "/home/me/.gitconfig",
    .nvim = "/home/me/.config/nvim",
    .pidfile = "/s/web/pid",
    .accept_env = "LANG",
    .terminal_messages = "osc,bell",
    .port = 2222,
    .network = TRUE,
};

static void assert_line(const PodmanRun *run, const char *want)
{
    g_auto(GStrv) argv = podman_run_argv(run);
    g_autofree char *line = g_strjoinv("\n", argv);

    assert_string_equal(line, want);
}

/* The whole command line: what is not in it, the sandbox does not get. */
static void gives_all_that_it_is_told(void **state)
{
    (void)state;
    assert_line(&full,
                "podman\nrun\n--detach\n--rm\n--pull=never\n--pidfile=/s/web/pid\n"
                "--name=host-agent-web\n"
                "--hostname=web\n"
                "--label=host-agent.name=web\n"
                "--label=host-agent.project=/home/me/src/web\n"
                "--label=host-agent.port=2222\n"
                "--label=host-agent.network=open\n"
                "--cap-drop=all\n"
                "--security-opt=no-new-privileges\n"
                "--userns=keep-id:uid=1000,gid=1000\n"
                "--sdnotify=ignore\n"
                "--log-driver=k8s-file\n"
                "--log-opt=max-size=16mb\n"
                "--log-opt=path=/s/web/log\n"
                "--mount=type=volume,src=host-agent-home-web,dst=/home/agent\n"
                "--mount=type=bind,src=/home/me/src/web,dst=/home/me/src/web\n"
                "--mount=type=bind,src=/s/web/etc,dst=/etc/sshd-entry,ro\n"
                "--mount=type=bind,src=/home/me/.gitconfig,dst=/home/agent/.gitconfig,ro\n"
                "--mount=type=bind,src=/home/me/.config/nvim,dst=/home/agent/.config/nvim,ro\n"
                "--mount=type=bind,src=/r/web/notify,dst=/tmp/cc-notify-pipe\n"
                "--mount=type=bind,src=/r/web/ask,dst=/run/host-agent,ro\n"
                "localhost/host-agent:latest\n"
                "--login\nme\n"
                "--workdir\n/home/me/src/web\n"
                "--hold-fifo\n/tmp/cc-notify-pipe\n"
                "--accept-env\nLANG\n"
                "--terminal-messages\nosc,bell");
}

static void leaves_out_what_is_not_there(void **state)
{
    PodmanRun run = full;

    (void)state;
    run.volume = run.gitconfig = run.nvim = run.ask = run.accept_env = NULL;
    run.terminal_messages = NULL;
    run.network = FALSE;
    assert_line(&run, "podman\nrun\n--detach\n--rm\n--pull=never\n--pidfile=/s/web/pid\n"
                      "--name=host-agent-web\n"
                      "--hostname=web\n"
                      "--label=host-agent.name=web\n"
                      "--label=host-agent.project=/home/me/src/web\n"
                      "--label=host-agent.port=2222\n"
                      "--label=host-agent.network=none\n"
                      "--cap-drop=all\n"
                      "--security-opt=no-new-privileges\n"
                      "--userns=keep-id:uid=1000,gid=1000\n"
                      "--sdnotify=ignore\n"
                      "--network=none\n"
                      "--http-proxy=false\n"
                      "--log-driver=k8s-file\n"
                      "--log-opt=max-size=16mb\n"
                      "--log-opt=path=/s/web/log\n"
                      "--mount=type=bind,src=/home/me/src/web,dst=/home/me/src/web\n"
                      "--mount=type=bind,src=/s/web/etc,dst=/etc/sshd-entry,ro\n"
                      "--mount=type=bind,src=/r/web/notify,dst=/tmp/cc-notify-pipe\n"
                      "localhost/host-agent:latest\n"
                      "--login\nme\n"
                      "--workdir\n/home/me/src/web\n"
                      "--hold-fifo\n/tmp/cc-notify-pipe");
}

/* A project named `a,dst=/etc` must not mount anything anywhere. */
static void quotes_what_podman_would_split(void **state)
{
    PodmanRun run = full;

    (void)state;
    run.project = "/p/a,dst=/etc \"x\"";
    run.log = "/s/a,b/log";
    g_auto(GStrv) argv = podman_run_argv(&run);
    assert_true(g_strv_contains(
        (const char *const *)argv,
        "--mount=type=bind,\"src=/p/a,dst=/etc \"\"x\"\"\",\"dst=/p/a,dst=/etc \"\"x\"\"\""));
    assert_true(g_strv_contains((const char *const *)argv, "--log-opt=\"path=/s/a,b/log\""));
}

static void prints_what_a_shell_reads_back(void **state)
{
    const char *const argv[] = {"podman", "--label=a=b", "it's $HOME", "", "~/x", NULL};
    g_autofree char *line = podman_shell_line(argv);
    g_auto(GStrv) back = NULL;

    (void)state;
    assert_string_equal(line, "podman --label=a=b 'it'\\''s $HOME' '' '~/x'");
    assert_true(g_shell_parse_argv(line, NULL, &back, NULL));
    assert_true(g_strv_equal((const char *const *)back, argv));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_all_that_it_is_told),
        cmocka_unit_test(leaves_out_what_is_not_there),
        cmocka_unit_test(quotes_what_podman_would_split),
        cmocka_unit_test(prints_what_a_shell_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
