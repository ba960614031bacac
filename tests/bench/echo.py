# SPDX-License-Identifier: ISC
"""Keystrokes: one byte to a program on the far terminal and back, on a terminal of this side."""
import os
import random
import select
import subprocess
import time
import tty

from results import P99, Row, rounds
from servers import GCM, OPENSSH, Failure, Master

KEYSTROKES = 100  # in a round
ROUNDS = 10  # twice as many where nothing is beside it
PAUSE = 0.004  # at most, between two of them
LOADS = {
    None: "",
    "cat /dev/zero": ", bulk to the client beside it",
    "cat >/dev/null": ", bulk to the server beside it",
}


class Terminal:
    """A session with a program that answers each byte with itself."""

    def __init__(self, master):
        self.master = master
        self.fd, far = os.openpty()
        tty.setraw(far)
        self.process = subprocess.Popen(
            master.argv("-tt", command="stty raw -echo && echo ready && exec cat"), stdin=far,
            stdout=far, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(far)
        said = b""
        while b"ready" not in said or not said.endswith(b"\n"):
            said += self.read(10)

    def read(self, seconds):
        name = self.master.server.name
        if not select.select([self.fd], [], [], seconds)[0]:
            raise Failure(f"{name}: the terminal stays silent")
        try:
            return os.read(self.fd, 4096)
        except OSError as error:  # nobody else has it open any more
            raise Failure(f"{name}: the session ended: {self.master.server.last_words()}") from error

    def keystroke(self):
        """Milliseconds."""
        start = time.perf_counter()
        os.write(self.fd, b"x")
        self.read(30)
        return (time.perf_counter() - start) * 1000

    def stop(self):
        os.close(self.fd)
        self.process.kill()
        self.process.wait()


class Load:
    """Bulk on the same connection, for as long as the `with` lasts."""

    def __init__(self, master, command):
        self.master, self.command, self.process = master, command, None

    def __enter__(self):
        if self.command:
            with open("/dev/zero", "rb") as zero:
                self.process = subprocess.Popen(self.master.argv(command=self.command), stdin=zero,
                                                stdout=subprocess.DEVNULL,
                                                stderr=subprocess.DEVNULL)
            time.sleep(0.3)  # until the windows are full

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
            time.sleep(0.3)  # until the far program has noticed


def echo(bench):
    rows = []
    masters, terminals = [], {}
    rhythm = random.Random(1)
    try:
        for server in bench.servers:
            # Dropbear has no other cipher than this, and no part in the targets.
            try:
                masters.append(Master(bench.client, server, "-c", GCM))
            except Failure:
                masters.append(Master(bench.client, server))
            terminals[masters[-1]] = Terminal(masters[-1])
        for load, label in LOADS.items():
            median = Row(f"keystroke echo{label}", "ms", {OPENSSH: 1})
            worst = P99(f"keystroke echo{label}: p99", "ms", {OPENSSH: 1})
            worst.samples = median.samples
            rows += [median, worst]
            for turn in rounds(ROUNDS if load else 2 * ROUNDS, masters):
                for master in turn:
                    with Load(master, load):
                        for _ in range(KEYSTROKES):
                            median.add(master.server.name, terminals[master].keystroke())
                            time.sleep(rhythm.random() * PAUSE)
    finally:
        for terminal in terminals.values():
            terminal.stop()
        for master in masters:
            master.stop()
    return rows
