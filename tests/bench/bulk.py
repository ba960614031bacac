# SPDX-License-Identifier: ISC
"""Bulk both ways, on a connection of its own and on one that is there; what it costs the server."""
import functools
import subprocess
import tempfile

from floors import cipher_seconds_per_gib, loopback_mib_per_second
from processes import cpu_seconds, split
from results import Row, rounds
from servers import COMMON_CIPHER, DROPBEAR, GCM, OPENSSH, Failure, Master

MIB = 256
REPETITIONS = 30
BLOCK = 128 << 10
SLOW = 300  # MiB/s: who is slower gets less to carry


@functools.cache
def warm_file():
    """Zeros, in memory before anybody is measured. To touch a page that the machine never touched
    costs a virtual one more than all that is measured here, and the client, who reads them, would
    pay for whoever came first."""
    file = tempfile.TemporaryFile()
    file.truncate(MIB << 20)
    while file.read(1 << 20):
        pass
    return file


def zeros(size):
    """A file to read that many bytes from."""
    file = warm_file()
    file.seek((MIB << 20) - size)
    return file


class Fresh:
    """A connection for each run, as scp has it."""

    def __init__(self, client, server, *options):
        self.client, self.server, self.options = client, server, options
        client.run(server.port, *options)  # can it?

    def run(self, command, stdin=subprocess.DEVNULL):
        return self.client.run(self.server.port, *self.options, command=command, stdin=stdin)

    def stop(self):
        pass


class Way:
    """A direction; its two rows."""

    def __init__(self, to_client, label, rate_targets, cpu_targets):
        self.to_client = to_client
        where = "to the client" if to_client else "to the server"
        self.rate = Row(f"bulk {where}, {label}", "MiB/s", rate_targets, more_is_better=True)
        self.cpu = Row(f"server CPU {where}, {label}", "s/GiB", cpu_targets)

    def measure(self, master, mib, count=True):
        size = mib << 20
        # Those of a connection that ends with its run are gone by then.
        pids = split(master.server)[0] if isinstance(master, Master) else []
        before = sum(cpu_seconds(pid) for pid in pids)
        if self.to_client:
            took = master.run(f"dd if=/dev/zero bs={BLOCK} count={size // BLOCK} status=none")
        else:
            took = master.run("cat >/dev/null", stdin=zeros(size))
        spent = sum(cpu_seconds(pid) for pid in pids) - before
        if count:
            self.rate.add(master.server.name, mib / took * 1000)
            self.cpu.add(master.server.name, spent / mib * 1024)
        return mib / took * 1000


def measure(bench, ways, options, connect=Master):
    masters, amount = [], {}
    try:
        for server in bench.servers:
            try:
                masters.append(connect(bench.client, server, *options))
            except Failure:
                if server.name != DROPBEAR:  # it may lack the cipher
                    raise
        for master in masters:
            rate = min(way.measure(master, 16, count=False) for way in ways)
            amount[master] = MIB if rate > SLOW else MIB // 4
        for turn in rounds(REPETITIONS, masters):
            for way in ways:
                for master in turn:
                    way.measure(master, amount[master])
            for way in ways:
                way.rate.add("loopback", loopback_mib_per_second(MIB))
    finally:
        for master in masters:
            master.stop()


def both_ways(bench, label, options, connect, rates, cpu=None):
    """RATES: the least, of OpenSSH's, to the client and to the server."""
    ways = [Way(to_client, label, {OPENSSH: rate} if rate else {}, {OPENSSH: cpu} if cpu else {})
            for to_client, rate in zip((True, False), rates)]
    measure(bench, ways, options, connect)
    return ways


def cipher(bench, name, label, rates, cpu=None):
    fresh = both_ways(bench, f"{label}, login and all", ["-c", name], Fresh, rates)
    there = both_ways(bench, f"{label}, logged in", ["-c", name], Master, rates, cpu)
    return [way.rate for way in fresh + there] + [way.cpu for way in there]


def gcm(bench):
    rows = cipher(bench, GCM, "aes256-gcm", (1.3, 1.25), 0.85)
    for row in rows[-2:]:
        row.add("openssl", cipher_seconds_per_gib("aes-256-gcm"))
    return rows


def chacha(bench):
    rows = cipher(bench, COMMON_CIPHER, "chacha20", (None, None))
    for row in rows[-2:]:
        row.add("openssl", cipher_seconds_per_gib("chacha20-poly1305"))
    return rows


def default(bench):
    """What each server and a client without settings agree on."""
    return [way.rate for connect, when in ((Fresh, "login and all"), (Master, "logged in"))
            for way in both_ways(bench, f"as negotiated, {when}", [], connect, (1.8, 1.8))]
