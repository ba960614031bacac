#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: what runs, and its terminal

load server.bash

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
  [ "$(client "sleep 600 & echo \$! >$dir/sleeps; echo done")" = "done" ]
  [ "$(client -tt "trap '' HUP; sleep 600 & echo \$! >>$dir/sleeps; echo done" </dev/null | tr -d '\r')" = "done" ]
  client "yes & echo \$! >$dir/yes; echo done" | head -c 10 >/dev/null
  ((SECONDS - start < 200))
  # Of what comes so soon nothing is lost, if it does come so soon.
  await 10 eval "[ \"\$(client '(sleep 0.1; echo late) & echo early')\" = \$'early\\nlate' ]"
  kill $(<"$dir/sleeps")
  kill "$(<"$dir/yes")" || true # it may have noticed
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
  run timeout 600 "$BATS_TEST_DIRNAME/../tools/rude-client" "$port" "$dir/id"
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
  run -0 timeout 600 "$BATS_TEST_DIRNAME/../tools/rude-client" "$port" "$dir/id" signal_right_behind
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
  run -0 timeout 300 /usr/bin/python3 - "$port" "$dir/id" <<'PY'
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
