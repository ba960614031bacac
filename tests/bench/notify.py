# SPDX-License-Identifier: ISC
"""From a hook's write into the FIFO to the Notify call at the desktop's notification service: the
bridge beside the shell loop that it replaces, on the same bus. The service is one of this process,
which answers at once and draws nothing, so that it knows both times."""
import os
import socket
import struct
import subprocess
import threading
import time

from results import P99, Row, rounds
from servers import OURS, TOP, Failure, end

LOOP = "while read; notify-send"
NAME = "org.freedesktop.Notifications"
PAUSE = 0.03  # between two lines
CALL, RETURN = 1, 2  # message types, and then the header fields, of the D-Bus Specification
PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = 1, 2, 3, 5, 6, 7, 8


def string(text):
    data = text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


def padded(data, boundary):
    return data + bytes(-len(data) % boundary)


def field(code, kind, value):
    data = bytes([code, 1]) + kind.encode() + b"\0"
    if kind == "g":
        return data + bytes([len(value)]) + value.encode() + b"\0"
    return data + (struct.pack("<I", value) if kind == "u" else string(value))


def message(kind, serial, fields, body=b""):
    encoded = b""
    for one in fields:
        encoded = padded(encoded, 8) + field(*one)
    header = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), serial, len(encoded)) + encoded
    return padded(header, 8) + body


def strings(data, count, at=0):
    """The first COUNT strings of a body, and numbers among them as themselves: "s" or "u" each."""
    found = []
    for kind in count:
        at += -at % 4
        number, = struct.unpack_from("<I", data, at)
        at += 4
        if kind == "s":
            found.append(data[at:at + number].decode())
            at += number + 1
        else:
            found.append(number)
    return found


def fields_of(data):
    found, at = {}, 0
    while at < len(data):
        at += -at % 8
        code, kind = data[at], chr(data[at + 2])
        at += 4
        if kind == "g":
            size = data[at]
            found[code] = data[at + 1:at + 1 + size].decode()
            at += size + 2
        else:
            number, = struct.unpack_from("<I", data, at)
            at += 4
            found[code] = number
            if kind != "u":
                found[code] = data[at:at + number].decode()
                at += number + 1
    return found


class Service:
    """Owns the name on the bus; when which text came."""

    def __init__(self, path):
        self.came, self.serial, self.arrival = {}, 0, threading.Condition()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not self.stream.readline().startswith(b"OK"):
            raise Failure("the session bus does not let us in")
        self.socket.sendall(b"BEGIN\r\n")
        self.call_bus("Hello", "", b"")
        self.call_bus("RequestName", "su", padded(string(NAME), 4) + struct.pack("<I", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def send(self, kind, fields, body=b""):
        self.serial += 1
        self.socket.sendall(message(kind, self.serial, fields, body))

    def call_bus(self, member, signature, body):
        bus = "org.freedesktop.DBus"
        self.send(CALL, [(PATH, "o", "/org/freedesktop/DBus"), (INTERFACE, "s", bus),
                         (MEMBER, "s", member), (DESTINATION, "s", bus)] +
                  [(SIGNATURE, "g", signature)] * bool(signature), body)

    def receive(self):
        start = self.stream.read(16)
        if len(start) < 16:
            return None
        now = time.perf_counter()
        kind, size, serial, length = start[1], *struct.unpack_from("<III", start, 4)
        fields = fields_of(self.stream.read(length + -length % 8)[:length])
        return now, kind, serial, fields, self.stream.read(size)

    def serve(self):
        while received := self.receive():
            now, kind, serial, fields, body = received
            if kind == CALL:
                self.answer(fields.get(MEMBER), serial, fields[SENDER], body)
            if fields.get(MEMBER) == "Notify":
                _, _, _, summary, text = strings(body, "susss")
                with self.arrival:
                    self.came[summary] = self.came[text] = now
                    self.arrival.notify_all()

    def answer(self, member, serial, sender, body):
        reply = [(REPLY_SERIAL, "u", serial), (DESTINATION, "s", sender)]
        if member == "Notify":
            self.send(RETURN, reply + [(SIGNATURE, "g", "u")], struct.pack("<I", serial))
        elif member == "GetCapabilities":
            self.send(RETURN, reply + [(SIGNATURE, "g", "as")],
                      struct.pack("<I", len(string("body"))) + string("body"))
        elif member == "GetServerInformation":
            words = b""
            for word in ("bench", "bench", "1", "1.2"):
                words = padded(words, 4) + string(word)
            self.send(RETURN, reply + [(SIGNATURE, "g", "ssss")], words)
        else:
            self.send(RETURN, reply)

    def time_of(self, text):
        with self.arrival:
            if not self.arrival.wait_for(lambda: text in self.came, 10):
                raise Failure(f"no notification came of {text}")
            return self.came[text]


class Desktop:
    """A bus of its own, the service, and the two that bring lines to it."""

    def __init__(self, work):
        self.work, self.processes = f"{work}/notify", []
        self.path = f"{self.work}/bus"
        self.fifos = {OURS: f"{self.work}/host-agent/bench/notify", LOOP: f"{self.work}/loop"}
        self.environment = os.environ | {
            "XDG_RUNTIME_DIR": self.work, "XDG_STATE_HOME": f"{self.work}/state",
            "XDG_CONFIG_HOME": f"{self.work}/config",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.path}"}

    def __enter__(self):
        for directory in ("host-agent/bench", "config/host-agent"):
            os.makedirs(f"{self.work}/{directory}", 0o700)
        with open(f"{self.work}/config/host-agent/config.ini", "w", encoding="utf-8") as out:
            out.write("[notify]\nrate = 1000\n")
        for fifo in self.fifos.values():
            os.mkfifo(fifo, 0o600)
        try:
            self.start("dbus-daemon", "--session", "--nofork", "--address", f"unix:path={self.path}")
            self.await_(lambda: os.path.exists(self.path), "the session bus does not start")
            service = Service(self.path)
            self.start(f"{TOP}/build/release/bin/host-agent", "notify")
            self.start("bash", "-c", 'while read -r line <"$0"; do notify-send "$line"; done',
                       self.fifos[LOOP])
            return service
        except BaseException:
            self.__exit__()
            raise

    def start(self, *argv):
        self.processes.append(subprocess.Popen(
            argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))

    def await_(self, done, why):
        deadline = time.monotonic() + 10
        while not done():
            if time.monotonic() > deadline:
                raise Failure(why)
            time.sleep(0.01)

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            end(process)


def tell(fifo, text):
    """When the hook wrote. Whoever reads the FIFO is there by then."""
    writer = os.open(fifo, os.O_WRONLY)
    start = time.perf_counter()
    os.write(writer, text.encode() + b"\n")
    os.close(writer)
    return start


def notify(bench):
    row = Row("a hook's line to Notify on the bus", "ms", {"": 5, LOOP: 1})
    worst = P99("a hook's line to Notify on the bus: p99", "ms")
    worst.samples = row.samples
    desktop = Desktop(bench.work)
    with desktop as service:
        for i, turn in enumerate(rounds(bench.repetitions + 1, desktop.fifos)):
            for party in turn:
                fifo, text = desktop.fifos[party], f"{party[:5]} {i}"
                start = tell(fifo, text)
                took = service.time_of(text) - start
                if i > 0:  # the first one fills caches, and finds the service
                    row.add(party, took * 1000)
                time.sleep(PAUSE)
    return [row, worst]
