#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: ciphers, new keys, dead peers

load server.bash

# What the client says of the connection, while COMMAND runs.
trace() { # [OPTION]... COMMAND
  loglevel=DEBUG1 client "$@" 2>&1 >/dev/null
}

@test "OpenSSH's client gets AES-GCM by itself, and what its user asks for" {
  server_start
  # Where the processor has AES.
  native=chacha20-poly1305@openssh.com
  ! grep -qw aes /proc/cpuinfo || native=aes128-gcm@openssh.com
  run -0 trace true
  [[ $output == *"server->client cipher: $native"* && $output == *"client->server cipher: $native"* ]]
  for cipher in aes256-gcm@openssh.com chacha20-poly1305@openssh.com aes256-ctr; do
    run -0 trace -c $cipher true
    [[ $output == *"server->client cipher: $cipher"* ]]
  done
  run -255 client -c 3des-cbc true
}

@test "a client that says nothing, or half of it, is served all the same" {
  server_start
  # Version and key exchange in single bytes: the server looks at them as they come.
  run -0 timeout 300 /usr/bin/python3 - "$port" <<'PY'
import socket, sys, time
for line in (b'SSH-2.0-OpenSSH_9.9\r\n', b'SSH-2.0-other\r\n', b'SSH-2.0-OpenSSH_9.9\r\n\0\0\0\x2a\6\x14'):
    s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
    for byte in line:
        s.send(bytes([byte]))
        time.sleep(0.01)
    s.settimeout(60)
    got = b''
    while len(got) < 300:
        more = s.recv(4096)
        assert more, got
        got += more
    assert got.startswith(b'SSH-2.0-OpenSSH_compatible_sshd_entry_') and b'curve25519-sha256' in got
    s.close()
PY
}

exchanges() { # TRACE
  grep -c 'SSH2_MSG_NEWKEYS received' <<<"$1"
}

@test "the server renews the keys by volume, both ways, and no byte is lost" {
  server_start --rekey-limit 1M
  head -c 30000000 /dev/urandom >"$dir/in"
  want=$(sha256sum <"$dir/in")
  for cipher in aes256-gcm@openssh.com chacha20-poly1305@openssh.com; do
    [ "$(loglevel=DEBUG1 client -c $cipher cat <"$dir/in" 2>"$dir/trace" | sha256sum)" = "$want" ]
    (($(exchanges "$(<"$dir/trace")") > 10))
    [ "$(loglevel=DEBUG1 client -c $cipher "cat $dir/in" 2>"$dir/trace" | sha256sum)" = "$want" ]
    (($(exchanges "$(<"$dir/trace")") > 10))
    [ "$(loglevel=DEBUG1 client -c $cipher sha256sum <"$dir/in" 2>"$dir/trace")" = "$want" ]
    (($(exchanges "$(<"$dir/trace")") > 10))
  done
  # Both sides at once.
  [ "$(client -o RekeyLimit=1M cat <"$dir/in" | sha256sum)" = "$want" ]
}

# The first exchange, and two more while a session has something to say ten times a second.
renewed() { # [OPTION]...
  trace "$@" 'while sleep 0.1; do echo; done' >"$dir/trace" 3>&- &
  await 10 eval '(($(exchanges "$(<"$dir/trace")") >= 3))'
  server_stop
  wait $! || true
}

@test "keys are renewed by time, by the server and by the client" {
  server_start --rekey-interval 1
  renewed
  server_start
  renewed -o RekeyLimit='default 1'
}

@test "a client that does not answer any more is given up; one that is only silent is not" {
  server_start --client-alive-interval 1 --client-alive-count-max 2
  mkfifo "$dir/hold"
  client 'read -r line; echo "$line"' <"$dir/hold" >"$dir/silent" 3>&- &
  silent=$!
  exec 6>"$dir/hold"
  await 10 logged 'logged in'
  client "echo up >$dir/up; sleep 60" 3>&- 6>&- &
  await 10 test -e "$dir/up"
  stopped=$(pgrep -n -x -f "ssh -F none -p $port .*sleep 60")
  kill -STOP "$stopped"
  await 10 logged 'closed: the client has not answered 2 times'
  kill -KILL "$stopped"
  echo awake >&6
  exec 6>&-
  wait $silent
  [ "$(<"$dir/silent")" = awake ]
}
