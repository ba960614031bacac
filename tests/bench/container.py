# SPDX-License-Identifier: ISC
"""A login into a container, each server the way it gets there: ours in a sandbox that `host-agent up`
starts, on the socket that it hands in; the others in containers of the same image, with the same
rights, behind a port that Podman publishes, since they take no such socket."""
import json
import os
import signal
import time

from results import Row, rounds
from servers import (COMMON_CIPHER, DROPBEAR, OPENSSH, OURS, TOP, await_banner, command, free_port,
                     run)

IMAGE = os.environ.get("HOST_AGENT_IMAGE", "localhost/host-agent:latest")
PODMAN_EXEC = "podman exec"
NAME = f"bench-{os.getpid()}"


class Sandbox:
    """Its settings and its state are apart from the user's."""

    def __init__(self, bench):
        work, self.project = bench.work, f"{bench.work}/project"
        config = f"{work}/config/host-agent"
        os.makedirs(self.project)
        os.makedirs(config)
        with open(f"{config}/config.ini", "w", encoding="utf-8") as out:
            out.write(f"[sandbox]\nnetwork = none\nauthorized_keys = {bench.keys.authorized}\n"
                      "[ssh]\ninclude = no\n")
        mine = os.environ.get("XDG_CONFIG_HOME", os.path.expanduser("~/.config"))
        os.symlink(f"{mine}/containers", f"{work}/config/containers")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("TMUX")}
        self.environment |= {"XDG_CONFIG_HOME": f"{work}/config", "HOST_AGENT_DATADIR": TOP,
                             "XDG_STATE_HOME": f"{work}/state"}

    def host_agent(self, *arguments):
        return run(f"{TOP}/build/release/bin/host-agent", *arguments, env=self.environment)

    def up(self):
        self.host_agent("up", self.project, "-d", "--name", NAME)
        return next(s["port"] for s in json.loads(self.host_agent("ls", "--json"))
                    if s["name"] == NAME)

    def down(self):
        try:
            self.host_agent("down", "--volumes", NAME)
        finally:
            self.end_bridge()

    def end_bridge(self):
        """That which `up` started, if the user had none: its environment tells."""
        mark = f"XDG_STATE_HOME={self.environment['XDG_STATE_HOME']}\0".encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as environment:
                    ours = mark in environment.read()
                with open(f"/proc/{pid}/cmdline", "rb") as arguments:
                    ours = ours and arguments.read().endswith(b"/host-agent\0notify\0")
                if ours:
                    os.kill(int(pid), signal.SIGTERM)
            except OSError:
                pass  # another's, or gone


def start_other(bench, name):
    """The host's own program, so that it is the one that loopback saw. Returns its port."""
    port = free_port()
    program, *arguments = command(name, bench.keys, 2222, "0.0.0.0")
    run("podman", "run", "-d", "--name", container(name), "--cap-drop=all",
        "--userns=keep-id:uid=1000,gid=1000", "--security-opt=no-new-privileges", "-p",
        f"127.0.0.1:{port}:2222", "-v", "/usr:/usr:ro", "-v", f"{bench.work}:{bench.work}", "-v",
        f"{bench.keys.home}/.ssh:/home/agent/.ssh", "--entrypoint", program, IMAGE, *arguments)
    await_banner(port)
    return port


def container(name):
    return f"{NAME}-{name}".lower()


def log_in(bench, port):
    return bench.client.run(port, "-c", COMMON_CIPHER, "-l", "agent")


def podman_exec():
    start = time.perf_counter()
    run("podman", "exec", f"host-agent-{NAME}", "true")
    return (time.perf_counter() - start) * 1000


def login(bench):
    row = Row("login and `true`, into a container", "ms",
              {OPENSSH: 0.15, DROPBEAR: 0.2, PODMAN_EXEC: 0.2})
    run(f"{TOP}/image/build")  # what runs in it is this very tree's
    sandbox, ports = Sandbox(bench), {}
    try:
        for name in bench.names:
            ports[name] = sandbox.up() if name == OURS else start_other(bench, name)
            log_in(bench, ports[name])
        for turn in rounds(bench.repetitions, ports):
            for name in turn:
                row.add(name, log_in(bench, ports[name]))
            row.add(PODMAN_EXEC, podman_exec())
    finally:
        sandbox.down()
        for name in bench.names:
            if name != OURS:
                run("podman", "rm", "-f", "-i", "-t", "0", container(name))
    return [row]
