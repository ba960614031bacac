# SPDX-License-Identifier: ISC
"""Memory of an idle session; size of the program; how soon it accepts."""
import os
import shutil
import socket
import subprocess
import time

from processes import pss_kib, split
from results import Row, rounds
from servers import (DROPBEAR, OPENSSH, OURS, TOP, Failure, Server, command, end,
                     free_port, run)

SESSIONS = 7


def own_libraries(work):
    """Copies of what the client loads: then none of its pages is one of the servers', which PSS
    would count as shared."""
    path = f"{work}/lib"
    os.mkdir(path)
    for word in run("ldd", shutil.which("ssh")).split():
        if word.startswith("/") and "ld-linux" not in word:
            shutil.copy(word, path)
    return {**os.environ, "LD_LIBRARY_PATH": path}


def idle(bench):
    """Each server alone, started anew."""
    session = Row("an idle session, PSS", "KiB", {OPENSSH: 0.25, DROPBEAR: 1.2})
    listener = Row("its listener (PID 1), PSS", "KiB")
    environment = own_libraries(bench.work)
    for turn in rounds(SESSIONS, bench.names):
        for name in turn:
            server = Server(name, bench.keys)
            login = subprocess.Popen(bench.client.argv(server.port, "-tt"), env=environment,
                                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            try:
                deadline = time.monotonic() + 10
                while not split(server)[1]:
                    if time.monotonic() > deadline:
                        raise Failure(f"{name} starts no shell")
                    time.sleep(0.05)
                time.sleep(1.5)
                session.add(name, sum(pss_kib(pid) for pid in split(server)[0]))
                listener.add(name, pss_kib(server.pid))
            finally:
                login.kill()
                login.wait()
                server.stop()
    return [session, listener]


def first_word(argv, port):
    """Milliseconds from just before fork and exec to the first byte of a server's banner."""
    start = time.perf_counter()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - start < 10:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0 and s.recv(1):
                    return (time.perf_counter() - start) * 1000
        raise Failure(f"{argv[0]} never accepts")
    finally:
        process.terminate()
        end(process)


def start(bench):
    row = Row("from exec to the first connection's banner", "ms", {"": 10})
    for turn in rounds(bench.repetitions, bench.names):
        for name in turn:
            port = free_port()
            row.add(name, first_word(command(name, bench.keys, port), port))
        begin = time.perf_counter()
        subprocess.run(["/bin/true"], check=True)
        row.add("true", (time.perf_counter() - begin) * 1000)
    return [row]


def stripped_kib(work, program):
    out = f"{work}/stripped"
    run("strip", "-o", out, program)
    return os.path.getsize(out) / 1024


def size(bench):
    """Ours as it is built for a library that is there, and with the library in it."""
    dynamic = Row("size, stripped, libssh.so beside it", "KiB", {"": 128})
    static = Row("size, stripped, libssh in it", "KiB")
    for kind, row in (("shared", dynamic), ("static", static)):
        out = f"build/bench/{kind}"
        try:
            run("make", "-s", f"LIBSSH={kind}", f"OUT={out}", "sshd-entry", cwd=TOP)
        except Failure:
            continue
        program = f"{TOP}/{out}/bin/sshd-entry"
        if ("libssh.so" in run("readelf", "-d", program)) == (kind == "shared"):
            row.add(OURS, stripped_kib(bench.work, program))
    for name, program in ((OPENSSH, "/usr/sbin/sshd"), (DROPBEAR, "/usr/sbin/dropbear")):
        if name in bench.names:
            dynamic.add(name, stripped_kib(bench.work, program))
    return [dynamic, static] if static.samples else [dynamic]
