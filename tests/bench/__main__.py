# SPDX-License-Identifier: ISC
"""sshd-entry beside OpenSSH's sshd and Dropbear, each started here as the same unprivileged account.

Usage: tests/bench [--markdown] [-n REPETITIONS] [MEASURE]...      (`make bench` runs it)

  MEASURE       login, container, command, gcm, chacha, default, idle, echo, start, size,
                notify; bulk is gcm, chacha and default. Without one: all
  -n N          repetitions of the short measures: 30
  --markdown    the table as README has it
  --again       no run: the table of the last one

In each repetition all servers take their turn, so that a noisy machine is noisy for all. Absolute
times say little there: the ratios of the medians count. build/bench/ gets results.json and ratios.svg.

Exit status: 0 all was measured (whether or not a target is met), 1 something was not, 2 wrong usage.
"""
import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import time

import bulk
import container
import echo
import footprint
import login
import notify
import plot
import table
from results import Row, P99
from servers import (COMMON_CIPHER, DROPBEAR, KEX, OPENSSH, OURS, SSHD_ENTRY, TOP, Client, Failure,
                     Keys, Server, run)

MEASURES = {
    "login": login.login,
    "container": container.login,
    "command": login.command,
    "gcm": bulk.gcm,
    "chacha": bulk.chacha,
    "default": bulk.default,
    "idle": footprint.idle,
    "echo": echo.echo,
    "start": footprint.start,
    "size": footprint.size,
    "notify": notify.notify,
}
GROUPS = {"bulk": ["gcm", "chacha", "default"]}
OUT = f"{TOP}/build/bench"


class Bench:
    """What the measures share. The servers stay up for all of them."""

    def __init__(self, work, repetitions):
        self.work, self.repetitions = work, repetitions
        self.names = [OURS, OPENSSH] + [DROPBEAR] * bool(shutil.which("dropbear"))
        self.keys = Keys(work)
        self.client = Client(self.keys)
        self.servers = []

    def start(self):
        for name in self.names:
            self.servers.append(Server(name, self.keys))

    def stop(self):
        for server in self.servers:
            server.stop()


def first_line(*argv):
    try:
        done = run("sh", "-c", '"$@" 2>&1 || true', "sh", *argv)
        return done.strip().splitlines()[0]
    except (Failure, IndexError):
        return f"{argv[0]}: not here"


def package(name):
    try:
        return run("dpkg-query", "-W", "-f", "${Package} ${Version}", name)
    except Failure:
        return f"{name}: no package"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        models = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    return models[0] if models else platform.machine()


def how(repetitions):
    """How it was measured, as lines."""
    needed = run("readelf", "-d", SSHD_ENTRY)
    library = package("libssh-4").replace("libssh-4", "libssh")
    return [
        f"{first_line(SSHD_ENTRY, '--version')} ({library}, "
        f"{'shared' if 'libssh.so' in needed else 'static'}); {package('openssh-server')}; "
        f"{package('dropbear-bin')}",
        f"client: {first_line('ssh', '-V')}",
        f"{os.cpu_count()} x {processor()}, Linux {platform.release()}; load average before: "
        f"{os.getloadavg()[0]:.2f}",
        f"{repetitions} repetitions, in each of which all servers take their turn; medians; loopback; "
        f"all servers as uid {os.getuid()}",
        f"login, command: {KEX}, ssh-ed25519, {COMMON_CIPHER.split('@')[0]}; a command is one of "
        f"{login.COMMANDS} in a row",
        f"into a container: ours on the socket that host-agent hands in; the others in containers of "
        "the same image, on a port that Podman publishes; ours is the image's own build",
        f"bulk: {bulk.REPETITIONS} times {bulk.MIB} MiB ({bulk.MIB // 4} for who is slow), `dd` to "
        "/dev/null and a file of zeros to `cat`, with a login each and on a connection that is there; "
        "CPU: the server's own processes, not `dd` or `cat`",
        f"idle: {footprint.SESSIONS} times; PSS of the processes that serve one login shell, not of "
        "the shell nor the listener; the client shares no page with them",
        f"echo: {echo.ROUNDS} rounds of {echo.KEYSTROKES} keystrokes (alone: {2 * echo.ROUNDS}), "
        "AES-GCM (Dropbear: chacha20), bulk on the same connection in the rows that say so",
        "start: the host key is there; until the first byte that a client gets",
        "notify: from write(2) into the FIFO to the call's arrival at a service that draws nothing, "
        "beside the shell loop with notify-send on the same bus",
    ]


def measure(names, repetitions, rows):
    """Adds to ROWS. What could not be measured, and why."""
    failures = []
    with tempfile.TemporaryDirectory(prefix="bench") as work:
        bench = Bench(work, repetitions)
        try:
            bench.start()
            for name in names:
                begin = time.monotonic()
                try:
                    rows += MEASURES[name](bench)
                except (Failure, OSError) as failure:
                    failures.append(f"{name}: {failure}")
                print(f"bench: {name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
        finally:
            bench.stop()
    return failures


def from_json(record):
    kind = P99 if record["title"].endswith("p99") else Row
    row = kind(record["title"], record["unit"], record["targets"], record["more_is_better"])
    row.samples = {party: entry["samples"] for party, entry in record["parties"].items()}
    return row


def show(header, rows, as_markdown):
    if as_markdown:
        print(table.markdown(rows))
        print()
        print("\n".join(f"- {line}" for line in header))
    else:
        print("\n".join(header))
        print()
        print(table.text(rows))
    print()
    print(table.score(rows))


def options():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("-n", type=int, default=30)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("measures", nargs="*", metavar="MEASURE")
    given = parser.parse_args()
    if given.help:
        print(__doc__)
        sys.exit(0)
    wanted = [one for name in given.measures or MEASURES for one in GROUPS.get(name, [name])]
    for name in wanted:
        if name not in MEASURES:
            parser.error(f"no measure '{name}'")
    if given.n < 1:
        parser.error("-n: at least 1")
    return given, wanted


def main():
    given, wanted = options()
    record = f"{OUT}/results.json"
    if given.again:
        with open(record, encoding="utf-8") as f:
            results = json.load(f)
        show(results["how"], [from_json(row) for row in results["rows"]], given.markdown)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    os.makedirs(OUT, exist_ok=True)
    header, rows = how(given.n), []
    failures = measure(wanted, given.n, rows)
    with open(record, "w", encoding="utf-8") as f:
        json.dump({"how": header, "rows": [row.as_json() for row in rows]}, f, indent=1)
    try:
        plot.draw(rows, f"{OUT}/ratios.svg")
    except (Failure, OSError) as failure:
        failures.append(f"plot: {failure}")
    show(header, rows, given.markdown)
    print(f"{record}\n{OUT}/ratios.svg", file=sys.stderr)
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failure, OSError) as why:
        sys.exit(f"bench: {why}")
