# SPDX-License-Identifier: ISC
"""The three servers on loopback, and the one client that meets them all."""
import getpass
import os
import shutil
import socket
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
OURS, OPENSSH, DROPBEAR = "sshd-entry", "OpenSSH", "Dropbear"
SSHD_ENTRY = os.environ.get("SSHD_ENTRY", f"{TOP}/build/release/bin/sshd-entry")
COMMON_CIPHER = "chacha20-poly1305@openssh.com"  # what all three have
GCM = "aes256-gcm@openssh.com"
KEX = "curve25519-sha256"

# A namespace for each server, all alike. In it the account's home is a clean one, which is where
# Dropbear looks for authorized_keys. OpenSSH and Dropbear chown a terminal to the group tty, which
# an account without privileges cannot: here is no such group. And whoever made the namespace may
# read the memory maps of what runs in it, also of what is not dumpable.
ENTER = """
mount --bind "$0/passwd" /etc/passwd
mount --bind "$0/group" /etc/group
mount -t devpts -o newinstance,ptmxmode=0666,mode=0600 devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
exec setpriv --ambient-caps=-all --pdeathsig TERM "$@"
"""


class Failure(Exception):
    """Why there is no result: one line."""


def run(*argv, **options):
    """Runs to the end; what it wrote to stdout."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Failure(f"{' '.join(argv)[:120]}: {said[-1] if said else 'failed'}")
    return done.stdout


def end(process):
    """It was told to."""
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_banner(port, alive=lambda: True):
    """A port that Podman publishes takes connections before anybody serves them."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and alive():
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                if s.recv(1):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise Failure(f"nobody serves on port {port}")


class Keys:
    """The keys, and the home that the servers see."""

    def __init__(self, work):
        self.work, self.home = work, f"{work}/home"
        self.authorized = f"{self.home}/.ssh/authorized_keys"
        os.makedirs(f"{self.home}/.ssh", 0o700)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{work}/id")
        shutil.copy(f"{work}/id.pub", self.authorized)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{work}/openssh_key")
        run("dropbearkey", "-t", "ed25519", "-f", f"{work}/dropbear_key")
        user, uid, gid = getpass.getuser(), os.getuid(), os.getgid()
        with open(f"{work}/passwd", "w", encoding="utf-8") as out:
            out.write(f"root:x:0:0::/root:/bin/bash\n{user}:x:{uid}:{gid}::{self.home}:/bin/bash\n")
        with open(f"{work}/group", "w", encoding="utf-8") as out:
            out.write(f"root:x:0:\n{user}:x:{gid}:\n")


def command(name, keys, port, address="127.0.0.1"):
    """How a server is started."""
    work = keys.work
    return {
        OURS: [SSHD_ENTRY, "--listen", f"{address}:{port}", "--host-key", f"{work}/our_key",
               "--authorized-keys", keys.authorized, "--agent-socket", f"{work}/agent",
               "--login", getpass.getuser()],
        OPENSSH: ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", str(port), "-h",
                  f"{work}/openssh_key", "-o", f"ListenAddress={address}", "-o",
                  f"AuthorizedKeysFile={keys.authorized}", "-o", "StrictModes=no", "-o",
                  "PidFile=none", "-o", "UsePAM=no"],
        DROPBEAR: ["/usr/sbin/dropbear", "-F", "-E", "-r", f"{work}/dropbear_key", "-p",
                   f"{address}:{port}"],
    }[name]


class Server:
    """A running server. What its processes are called starts with COMM."""

    def __init__(self, name, keys):
        self.name, self.port = name, free_port()
        self.comm = {OPENSSH: "sshd", DROPBEAR: "dropbear"}.get(name, "sshd-entry")
        self.log = f"{keys.work}/{name}.log"
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["unshare", "--user", "--map-current-user", "--keep-caps", "--mount", "sh", "-ec",
                 ENTER, keys.work, *command(name, keys, self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid  # each of these execs the next
        try:
            await_banner(self.port, lambda: self.process.poll() is None)
        except Failure as failure:
            self.stop()
            raise Failure(f"{name} does not start: {self.last_words()}") from failure

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return " / ".join(log.read().strip().splitlines()[-3:])

    def stop(self):
        self.process.terminate()
        end(self.process)


class Client:
    """OpenSSH's, with one configuration for all servers."""

    def __init__(self, keys):
        self.config = f"{keys.work}/ssh_config"
        self.environment = {**os.environ, "LC_ALL": "C"}
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(
                f"IdentityFile {keys.work}/id\nIdentitiesOnly yes\nBatchMode yes\nLogLevel ERROR\n"
                f"UserKnownHostsFile {keys.work}/known_hosts\nGlobalKnownHostsFile /dev/null\n"
                f"StrictHostKeyChecking no\nKexAlgorithms {KEX}\nHostKeyAlgorithms ssh-ed25519\n"
                # Newer clients send what is typed at intervals of 20 ms, to hide its rhythm.
                "IgnoreUnknown ObscureKeystrokeTiming\nObscureKeystrokeTiming no\n")

    def argv(self, port, *options, command=None):
        return ["ssh", "-F", self.config, "-p", str(port), *options, "127.0.0.1",
                *([command] if command else [])]

    def run(self, port, *options, command="true", stdin=subprocess.DEVNULL):
        """Milliseconds that it took."""
        argv = self.argv(port, *options, command=command)
        start = time.perf_counter()
        status = subprocess.run(argv, stdin=stdin, stdout=subprocess.DEVNULL,
                                check=False).returncode
        took = (time.perf_counter() - start) * 1000
        if status:
            raise Failure(f"{' '.join(argv)}: exit status {status}")
        return took


class Master:
    """A connection that stays, for others to use: `-S path`."""

    def __init__(self, client, server, *options):
        self.client, self.server = client, server
        self.path = f"{os.path.dirname(client.config)}/ctl-{server.port}-{time.monotonic_ns()}"
        self.process = subprocess.Popen(
            client.argv(server.port, "-M", "-S", self.path, "-N", *options),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not os.path.exists(self.path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Failure(f"{server.name} takes no connection with {' '.join(options)}")
            time.sleep(0.01)

    def argv(self, *options, command):
        return self.client.argv(self.server.port, "-S", self.path, *options, command=command)

    def run(self, command="true", stdin=subprocess.DEVNULL):
        try:
            return self.client.run(self.server.port, "-S", self.path, command=command, stdin=stdin)
        except Failure as failure:
            raise Failure(f"{failure}: {self.server.last_words()}") from failure

    def stop(self):
        # A signal may reach it just before it waits for the next event, which then never comes.
        subprocess.run(self.client.argv(self.server.port, "-S", self.path, "-O", "exit"),
                       stderr=subprocess.DEVNULL, check=False)
        end(self.process)
