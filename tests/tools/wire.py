# SPDX-License-Identifier: ISC
"""An SSH client that obeys: each packet is the caller's, before, during and after the key exchange (RFC 4253).
It knows one algorithm of each kind: curve25519-sha256, ssh-ed25519, aes128-gcm@openssh.com."""
import hashlib
import itertools
import os
import select
import socket
import struct
import time

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SERVICE_REQUEST, SERVICE_ACCEPT, EXT_INFO = 1, 2, 3, 4, 5, 6, 7
KEXINIT, NEWKEYS, KEX_ECDH_INIT, KEX_ECDH_REPLY = 20, 21, 30, 31
USERAUTH_REQUEST, USERAUTH_FAILURE, USERAUTH_SUCCESS = 50, 51, 52
GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = 80, 81, 82
CHANNEL_OPEN, OPEN_CONFIRMATION, OPEN_FAILURE, WINDOW_ADJUST = 90, 91, 92, 93
DATA, EXTENDED_DATA, EOF, CLOSE, CHANNEL_REQUEST, CHANNEL_SUCCESS, CHANNEL_FAILURE = 94, 95, 96, 97, 98, 99, 100

ALGORITHMS = ["curve25519-sha256,ext-info-c,kex-strict-c-v00@openssh.com", "ssh-ed25519",
              "aes128-gcm@openssh.com", "aes128-gcm@openssh.com", "hmac-sha2-256-etm@openssh.com",
              "hmac-sha2-256-etm@openssh.com", "none", "none", "", ""]


class Closed(Exception):
    """The server ended the connection."""


def u32(number):
    return struct.pack(">I", number & 0xFFFFFFFF)


def string(text):
    text = text.encode() if isinstance(text, str) else bytes(text)
    return u32(len(text)) + text


class Raw(bytes):
    """In pack(): as it is, without a length."""


def pack(kind, *fields):
    """A message: int is uint32, bool a byte, text and bytes are strings."""
    out = bytes([kind])
    for field in fields:
        if isinstance(field, bool):
            out += bytes([field])
        elif isinstance(field, int):
            out += u32(field)
        else:
            out += field if isinstance(field, Raw) else string(field)
    return out


def mpint(number):
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def take_string(data):
    length, = struct.unpack_from(">I", data)
    return data[4:4 + length], data[4 + length:]


def plain_packet(payload, padding=None, length=None):
    """Before the keys: RFC 4253 section 6, or a lie about PADDING and LENGTH."""
    fill = 8 - (len(payload) + 5) % 8
    fill += 8 if fill < 4 else 0
    body = bytes([fill if padding is None else padding]) + payload + bytes(fill)
    return u32(len(body) if length is None else length) + body


def kexinit(lists=None, follows=False):
    return pack(KEXINIT, Raw(os.urandom(16)), *(lists or ALGORITHMS), follows, 0)


class Sealer:
    """AES-GCM as in RFC 5647: a fixed field and a counter, the length is authenticated only."""

    def __init__(self, key, iv):
        self.aead, self.fixed, self.count = AESGCM(key), iv[:4], int.from_bytes(iv[4:], "big")

    def nonce(self):
        self.count += 1
        return self.fixed + (self.count - 1).to_bytes(8, "big")

    def seal(self, payload):
        fill = 16 - (len(payload) + 1) % 16
        fill += 16 if fill < 4 else 0
        body = bytes([fill]) + payload + bytes(fill)
        return u32(len(body)) + self.aead.encrypt(self.nonce(), body, u32(len(body)))

    def open(self, length, sealed):
        return self.aead.decrypt(self.nonce(), sealed, length)


class Client:
    banner = b"SSH-2.0-wire"
    # Each comes from an address of its own, for a server may hold against one what it did before.
    sources = (f"127.{n >> 8 & 255}.{n & 255}.{os.getpid() % 250 + 1}" for n in itertools.count(256))

    def __init__(self, port, patience=60):
        self.socket = socket.create_connection(("127.0.0.1", port), patience, (next(self.sources), 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.patience = patience
        self.received = bytearray()
        self.sealer = self.opener = self.session_id = self.server_banner = None
        self.ours = self.theirs = b""
        self.channels = 0

    # Bytes. Whoever sends much is sent something meanwhile, and must take it.

    def fill(self, timeout):
        """What has come. False: nothing did in time."""
        if not select.select([self.socket], [], [], timeout)[0]:
            return False
        try:
            data = self.socket.recv(262144)
        except ConnectionError:
            data = b""
        if not data:
            raise Closed
        self.received += data
        return True

    def raw(self, data, listen=True):
        data, end = memoryview(data), time.monotonic() + self.patience
        while data:
            read, write, _ = select.select([self.socket] if listen else [], [self.socket], [], self.patience)
            if read:
                self.fill(0)
            if write:
                try:
                    data = data[self.socket.send(data):]
                except ConnectionError:
                    raise Closed from None
                end = time.monotonic() + self.patience
            if time.monotonic() > end:
                raise TimeoutError("the server takes nothing")

    def need(self, count, end):
        while len(self.received) < count:
            if not self.fill(max(0, end - time.monotonic())):
                raise TimeoutError("the server says nothing")
        data = bytes(self.received[:count])
        del self.received[:count]
        return data

    # Packets.

    def frame(self, payload):
        return self.sealer.seal(payload) if self.sealer else plain_packet(payload)

    def send(self, *payloads, listen=True):
        self.raw(b"".join(map(self.frame, payloads)), listen)

    def receive(self, timeout=None):
        end = time.monotonic() + (self.patience if timeout is None else timeout)
        while len(self.received) < 4:
            if not self.fill(max(0, end - time.monotonic())):
                raise TimeoutError("the server says nothing")
        length = bytes(self.received[:4])
        size = struct.unpack(">I", length)[0] + (20 if self.opener else 4)
        packet = self.need(size, end)[4:]
        body = self.opener.open(length, packet) if self.opener else packet
        return body[1:len(body) - body[0]]

    def expect(self, *kinds, timeout=None):
        """The next message of one of these KINDS; others in between are dropped, a key exchange is served."""
        end = time.monotonic() + (self.patience if timeout is None else timeout)
        while True:
            payload = self.receive(max(0, end - time.monotonic()))
            if payload[0] in kinds:
                return payload
            if payload[0] == KEXINIT:
                self.exchange(payload)

    def closed(self, timeout=None):
        """Whether the server ends the connection in time, whatever it says before."""
        end = time.monotonic() + (self.patience if timeout is None else timeout)
        try:
            while self.fill(max(0, end - time.monotonic())):
                self.received.clear()
        except Closed:
            return True
        return False

    # The handshake, step by step.

    def greet(self):
        self.raw(self.banner + b"\r\n")
        end = time.monotonic() + self.patience
        while b"\n" not in self.received:
            if not self.fill(max(0, end - time.monotonic())):
                raise TimeoutError("no banner")
        line, _, rest = bytes(self.received).partition(b"\n")
        self.server_banner, self.received = line.rstrip(b"\r"), bytearray(rest)

    def offer(self, payload=None):
        self.ours = payload or kexinit()
        self.send(self.ours)

    def exchange(self, theirs=None):
        """From KEXINIT to NEWKEYS; THEIRS is the server's, if it came already."""
        if theirs:
            self.theirs = theirs
        self.offer()
        if not theirs:
            self.theirs = self.expect(KEXINIT)
        self.agree()
        self.new_keys()

    def agree(self):
        private = X25519PrivateKey.generate()
        point = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.send(pack(KEX_ECDH_INIT, point))
        reply = self.expect(KEX_ECDH_REPLY)
        host_key, rest = take_string(reply[1:])
        answer, rest = take_string(rest)
        signature, _ = take_string(rest)
        secret = int.from_bytes(private.exchange(X25519PublicKey.from_public_bytes(answer)), "big")
        self.hash = hashlib.sha256(b"".join(map(string, (
            self.banner, self.server_banner, self.ours, self.theirs, host_key, point, answer))) + mpint(secret)).digest()
        Ed25519PublicKey.from_public_bytes(host_key[-32:]).verify(signature[-64:], self.hash)
        self.session_id = self.session_id or self.hash
        self.secret = mpint(secret)

    def new_keys(self):
        def derive(letter, size):
            return hashlib.sha256(self.secret + self.hash + letter + self.session_id).digest()[:size]
        self.send(bytes([NEWKEYS]))
        self.expect(NEWKEYS)
        self.sealer = Sealer(derive(b"C", 16), derive(b"A", 12))
        self.opener = Sealer(derive(b"D", 16), derive(b"B", 12))

    def connect(self):
        self.greet()
        self.exchange()
        return self

    def public_key_request(self, path, user="agent"):
        with open(path, "rb") as file:
            key = load_ssh_private_key(file.read(), None)
        blob = string("ssh-ed25519") + string(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        request = pack(USERAUTH_REQUEST, user, "ssh-connection", "publickey", True, "ssh-ed25519", blob)
        return request + string(string("ssh-ed25519") + string(key.sign(string(self.session_id) + request)))

    def login(self, path):
        self.connect()
        self.send(pack(SERVICE_REQUEST, "ssh-userauth"))
        self.expect(SERVICE_ACCEPT)
        self.send(self.public_key_request(path))
        if self.expect(USERAUTH_SUCCESS, USERAUTH_FAILURE)[0] != USERAUTH_SUCCESS:
            raise PermissionError("the key is refused")
        return self

    # Channels: a number of ours each, and the server's as they are confirmed.

    def open(self, kind="session", *rest, window=1 << 21, packet=1 << 15):
        """The server's number of a new channel, or None: refused."""
        self.channels += 1
        self.send(pack(CHANNEL_OPEN, kind, self.channels - 1, window, packet, *rest))
        answer = self.expect(OPEN_CONFIRMATION, OPEN_FAILURE)
        return struct.unpack_from(">I", answer, 5)[0] if answer[0] == OPEN_CONFIRMATION else None

    def request(self, channel, name, *fields, reply=True):
        """The kind of the answer."""
        self.send(pack(CHANNEL_REQUEST, channel, name, reply, *fields))
        return self.expect(CHANNEL_SUCCESS, CHANNEL_FAILURE)[0] if reply else None

    def ask(self, name, *fields):
        """A global request, and the answer."""
        self.send(pack(GLOBAL_REQUEST, name, True, *fields))
        return self.expect(REQUEST_SUCCESS, REQUEST_FAILURE)

    def run(self, command):
        """The output of a command on a new channel."""
        channel, output = self.open(), b""
        assert self.request(channel, "exec", command) == CHANNEL_SUCCESS
        while True:
            message = self.expect(DATA, CLOSE)
            if struct.unpack_from(">I", message, 1)[0] != self.channels - 1:
                continue
            if message[0] == CLOSE:
                self.send(pack(CLOSE, channel))
                return output
            output += take_string(message[5:])[0]

    def alive(self):
        """Whether the connection still answers: OpenSSH's keepalive is a request like any other."""
        return self.ask("keepalive@openssh.com")[0] in (REQUEST_SUCCESS, REQUEST_FAILURE)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


REFUSALS = (Closed, TimeoutError, InvalidTag, InvalidSignature)
