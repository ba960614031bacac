# SPDX-License-Identifier: ISC
"""What no server can beat: the cipher alone, a copy over loopback."""
import os
import socket
import time

from servers import run

CHUNK = 1 << 20
PACKET = 16384  # of data in one of SSH's packets, at most


def cipher_seconds_per_gib(name):
    """By `openssl speed`, whose machine-readable last line ends in bytes a second."""
    said = run("openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(PACKET), "-evp", name)
    return (1 << 30) / float(said.strip().splitlines()[-1].split(":")[-1])


def loopback_mib_per_second(mib):
    """From one process to another, in large pieces."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = os.fork()
        if sender == 0:
            try:
                with socket.create_connection(listener.getsockname()) as s:
                    zeros = bytes(CHUNK)
                    for _ in range(mib):
                        s.sendall(zeros)
            finally:
                os._exit(0)
        connection, _ = listener.accept()
    start = time.perf_counter()
    buffer = bytearray(CHUNK)
    with connection:
        while connection.recv_into(buffer):
            pass
    took = time.perf_counter() - start
    os.waitpid(sender, 0)
    return mib / took
