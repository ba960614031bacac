#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: who gets in

load server.bash

@test "an admitted key logs in, as agent and under the names of --login" {
  server_start --login alice --login bob
  [ "$(client 'echo in')" = in ]
  [ "$(login=alice client 'id -un')" = "$(id -un)" ]
  login=bob client true
  login=carol run client true
  [ "$status" -eq 255 ]
  [[ $output == *"Permission denied (publickey)"* ]]
  logged 'no such user: carol'
}

@test "another key, a password and no method at all are refused" {
  server_start
  ssh-keygen -q -t ed25519 -N '' -f "$dir/other"
  cp "$dir/other" "$dir/id" && cp "$dir/other.pub" "$dir/id.pub"
  run client true
  [ "$status" -eq 255 ]
  for method in password keyboard-interactive none; do
    run client -o PreferredAuthentications=$method -o PubkeyAuthentication=no true
    [ "$status" -eq 255 ]
    [[ $output == *"Permission denied (publickey)"* ]]
  done
}

@test "every usual kind of key logs in" {
  server_start
  for kind in "ecdsa -b 256" "ecdsa -b 384" "ecdsa -b 521" "rsa -b 2048" "rsa -b 3072"; do
    rm -f "$dir/id" "$dir/id.pub"
    # shellcheck disable=SC2086 # two words
    ssh-keygen -q -t $kind -N '' -f "$dir/id"
    cp "$dir/id.pub" "$dir/authorized_keys"
    client true
  done
}

@test "a short RSA key is refused, and the client's next one gets its turn" {
  server_start
  ssh-keygen -q -t rsa -b 1024 -N '' -f "$dir/short"
  cat "$dir/short.pub" >>"$dir/authorized_keys"
  mv "$dir/id" "$dir/good" && mv "$dir/id.pub" "$dir/good.pub"
  mv "$dir/short" "$dir/id" && mv "$dir/short.pub" "$dir/id.pub"
  run -255 client -o RequiredRSASize=1024 true
  logged 'key refused: RSA of less than 2048 bits'
  client -o RequiredRSASize=1024 -i "$dir/good" true
}

@test "a change of authorized_keys counts at once; without the file nobody gets in" {
  server_start
  client true
  mv "$dir/authorized_keys" "$dir/gone"
  run client true
  [ "$status" -eq 255 ]
  logged 'nobody can log in: cannot read .*authorized_keys: No such file'
  mv "$dir/gone" "$dir/authorized_keys"
  client true
  mkfifo "$dir/fifo" && mv "$dir/fifo" "$dir/authorized_keys"
  run client true
  [ "$status" -eq 255 ]
  logged 'no plain file'
}

# The key's line, with OPTIONS before it.
with_options() { # OPTIONS
  printf '%s %s\n' "$1" "$(<"$dir/id.pub")" >"$dir/authorized_keys"
}

@test "an option that is not known, or not met, refuses its key, and the log says why" {
  server_start
  with_options 'no-pty,tunnel="0"'
  run -255 client true
  logged 'authorized_keys:1: key refused: option "tunnel" is not known'
  with_options 'from="10.0.0.0/8"'
  run -255 client true
  logged 'key refused: from="..." does not match 127.0.0.1'
  with_options 'from="127.0.0.0/8",expiry-time="20200101"'
  run -255 client true
  logged 'key refused: it has expired'
  with_options 'from="127.0.0.0/8",expiry-time="21000101"'
  client true
}

@test "an IPv4 client of a socket for both families is an IPv4 client" {
  server_start --listen '[::]:0'
  with_options 'from="127.0.0.0/8"'
  printf '[127.0.0.1]:%s %s\n' "$port" "$(sed -n 's/.*host key //p' "$log")" >"$dir/known_hosts"
  run -0 client 'echo $SSH_CONNECTION'
  [[ $output == "127.0.0.1 "*" 127.0.0.1 $port" ]]
}

@test "a forced command runs whatever is asked for" {
  server_start
  with_options 'command="echo \"forced: $SSH_ORIGINAL_COMMAND\"",environment="GIVEN=x"'
  [ "$(client 'rm -rf /')" = "forced: rm -rf /" ]
  [ "$(client </dev/null)" = "forced: " ]
  [ "$(client -s sftp </dev/null)" = "forced: /usr/lib/openssh/sftp-server" ]
  with_options 'environment="GIVEN=x"'
  [ "$(client 'echo $GIVEN')" = x ]
}

@test "restrict takes all away, and each word gives its part back" {
  server_start
  web_start
  agent_with_key one
  through() { printf 'GET /id.pub HTTP/1.0\r\n\r\n' | client -W "127.0.0.1:$webport"; }
  with_options restrict
  [ "$(client 'echo in')" = in ]
  run client -tt tty </dev/null
  [[ $output != */dev/pts* ]]
  run -255 through
  run client -A 'ssh-add -l'
  [[ $output == *"Error connecting to agent"* ]]
  run -255 client -o ExitOnForwardFailure=yes -R "0:127.0.0.1:$webport" true

  with_options restrict,pty
  client -tt tty </dev/null | grep /dev/pts
  with_options restrict,agent-forwarding
  client -A 'ssh-add -l' | grep one
  with_options restrict,port-forwarding
  through | grep ssh-ed25519
  with_options "permitopen=\"localhost:1\",permitlisten=\"1\""
  run -255 through
  run -255 client -o ExitOnForwardFailure=yes -R "0:127.0.0.1:$webport" true
  with_options "permitopen=\"127.0.0.1:$webport\",permitlisten=\"$here\""
  through | grep ssh-ed25519
  client -o ExitOnForwardFailure=yes -R "$here:127.0.0.1:$webport" true
  web_stop
}

@test "who tries too often is closed" {
  server_start --max-auth-tries 3
  for n in 1 2 3 4 5; do ssh-keygen -q -t ed25519 -N '' -f "$dir/k$n"; done
  run client -o IdentitiesOnly=yes -i "$dir/k1" -i "$dir/k2" -i "$dir/k3" -i "$dir/k4" -i "$dir/k5" true
  [ "$status" -eq 0 ] # the first key is the good one
  cp "$dir/k1" "$dir/id" && cp "$dir/k1.pub" "$dir/id.pub"
  run client -i "$dir/k2" -i "$dir/k3" -i "$dir/k4" -i "$dir/k5" true
  [ "$status" -eq 255 ]
  logged 'closed: 3 authentication requests refused'
}

@test "GSSAPI is refused like any method, and counts" {
  server_start --max-auth-tries 3
  run timeout 120 /usr/bin/python3 - "$port" <<'PY'
import paramiko, sys
from paramiko.message import Message
t = paramiko.Transport(('127.0.0.1', int(sys.argv[1])))
t.start_client(timeout=60)
try:
    t.auth_none('agent')
except paramiko.BadAuthenticationType as e:
    assert e.allowed_types == ['publickey']
for n in range(4):
    m = Message()
    m.add_byte(bytes([50]))
    for text in ('agent', 'ssh-connection', 'gssapi-with-mic'):
        m.add_string(text)
    m.add_int(1)
    m.add_string(bytes.fromhex('06092a864886f712010202'))
    t._send_message(m)
t.join(60)
PY
  await 5 logged 'closed: [34] authentication requests refused'
  client true
}

@test "who does not log in within the grace time is closed" {
  server_start --login-grace 1
  exec 9<>"/dev/tcp/127.0.0.1/$port"
  await 5 logged 'closed: no login in time'
  # The same after the banner and garbage.
  exec 8<>"/dev/tcp/127.0.0.1/$port"
  printf 'SSH-2.0-slow\r\n' >&8
  await 5 eval '[ "$(grep -c "no login in time" "$log")" -eq 2 ]'
  await 5 client true # which has a second for its login
}

@test "who keeps failing waits for each refusal, and a good key does not" {
  server_start
  ssh-keygen -q -t ed25519 -N '' -f "$dir/bad"
  mv "$dir/id" "$dir/good" && mv "$dir/id.pub" "$dir/good.pub"
  mv "$dir/bad" "$dir/id" && mv "$dir/bad.pub" "$dir/id.pub"
  for n in 1 2 3 4 5; do run -255 client true; done
  run ! logged 'a refusal takes'
  for n in 1 2 3 4; do run -255 client true; done
  logged 'logins from 127.0.0.1 failed of late: a refusal takes 200 ms'
  start=$(date +%s%N)
  run -255 client true
  (($(date +%s%N) - start > 400000000))
  mv "$dir/good" "$dir/id" && mv "$dir/good.pub" "$dir/id.pub"
  # Nothing is refused to it, so nothing takes its time: the server says how much it would be.
  client true
  logged 'a refusal takes 800 ms'
}

@test "garbage on the port ends that connection alone" {
  server_start
  mkfifo "$dir/hold"
  client cat <"$dir/hold" 3>&- &
  held=$!
  exec 6>"$dir/hold"
  await 10 logged 'logged in'
  for size in 1 100 100000; do
    head -c $size /dev/urandom | timeout 60 nc -N 127.0.0.1 "$port" >/dev/null || true
    { printf 'SSH-2.0-x\r\n'; head -c $size /dev/urandom; } | timeout 60 nc -N 127.0.0.1 "$port" >/dev/null || true
  done
  client true
  exec 6>&-
  wait $held
}

@test "a flood of connections that never log in does not keep out who does" {
  server_start --max-startups 20
  perl -MIO::Socket::INET -e 'my @s = map { IO::Socket::INET->new("127.0.0.1:$ARGV[0]") } 1 .. 200;
    print "up\n"; close STDOUT; sleep 60' "$port" >"$dir/flood" 3>&- &
  flood=$!
  await 10 test -s "$dir/flood"
  client true
  logged 'dropped: 20 connections have not logged in'
  for n in $(seq 10); do client true; done
  [ "$(pgrep -c -P "$server_pid")" -le 21 ]
  kill $flood
}

@test "more than the most connections are refused, until one ends" {
  server_start --max-connections 2
  client sleep 100 3>&- & one=$!
  client sleep 100 3>&- &
  await 10 eval '[ "$(grep -c "logged in" "$log")" -eq 2 ]'
  run -255 client true
  logged 'connection refused: 2 are logged in already'
  pkill -P $one || kill $one
  await 10 client true
}

@test "a log that nobody reads stops nothing" {
  mkfifo "$dir/logpipe"
  exec 5<>"$dir/logpipe"
  ASAN_OPTIONS=detect_leaks=0 "$server" --listen 127.0.0.1:0 --host-key "$dir/home/key" \
    --authorized-keys "$dir/authorized_keys" --agent-socket "$dir/agent.sock" 2>&5 >/dev/null 3>&- &
  server_pid=$!
  read -r key <&5
  read -r line <&5
  port=$(grep -o '[0-9]*$' <<<"$line")
  printf '[127.0.0.1]:%s %s\n' "$port" "${key#*host key }" >"$dir/known_hosts"
  touch "$log"
  for n in $(seq 700); do : <"/dev/tcp/127.0.0.1/$port"; done
  client true
  kill "$server_pid"
  wait "$server_pid"
  exec 5>&-
}
