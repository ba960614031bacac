# SPDX-License-Identifier: ISC
"""A login, and a command on a connection that is there."""
import subprocess
import time

from results import Row, rounds
from servers import COMMON_CIPHER, DROPBEAR, OPENSSH, Master

COMMANDS = 10  # in a row, for one sample


def floor(client):
    """What the client costs that connects nowhere."""
    start = time.perf_counter()
    subprocess.run(["ssh", "-G", "-F", client.config, "127.0.0.1"], stdout=subprocess.DEVNULL,
                   check=True)
    return (time.perf_counter() - start) * 1000


def login(bench):
    row = Row("login and `true`", "ms", {OPENSSH: 0.15, DROPBEAR: 0.2})
    for server in bench.servers:
        bench.client.run(server.port, "-c", COMMON_CIPHER)  # fills caches, known_hosts
    for turn in rounds(bench.repetitions, bench.servers):
        for server in turn:
            row.add(server.name, bench.client.run(server.port, "-c", COMMON_CIPHER))
        row.add("ssh -G", floor(bench.client))
    return [row]


def command(bench):
    row = Row("a command on a live connection", "ms", {OPENSSH: 0.9})
    masters = []
    try:
        for server in bench.servers:
            masters.append(Master(bench.client, server, "-c", COMMON_CIPHER))
        for turn in rounds(bench.repetitions, masters):
            for master in turn:
                took = sum(master.run() for _ in range(COMMANDS))
                row.add(master.server.name, took / COMMANDS)
            row.add("ssh -G", floor(bench.client))
    finally:
        for master in masters:
            master.stop()
    return [row]
