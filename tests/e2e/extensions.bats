#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: terminal modes, eow@openssh.com,
# direct-streamlocal@openssh.com, an answer to every key; and the same without them

load server.bash

setup() {
  server_prepare
  without=${SSHD_ENTRY_SHARED:-$top/build/release-shared/bin/sshd-entry}
}

teardown() {
  jobs -p | grep -vx "${server_pid-none}" | xargs -r kill 2>/dev/null || true
  server_stop
}

master() { # [OPTION]...
  client -M -S "$dir/ctl" -N -f "$@" </dev/null >/dev/null 2>&1 3>&-
}

master_end() {
  client -S "$dir/ctl" -O exit 2>/dev/null
  await 10 eval '[ ! -e "$dir/ctl" ]'
}

# --- Terminal modes -----------------------------------------------------------------------------

# What stty says inside when the client's own terminal was set so.
inside() { # STTY-ARGUMENT...
  local options
  options=$(client_options)
  # stty's own arguments come first: script(1) runs all of it on a terminal of its own.
  timeout 300 script -qec "stty $* && exec ssh $options -tt -l agent 127.0.0.1 stty -a" /dev/null \
    </dev/null 3>&- | tr -d '\r'
}

@test "a terminal inside has the modes of the client's" {
  server_start
  run -0 inside sane
  [[ $output == *"intr = ^C;"* && $output == *"erase = ^?;"* && $output == *"speed 38400 baud"* ]]
  [[ " $output" =~ [[:space:]]ixon[[:space:]] && " $output" =~ [[:space:]]echo[[:space:]] ]]
  run -0 inside sane intr ^X erase ^H susp undef -ixon ixany -echo -echoctl -onlcr ocrnl -iutf8 9600
  [[ $output == *"intr = ^X;"* && $output == *"erase = ^H;"* && $output == *"susp = <undef>;"* ]]
  [[ $output == *"speed 9600 baud"* ]]
  for word in -ixon ixany -echo -echoctl -onlcr ocrnl -iutf8 icanon isig; do
    [[ ${output//$'\n'/ } == *" $word "* ]] || { echo "no $word: $output" && false; }
  done
}

@test "what a terminal's modes are for: the character that interrupts is the client's" {
  server_start
  mkfifo "$dir/keys"
  options=$(client_options)
  timeout 300 script -qec "stty intr ^X && exec ssh $options -tt -l agent 127.0.0.1 \
    'trap \"echo interrupted; exit 3\" INT; echo ready; while :; do sleep 0.1; done'" \
    /dev/null <"$dir/keys" >"$dir/shown" 3>&- &
  session=$!
  exec 8>"$dir/keys"
  await 20 grep -q ready "$dir/shown"
  printf '\030' >&8
  status=0
  wait $session || status=$?
  [ "$status" -eq 3 ]
  cat "$dir/shown" "$log"
  exec 8>&-
  grep -q interrupted "$dir/shown"
}

@test "a client that has no terminal says no modes: they are the kernel's, and UTF-8" {
  server_start
  run -0 client -tt 'stty -a' </dev/null
  output=${output//[$'\r\n']/ }
  [[ $output == *"speed 38400 baud"* && $output == *"intr = ^C;"* ]]
  for word in iutf8 icrnl ixon opost onlcr isig icanon echo; do
    [[ $output == *" $word "* ]]
  done
}

# --- eow ----------------------------------------------------------------------------------------

@test "a command ends when nobody reads what it says" {
  server_start
  run -0 timeout 300 bash -c "ssh $(client_options) agent@127.0.0.1 yes | head -1"
  [ "$output" = y ]
  await 5 logged 'ended.*: signal 13'
  # A write fails for one that ignores SIGPIPE; its exit status still arrives.
  run -7 bash -c "set -o pipefail; timeout 300 ssh $(client_options) agent@127.0.0.1 \
    'trap \"\" PIPE; yes 2>\"$dir/said\"; exit 7' | head -1"
  [ "$output" = y ]
  grep -q 'Broken pipe' "$dir/said"
}

@test "on a shared connection the others go on, and so does the input of the one that ended" {
  server_start
  master
  client -S "$dir/ctl" 'while read -r line; do echo "got $line"; done' \
    < <(for n in 1 2 3 4 5; do sleep 0.3 && echo $n; done) >"$dir/other" 3>&- &
  other=$!
  for n in 1 2 3; do
    run -0 timeout 300 bash -c "ssh -S '$dir/ctl' $(client_options) agent@127.0.0.1 yes | head -1"
    [ "$output" = y ]
  done
  await 5 eval '[ "$(grep -c "ended.*: signal 13" "$log")" -eq 3 ]'
  # What this one reads it reads to the end, though nobody hears its answers.
  seq 100000 | client -S "$dir/ctl" "trap '' PIPE; yes 2>/dev/null; wc -l >'$dir/counted'" |
    head -1 >/dev/null
  await 10 test -s "$dir/counted"
  [ "$(<"$dir/counted")" -eq 100000 ]
  wait $other
  [ "$(<"$dir/other")" = $'got 1\ngot 2\ngot 3\ngot 4\ngot 5' ]
  master_end
}

@test "on a terminal that nobody looks at a program goes on, and can still be told to end" {
  server_start
  run -4 bash -c "set -o pipefail; { until [ -e '$dir/headed' ]; do sleep 0.1; done; sleep 0.3; echo; } | timeout 300 ssh $(client_options) -tt agent@127.0.0.1 \
    'stty -echo; yes & read -r line; kill \$!; seq 100000; exit 4' | { head -1 && touch '$dir/headed'; }"
}

# --- direct-streamlocal -------------------------------------------------------------------------

# A server on a UNIX socket: returns what it gets until its end, with its letters changed.
echo_start() { # PATH [BACKLOG]
  /usr/bin/python3 - "$1" "${2-64}" 3>&- <<'PY' &
import socket, sys, threading
table = bytes(b ^ 0x5a for b in range(256))
def serve(c):
    with c:
        got = b''.join(iter(lambda: c.recv(65536), b''))
        c.sendall(got.translate(table))
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(int(sys.argv[2]))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],)).start()
PY
  await 10 test -S "$1"
}

# COUNT clients of ADDRESS (a path or a port) at once, BYTES each way.
echo_check() { # ADDRESS COUNT BYTES
  timeout 300 /usr/bin/python3 - "$@" <<'PY'
import os, socket, sys, threading
address, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
table = bytes(b ^ 0x5a for b in range(256))
good = []
def one():
    if address.startswith('/'):
        c = socket.socket(socket.AF_UNIX)
        c.connect(address)
    else:
        c = socket.create_connection(('127.0.0.1', int(address)))
    data = os.urandom(size)
    c.sendall(data)
    c.shutdown(socket.SHUT_WR)
    got = b''.join(iter(lambda: c.recv(65536), b''))
    good.append(got == data.translate(table))
threads = [threading.Thread(target=one) for _ in range(count)]
for t in threads: t.start()
for t in threads: t.join()
sys.exit(good != [True] * count)
PY
}

@test "-L reaches a UNIX socket, from a socket and from a port, 20 at once" {
  server_start
  echo_start "$dir/remote.sock"
  here=$(free_port)
  master -o ExitOnForwardFailure=yes -L "$dir/local.sock:$dir/remote.sock" -L "$here:$dir/remote.sock"
  echo_check "$dir/local.sock" 1 10
  echo_check "$here" 1 0
  echo_check "$dir/local.sock" 20 2000000
  echo_check "$here" 20 2000000
  logged "direct-streamlocal to $dir/remote.sock"
  run ! logged 'direct-tcpip'
  master_end
}

@test "a server that is slow to accept gets its connections later, and one that never reads holds nobody up" {
  server_start
  # Its backlog is full from the third client on.
  /usr/bin/python3 - "$dir/slow.sock" "$dir/go" 3>&- <<'PY' &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(1)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.05)
held = [s.accept()[0] for _ in range(8)]
time.sleep(60)
PY
  await 10 test -S "$dir/slow.sock"
  master -L "$dir/local.sock:$dir/slow.sock"
  for n in 1 2 3 4 5 6 7 8; do
    head -c 8000000 /dev/zero | timeout 300 curl -s -T - --unix-socket "$dir/local.sock" http://x/ 3>&- &
  done
  await 10 eval '[ "$(grep -c "direct-streamlocal to" "$log")" -eq 8 ]'
  run ! logged "slow.sock refused"
  timeout 300 ssh -S "$dir/ctl" $(client_options) agent@127.0.0.1 true
  touch "$dir/go"
  for n in 1 2 3 4 5; do
    timeout 300 ssh -S "$dir/ctl" $(client_options) agent@127.0.0.1 'head -c 300000 /dev/zero' >/dev/null
    sleep 0.2
  done
  master_end
}

# ssh -W does not take a path: one connection through a forward of its own.
refused() { # PATH
  rm -f "$dir/try.sock"
  client -S "$dir/ctl" -O forward -L "$dir/try.sock:$1" 2>/dev/null
  [ -z "$(timeout 300 curl -s --unix-socket "$dir/try.sock" http://x/)" ]
  client -S "$dir/ctl" -O cancel -L "$dir/try.sock:$1" 2>/dev/null || true
}

@test "what cannot be connected to is refused, and the connection lives on" {
  server_start
  master
  touch "$dir/file"
  mkdir "$dir/directory"
  refused "$dir/missing"
  logged "direct-streamlocal to $dir/missing refused: No such file"
  refused "$dir/file"
  logged "direct-streamlocal to $dir/file refused: Connection refused"
  refused "$dir/directory"
  logged "direct-streamlocal to $dir/directory refused: Connection refused"
  client -S "$dir/ctl" true
  master_end
}

# OpenSSH's client takes no such path; another may send it.
@test "a path that is relative, too long, abstract or has a NUL is refused" {
  server_start
  echo_start "$dir/remote.sock"
  timeout 300 /usr/bin/python3 - "$port" "$dir" <<'PY'
import sys
import threading
import paramiko
from paramiko.common import cMSG_CHANNEL_OPEN
port, dir = int(sys.argv[1]), sys.argv[2]
t = paramiko.Transport(('127.0.0.1', port))
t.connect(username='agent', pkey=paramiko.Ed25519Key.from_private_key_file(dir + '/id'))

class Open(Exception):
    pass

def attempt(kind, body):
    """Opens a channel by hand: paramiko knows no such kind. True: the server confirmed it."""
    number = t._next_channel()
    chan = paramiko.Channel(number)
    m = paramiko.Message()
    m.add_byte(cMSG_CHANNEL_OPEN)
    m.add_string(kind)
    for n in (number, 2097152, 32768):
        m.add_int(n)
    body(m)
    t._channels.put(number, chan)
    t.channel_events[number] = event = threading.Event()
    t.channels_seen[number] = True
    chan._set_transport(t)
    chan._set_window(2097152, 32768)
    t._send_user_message(m)
    assert event.wait(60), 'no answer'
    confirmed = t._channels.get(number) is not None
    if confirmed:
        chan.close()
    return confirmed

def streamlocal(path):
    def body(m):
        m.add_string(path)
        m.add_string('')
        m.add_int(0)
    return attempt('direct-streamlocal@openssh.com', body)

def tcpip(host, to):
    def body(m):
        m.add_string(host)
        m.add_int(to)
        m.add_string('127.0.0.1')
        m.add_int(0)
    return attempt('direct-tcpip', body)

good = (dir + '/remote.sock').encode()
assert streamlocal(good)
for bad in (b'', b'remote.sock', b'./remote.sock', b'/' + b'x' * 107, b'/' + b'x' * 5000,
            b'\0remote', good + b'\0', good + b'\0x', b'\0' + good):
    assert not streamlocal(bad), bad
# A host that looks like a path is a host, also right after a path.
assert streamlocal(good)
assert not tcpip(good, 0)
assert not tcpip('', 0)
assert streamlocal(good)
# What ends too soon.
assert not attempt('direct-streamlocal@openssh.com', lambda m: None)
assert not attempt('direct-streamlocal@openssh.com', lambda m: m.add_string(good))
assert not attempt('direct-streamlocal@openssh.com', lambda m: m.add_int(0xffffffff))
s = t.open_session()
s.exec_command('echo still here')
assert s.recv(100) == b'still here\n'
t.close()
PY
  [ "$(grep -c 'direct-streamlocal refused: the path is not absolute, or too long' "$log")" -eq 9 ]
  logged 'direct-tcpip to .* port 0 refused'
}

@test "a key that may not forward, or only to some ports, reaches no UNIX socket" {
  for options in restrict no-port-forwarding 'permitopen="127.0.0.1:80"' 'permitopen="*:*"'; do
    printf '%s %s\n' "$options" "$(<"$dir/id.pub")" >"$dir/authorized_keys"
    server_start
    [ -S "$dir/remote.sock" ] || echo_start "$dir/remote.sock"
    master
    refused "$dir/remote.sock"
    logged "direct-streamlocal to $dir/remote.sock refused: Operation not permitted"
    master_end
    server_stop
    rm "$log" # the next one's port is read from its own
  done
  printf 'restrict,port-forwarding %s\n' "$(<"$dir/id.pub")" >"$dir/authorized_keys"
  server_start
  master -L "$dir/local.sock:$dir/remote.sock"
  echo_check "$dir/local.sock" 1 10
  master_end
}

# --- Keys ---------------------------------------------------------------------------------------

# Asks by hand for keys that must be refused, each at once; then logs in.
odd_keys() {
  timeout 300 /usr/bin/python3 -W ignore - "$port" "$dir" <<'PY'
import base64
import sys
import threading
import paramiko
port, dir = int(sys.argv[1]), sys.argv[2]
good = paramiko.Ed25519Key.from_private_key_file(dir + '/id')
rsa = paramiko.RSAKey.from_private_key_file(dir + '/rsa')
short = paramiko.RSAKey.generate(1024)
t = paramiko.Transport(('127.0.0.1', port))
t.start_client(timeout=60)
try:
    t.auth_none('agent')
except paramiko.BadAuthenticationType:
    pass

def string(*parts):
    m = paramiko.Message()
    for part in parts:
        m.add_string(part)
    return m.asbytes()

def refused(algorithm, blob, signature=None, service='ssh-connection', method='publickey', cut=None):
    body = b'\x32' + string('agent', service, method) + bytes([signature is not None]) + string(algorithm, blob)
    if callable(signature):
        signature = signature(string(t.session_id) + body)
    if signature is not None:
        body += string(signature)
    m = paramiko.Message()
    m.add_bytes(body[:cut])
    t.auth_handler.auth_event = answer = threading.Event()
    t._send_message(m)
    assert answer.wait(60), f'no answer to {algorithm} {signature} {service} {method} {cut}'
    assert t.is_active() and not t.is_authenticated()

def by(key, algorithm):
    return lambda data: key.sign_ssh_data(data, algorithm).asbytes()

ed25519 = good.asbytes()
# What is not served.
refused('ssh-dss', string('ssh-dss', b'\1', b'\1', b'\1', b'\1'))
refused('ssh-ed25519-cert-v01@openssh.com', base64.b64decode(open(dir + '/id-cert.pub').read().split()[1]))
refused('ssh-rsa', rsa.asbytes())
refused('ssh-rsa', rsa.asbytes(), by(rsa, 'ssh-rsa'))
refused('webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
        string('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', b'', 'ssh:'))
refused(b'\x1b[2J' + b'x' * 3000, string('?'))
# Of two minds.
refused('ssh-ed25519', string('ssh-dss', b'\1'))
refused('ssh-ed25519', ed25519, string('ssh-dss', b'\1'))
refused('rsa-sha2-256', rsa.asbytes(), by(rsa, 'rsa-sha2-512'))
# Broken.
refused('ssh-ed25519', ed25519, b'')
refused('ssh-ed25519', ed25519, cut=-1)
refused('ssh-ed25519', ed25519, method='publickey\0')
refused('ssh-ed25519', ed25519, service='ssh-connection\0')
# What libssh alone sees: it cannot read the key or the signature, or will not have it.
refused('ssh-ed25519', string('ssh-ed25519', b'x' * 31))
refused('ssh-ed25519', ed25519, string('ssh-ed25519', b'x' * 64))
refused('ssh-ed25519', ed25519, string('ssh-ed25519', b'x' * 63))
refused('ssh-ed25519', ed25519, lambda data: good.sign_ssh_data(data + b'x').asbytes())
refused('rsa-sha2-512', short.asbytes(), by(short, 'rsa-sha2-512'))
assert not t.auth_publickey('agent', good) and t.is_authenticated()
s = t.open_session()
s.exec_command('echo in')
assert s.recv(100) == b'in\n'
t.close()
PY
}

@test "a key or a signature that is not good is answered, each counts, and the next key gets in" {
  ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$dir/rsa"
  cat "$dir/rsa.pub" >>"$dir/authorized_keys"
  ssh-keygen -q -t ed25519 -N '' -f "$dir/ca"
  ssh-keygen -q -s "$dir/ca" -I test -n agent "$dir/id.pub"
  server_start --max-auth-tries 19
  odd_keys
  for said in 'ssh-dss: keys of this type are not served' 'ssh-ed25519-cert-.*: keys' \
    'ssh-rsa: keys' 'webauthn-sk-.*: keys' \
    '\\x1b\[2Jx{59}: keys' 'ssh-ed25519: the key is of another type' \
    'rsa-sha2-256: its signature is of another kind' 'ssh-ed25519: the request is broken' \
    'ssh-ed25519: it, or its signature, is wrong' 'rsa-sha2-512: it, or its signature, is wrong'; do
    logged "key refused: $said"
  done
  [ "$(grep -c 'key refused: ' "$log")" -eq 18 ]
  logged 'logged in with ssh-ed25519'
  server_stop
  server_start --max-auth-tries 18
  run ! odd_keys
  logged 'closed: 18 authentication requests refused'
}

# --- Without ------------------------------------------------------------------------------------

@test "built for libssh.so alone: refused, ignored, the kernel's defaults, and all else works" {
  names='terminal modes, eow@openssh.com, direct-streamlocal@openssh.com, touch of sk- keys'
  run -0 "$without" --version
  [[ ${lines[1]} == "libssh "*", without $names" ]]
  run -0 "$server" --version
  [[ ${lines[1]} == "libssh "*", with $names" ]]
  server=$without
  server_start
  echo_start "$dir/remote.sock"
  master
  refused "$dir/remote.sock"
  run ! logged direct-streamlocal
  client -S "$dir/ctl" true
  master_end
  run -0 inside sane intr ^X
  [[ $output == *"intr = ^C;"* && $output == *" iutf8"* ]]
  # The client stays until its own end; then the program ends, too.
  client "echo \$\$ >$dir/pid; exec yes" 3>&- | head -1 >/dev/null &
  await 10 test -s "$dir/pid"
  pkill -x -f "ssh -F none -p $port .*"
  await 10 eval '! kill -0 "$(<"$dir/pid")" 2>/dev/null'
}
