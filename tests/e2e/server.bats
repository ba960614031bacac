#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client.

bats_require_minimum_version 1.5.0

setup() {
  load server.bash
  server_prepare
}

teardown() {
  server_stop
  kill "$SSH_AGENT_PID" 2>/dev/null || true
}

# --- Who gets in --------------------------------------------------------------------------------

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

@test "who does not log in within the grace time is closed" {
  server_start --login-grace 1
  exec 9<>"/dev/tcp/127.0.0.1/$port"
  await 5 logged 'closed: no login in time'
  # The same after the banner and garbage.
  exec 8<>"/dev/tcp/127.0.0.1/$port"
  printf 'SSH-2.0-slow\r\n' >&8
  await 5 eval '[ "$(grep -c "no login in time" "$log")" -eq 2 ]'
  client true
}

@test "garbage on the port ends that connection alone" {
  server_start
  client 'exec sleep 5' &
  held=$!
  for size in 1 100 100000; do
    head -c $size /dev/urandom | timeout 5 nc -N 127.0.0.1 "$port" >/dev/null || true
    { printf 'SSH-2.0-x\r\n'; head -c $size /dev/urandom; } | timeout 5 nc -N 127.0.0.1 "$port" >/dev/null || true
  done
  client true
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

# --- Sessions -----------------------------------------------------------------------------------

@test "exit status, and the signal that ended a command" {
  server_start
  for code in 0 1 42 127 255; do
    run "-$code" client "exit $code"
  done
  # The client prints what it was told only when it is asked to.
  loglevel=DEBUG1 run client 'kill -TERM $$'
  [ "$status" -eq 255 ]
  [[ $output == *"rtype exit-signal"* ]]
}

@test "a command's three descriptors are all it has" {
  server_start
  run -0 client 'ls /proc/self/fd | wc -l'
  [ "$output" -eq 4 ] # and the directory that ls reads
  run -0 client 'ls -l /proc/self/fd | grep -c socket || true'
  [ "$output" -eq 0 ]
}

@test "signal handling is the default for what runs inside" {
  server_start
  run -0 client 'grep -E "^Sig(Blk|Ign)" /proc/self/status'
  echo "$output"
  [[ $output == *"SigBlk:	0000000000000000"* ]]
  # 32 and 33 are glibc's own; its posix_spawn(3) leaves them ignored in whatever make starts.
  [[ $output =~ SigIgn:.0000000180000000 || $output == *"SigIgn:	0000000000000000"* ]]
}

@test "a shell is a login shell; sessions start in --workdir" {
  mkdir "$dir/project"
  server_start --workdir "$dir/project"
  [[ $(echo 'echo "name=$0"' | client) == name=-* ]]
  [ "$(client pwd)" = "$dir/project" ]
  rmdir "$dir/project"
  [ "$(client pwd)" = "$(getent passwd "$(id -u)" | cut -d: -f6)" ]
}

@test "only listed variables come in" {
  server_start --accept-env 'TERM LC_*,GOOD'
  export GOOD=yes BAD=no LC_TEST=x PATH_TEST=y
  run -0 client -o SendEnv='GOOD BAD LC_TEST PATH_TEST' 'env'
  [[ $output == *GOOD=yes* && $output == *LC_TEST=x* ]]
  [[ $output != *BAD=no* && $output != *PATH_TEST* ]]
  [[ $output == *SSH_CONNECTION=127.0.0.1\ * && $output == *"SSH_AUTH_SOCK=$dir/agent.sock"* ]]
  [[ $output != *LISTEN_FDS* ]]
}

@test "stdout and stderr stay apart" {
  server_start
  client 'echo out; echo err >&2' >"$dir/out" 2>"$dir/err"
  [ "$(cat "$dir/out")" = out ]
  [ "$(cat "$dir/err")" = err ]
}

@test "the client's end of input is the command's" {
  server_start
  head -c 1000000 /dev/zero >"$dir/in"
  [ "$(client 'cat | wc -c' <"$dir/in")" -eq 1000000 ]
  [ "$(client 'cat | wc -c' </dev/null)" -eq 0 ]
}

@test "a reader that starts late gets every byte, and one that quits early harms nobody" {
  server_start
  head -c 20000000 /dev/urandom >"$dir/in"
  [ "$(client 'sleep 1; sha256sum' <"$dir/in")" = "$(sha256sum <"$dir/in")" ]
  run -0 client 'head -c 10 | wc -c' <"$dir/in"
  [ "$output" -eq 10 ]
  run -3 client 'exec <&-; sleep 0.2; exit 3' <"$dir/in"
}

@test "64 MiB there and back at once, also while keys are exchanged anew" {
  server_start
  head -c 67108864 /dev/urandom >"$dir/in"
  want=$(sha256sum <"$dir/in")
  [ "$(client cat <"$dir/in" | sha256sum)" = "$want" ]
  [ "$(client -o RekeyLimit=1M cat <"$dir/in" | sha256sum)" = "$want" ]
  [ "$(client -o RekeyLimit=1M "cat $dir/in" | sha256sum)" = "$want" ]
}

@test "output is drained to the last byte" {
  server_start
  for n in $(seq 1 20); do
    [ "$(client 'head -c 200000 /dev/zero; exit' | wc -c)" -eq 200000 ]
    [ "$(client -tt 'stty -opost; head -c 50000 /dev/zero; exit' </dev/null | wc -c)" -eq 50000 ]
  done
  # The reader is slow, and the writer long gone.
  [ "$(client 'head -c 3000000 /dev/zero' | { sleep 1; wc -c; })" -eq 3000000 ]
}

@test "a child left in the background does not hold the session" {
  server_start
  start=$SECONDS
  [ "$(client 'sleep 30 & echo done')" = "done" ]
  [ "$(client -tt 'trap "" HUP; sleep 30 & echo done' </dev/null | tr -d '\r')" = "done" ]
  client 'yes & echo done' | head -c 10 >/dev/null
  ((SECONDS - start < 20))
  [ "$(client '(sleep 0.1; echo late) & echo early')" = $'early\nlate' ]
  pkill -u "$(id -u)" -x yes || true
}

@test "twenty sessions on one connection, one of them slow" {
  server_start
  export ctl=$dir/ctl
  client -M -S "$ctl" -N -f </dev/null >/dev/null 2>&1 3>&-
  client -S "$ctl" 'yes' 3>&- | { sleep 3; head -c 1000 >/dev/null; } &
  for n in $(seq 1 20); do
    { [ "$(client -S "$ctl" "head -c 1000000 /dev/zero; echo $n >&2" 2>"$dir/n$n" | wc -c)" -eq 1000000 ] &&
      echo ok >>"$dir/oks"; } 3>&- &
  done
  await 30 eval '[ "$(wc -l <"$dir/oks" 2>/dev/null || echo 0)" -eq 20 ]'
  client -S "$ctl" -O exit
}

@test "requests out of order, twice, on closed channels: refused, or without effect" {
  server_start
  run timeout 120 "$BATS_TEST_DIRNAME/../tools/rude-client" "$port" "$dir/id"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c ^ok <<<"$output")" -eq 14 ]
}

# The two races below show where the release build is slowed down.
slow_server_start() {
  gcc -D_GNU_SOURCE -shared -fPIC -o "$dir/slow.so" "$BATS_TEST_DIRNAME/../tools/slow.c" -ldl
  server=$top/build/release/bin/sshd-entry
  LD_PRELOAD=$dir/slow.so server_start
}

@test "a signal right behind its command is not lost" {
  slow_server_start
  run -0 timeout 120 "$BATS_TEST_DIRNAME/../tools/rude-client" "$port" "$dir/id" signal_right_behind
}

# libssh calls back from within a write on another channel, or on the same one.
@test "an end of input that comes while the server sends is not forgotten" {
  slow_server_start
  head -c 30000 /dev/zero >"$dir/in"
  for n in 1 2; do
    [ "$(sleep 0.6 | client "sleep 0.3; cat $dir/in; cat >/dev/null; echo end" | tr -d '\0')" = end ]
  done
}

@test "PID 1's environment may be large" {
  for n in $(seq 600); do export "MANY_$n=$n"; done
  server_start
  [ "$(client 'echo $MANY_600')" = 600 ]
}

# --- Terminals ----------------------------------------------------------------------------------

@test "a terminal: its modes, its name, a TERM that is not known" {
  server_start
  run -0 client -tt 'tty; stty -a; echo "TERM=$TERM $SSH_TTY"' </dev/null
  [[ $output == */dev/pts/* && $output == *" iutf8"* && $output == *" echo "* ]]
  TERM=xterm run -0 client -tt 'echo "TERM=$TERM"' </dev/null
  [ "${output//$'\r'/}" = TERM=xterm ]
  TERM=no-such-terminal run -0 client -tt 'echo "TERM=$TERM"' </dev/null
  [[ $output == *'terminal "no-such-terminal" is not known here, using xterm-256color'* ]]
  [[ $output == *TERM=xterm-256color* ]]
  [ "$(grep -c 'not known here' <<<"$output")" -eq 1 ]
  TERM=$'e\033[31mvil' run -0 client -tt 'echo "TERM=$TERM"' </dev/null
  [[ $output == *'terminal "?" is not known'* && $output != *$'\033'* ]]
}

@test "end of input on a terminal is ^D" {
  server_start
  [ "$(echo word | client -tt 'stty -echo; read line; echo "got $line"; cat; echo end' | tr -d '\r' | tail -2)" = $'got word\nend' ]
}

@test "when the client is gone the terminal's foreground group gets SIGHUP, and a tmux server lives on" {
  server_start
  client -tt "trap '' HUP; env --default-signal=HUP sh -c 'trap \"echo hup >$dir/hup; exit\" HUP; echo up >$dir/up; while :; do sleep 0.1; done'" </dev/null >/dev/null 2>&1 3>&- &
  await 10 test -e "$dir/up"
  pkill -KILL -x -f "ssh -F none -p $port .*"
  await 10 test -e "$dir/hup"

  client -tt "tmux -S $dir/tmux new-session -d 'sleep 100'" </dev/null >/dev/null
  tmux -S "$dir/tmux" has-session
  tmux -S "$dir/tmux" kill-server
}

@test "a signal request reaches the command" {
  server_start
  run -0 timeout 30 /usr/bin/python3 - "$port" "$dir/id" <<'PY'
import asyncio, asyncssh, sys
async def main():
    async with asyncssh.connect('127.0.0.1', int(sys.argv[1]), username='agent', client_keys=[sys.argv[2]], known_hosts=None, config=None, agent_path=None) as c:
        p = await c.create_process("trap 'echo got; exit 7' USR1; echo ready; while :; do sleep 0.05; done")
        assert (await p.stdout.readline()) == 'ready\n'
        p.send_signal('USR1')
        r = await p.wait()
        assert r.stdout == 'got\n' and r.exit_status == 7, r
        p = await c.create_process('exec sleep 100')
        await asyncio.sleep(0.2)
        p.send_signal('TERM')
        r = await p.wait()
        assert r.exit_signal[0] == 'TERM', r
asyncio.run(main())
PY
}

# --- The forwarded agent ------------------------------------------------------------------------

agent_with_key() { # NAME
  eval "$(ssh-agent 3>&- 6>&- 7>&-)" >/dev/null
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/$1"
  ssh-add -q "$dir/$1"
}

@test "the agent's path leads to the newest connection that forwards one, and else refuses at once" {
  server_start
  inside() { timeout 5 env SSH_AUTH_SOCK="$dir/agent.sock" ssh-add -l; }
  run inside
  [ "$status" -eq 2 ]

  agent_with_key first
  first=$SSH_AGENT_PID
  mkfifo "$dir/hold1" "$dir/hold2"
  client -A cat <"$dir/hold1" >/dev/null 3>&- & exec 7>"$dir/hold1"
  await 10 eval 'inside 2>/dev/null | grep -q first'
  agent_with_key second
  client -A cat <"$dir/hold2" >/dev/null 3>&- 7>&- & exec 6>"$dir/hold2"
  await 10 eval 'inside 2>/dev/null | grep -q second'
  # One that forwards none changes nothing.
  client -a true
  inside | grep -q second
  exec 6>&-
  await 10 eval 'inside 2>/dev/null | grep -q first'
  exec 7>&-
  await 10 eval '! inside 2>/dev/null'
  start=$SECONDS
  run inside
  [ "$status" -eq 2 ]
  ((SECONDS - start < 2))
  kill "$first"
}

@test "an agent socket that was removed inside is made anew for the next connection" {
  server_start
  agent_with_key one
  client -A 'ssh-add -l' | grep -q one
  rm -f "$dir/agent.sock"
  client -A 'ssh-add -l' | grep -q one
  client -A "rm $dir/agent.sock; ln -s /nonexistent $dir/agent.sock"
  client -A 'ssh-add -l' | grep -q one
  # Many at once.
  client -A 'for n in 1 2 3 4 5 6 7 8; do ssh-add -l & done; wait' >"$dir/many"
  [ "$(grep -c one "$dir/many")" -eq 8 ]
}

@test "a program that floods the agent's socket keeps nobody from a session" {
  server_start
  agent_with_key one
  client -A -M -S "$dir/ctl" -N -f 127.0.0.1 </dev/null >/dev/null 2>&1 3>&-
  client -A 'ssh-add -l' >/dev/null
  client -A "perl -MIO::Socket::UNIX -e 'my @s; while (1) { push @s, IO::Socket::UNIX->new(q($dir/agent.sock)); shift @s if @s > 500 }'" 3>&- &
  await 10 eval 'pgrep -u "$(id -u)" perl >/dev/null'
  for n in $(seq 10); do client -S "$dir/ctl" true; client true; done
  [ "$(wc -l <"$log")" -lt 500 ]
  pkill -u "$(id -u)" perl
  client -S "$dir/ctl" -O exit || true
}

# --- TCP forwarding -----------------------------------------------------------------------------

# A server on the far side, and somewhere to listen on this one.
web_start() {
  /usr/bin/python3 -c 'import http.server, os, socketserver, sys
os.chdir(sys.argv[1])
s = socketserver.ThreadingTCPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(s.server_address[1], flush=True)
s.serve_forever()' "$dir" >"$dir/webport" 2>/dev/null 3>&- &
  web=$!
  await 10 test -s "$dir/webport"
  webport=$(<"$dir/webport")
  here=$(free_port)
  socks=$(free_port)
}

free_port() {
  perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1)->sockport'
}

web_stop() {
  kill "$web"
}

fetch() { # URL [CURL'S OPTION]...
  curl -sf --noproxy '*' -m 20 "$@"
}

@test "-L and -D reach what the server reaches; what refuses is refused" {
  server_start
  web_start
  head -c 5000000 /dev/urandom >"$dir/file"
  client -N -S "$dir/ctl" -M -f -o ExitOnForwardFailure=yes -L "$here:localhost:$webport" -D "$socks" \
    </dev/null >/dev/null 2>&1 3>&-
  fetch "http://127.0.0.1:$here/file" | cmp - "$dir/file"
  fetch --socks5-hostname "127.0.0.1:$socks" "http://localhost:$webport/file" | cmp - "$dir/file"
  for n in $(seq 20); do fetch "http://127.0.0.1:$here/file" | cmp - "$dir/file" & done
  for job in $(jobs -p); do [ "$job" = "$server_pid" ] || [ "$job" = "$web" ] || wait "$job"; done
  run ! client -W 127.0.0.1:9
  logged 'direct-tcpip to 127.0.0.1 port 9 refused: Connection refused'
  # A name that no resolver knows holds nobody up.
  [ -z "$(client -S "$dir/ctl" -W nosuch.invalid:80 </dev/null)" ]
  client -S "$dir/ctl" true
  [ "$(printf 'GET /id.pub HTTP/1.0\r\n\r\n' | client -W "127.0.0.1:$webport" | tail -1)" = "$(<"$dir/id.pub")" ]
  client -S "$dir/ctl" -O exit
  web_stop
}

@test "-R: the client's side is reached from the server's loopback, until it is cancelled" {
  server_start
  web_start
  client -N -S "$dir/ctl" -M -f -o ExitOnForwardFailure=yes -R "$here:127.0.0.1:$webport" \
    </dev/null >/dev/null 2>&1 3>&-
  fetch "http://127.0.0.1:$here/id.pub" | cmp - "$dir/id.pub"
  # Whatever address is asked for, it is the loopback alone.
  run -0 ss -Hltn "sport = $here"
  [[ $output == *"127.0.0.1:$here"* && $output != *0.0.0.0:$here* ]]
  client -S "$dir/ctl" -O cancel -R "$here:127.0.0.1:$webport"
  await 5 eval '! fetch "http://127.0.0.1:$here/id.pub"'
  # Port 0: the server chooses, and says so.
  run -0 client -S "$dir/ctl" -O forward -R "0:127.0.0.1:$webport"
  fetch "http://127.0.0.1:$output/id.pub" | cmp - "$dir/id.pub"
  # A port that is taken is refused.
  run ! client -S "$dir/ctl" -O forward -R "$port:127.0.0.1:$webport"
  client -S "$dir/ctl" -O exit
  await 5 eval '! fetch "http://127.0.0.1:$output/id.pub"'
  web_stop
}

# --- Files --------------------------------------------------------------------------------------

@test "sftp and scp copy both ways" {
  server_start
  head -c 3000000 /dev/urandom >"$dir/in"
  copy() { scp -q -F none -P "$port" -i "$dir/id" -o UserKnownHostsFile="$dir/known_hosts" "$@"; }
  copy "$dir/in" "agent@127.0.0.1:$dir/there"
  copy "agent@127.0.0.1:$dir/there" "$dir/back"
  cmp "$dir/in" "$dir/back"
  copy -O "$dir/in" "agent@127.0.0.1:$dir/there2"
  cmp "$dir/in" "$dir/there2"
}

# --- The end ------------------------------------------------------------------------------------

@test "SIGTERM hangs up the sessions and ends the server within 3 s" {
  server_start
  client -tt "trap 'echo hup >$dir/hup; exit' HUP; echo up >$dir/up; while :; do sleep 0.1; done" </dev/null >/dev/null 2>&1 3>&- &
  session=$!
  await 10 test -e "$dir/up"
  start=$(date +%s%N)
  kill -TERM "$server_pid"
  wait "$server_pid"
  (($(date +%s%N) - start < 3000000000))
  await 3 test -e "$dir/hup"
  run wait $session
  ! client true
}

@test "options: help, version, and one line for what is wrong" {
  server_start
  run -0 "$server" --help
  [[ $output == usage:* && $output == *--login-grace* ]]
  run -0 "$server" --version
  [[ $output == "sshd-entry "* ]]
  for bad in "--bogus" "--login-grace 0" "--login-grace 1x" "--max-auth-tries -1" "extra" "--login"; do
    # shellcheck disable=SC2086 # words
    run -2 "$server" $bad
    [ "${#lines[@]}" -eq 1 ]
  done
  for bad in 127.0.0.1 nohost:22 127.0.0.1:port "127.0.0.1:$port"; do
    run -1 "$server" --listen "$bad" --host-key "$dir/home/key2"
    [ "${#lines[@]}" -eq 1 ]
  done
  [ ! -e "$dir/home/key2" ]
}

@test "a handed-in socket is served, whatever --listen says" {
  cat >"$dir/activate.py" <<'PY'
import os, socket, sys
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen()
print(s.getsockname()[1], flush=True)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
PY
  ASAN_OPTIONS=detect_leaks=0 /usr/bin/python3 "$dir/activate.py" "$server" --listen 127.0.0.1:1 \
    --host-key "$dir/home/key" --authorized-keys "$dir/authorized_keys" \
    --agent-socket "$dir/agent.sock" >"$dir/port" 2>"$log" 3>&- &
  server_pid=$!
  await 10 logged 'listening on 127.0.0.1 port [0-9]+ \(inherited\)'
  port=$(cat "$dir/port")
  printf '[127.0.0.1]:%s %s\n' "$port" "$(sed -n 's/.*host key //p' "$log")" >"$dir/known_hosts"
  run -0 client 'env | grep -c LISTEN || true'
  [ "$output" -eq 0 ]
}
