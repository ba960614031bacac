#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: what a terminal's programs tell
# the user goes to the FIFO too, with --terminal-messages

load server.bash

setup() {
  server_prepare
  mkfifo "$dir/fifo"
  exec {fifo}<>"$dir/fifo"
}

teardown() {
  exec {fifo}<&-
  server_end
}

# SET: osc, bell or both.
watched_start() { # SET [OPTION]...
  server_start --hold-fifo "$dir/fifo" --terminal-messages "$@"
}

# COMMAND on a terminal. When it has ended, whatever it had to say is in the FIFO.
on_terminal() { # COMMAND
  client -tt "$1" </dev/null
}

# The next line, without the client's port, which goes to $from.
heard() {
  local line
  IFS= read -r -t 60 line <&"$fifo"
  from=$(grep -o '"client":[0-9]*' <<<"$line")
  from=${from#*:}
  hear=${line/,\"client\":$from/}
}

# All that is there.
heard_all() {
  echo end >&"$fifo"
  while IFS= read -r -t 60 line <&"$fifo" && [[ $line != end ]]; do
    echo "$line"
  done
}

heard_nothing() {
  [ -z "$(heard_all)" ]
}

@test "OSC 9 and OSC 777 become a line of JSON each, with the client's port" {
  watched_start osc
  on_terminal 'echo "$SSH_CONNECTION"; printf "\033]9;hello\a"' >"$dir/out"
  heard
  [ "$hear" = '{"event":"Terminal","text":"hello"}' ]
  [ "$from" = "$(head -1 "$dir/out" | cut -d ' ' -f 2)" ]
  logged "connection from 127.0.0.1 $from "
  on_terminal 'printf "\033]9;one\033\\\\\033]777;notify;A title;and text\a\033]777;notify;only\033\\\\"'
  heard
  [ "$hear" = '{"event":"Terminal","text":"one"}' ]
  heard
  [ "$hear" = '{"event":"Terminal","title":"A title","text":"and text"}' ]
  heard
  [ "$hear" = '{"event":"Terminal","title":"only"}' ]
  on_terminal 'printf "\033]0;title\a\033]9;4;1;50\a\033]52;c;eA==\a\a"'
  heard_nothing
}

@test "a message may come in pieces" {
  watched_start osc
  on_terminal 'for c in "\033" "]" 9 ";" he llo " w" "\342" "\202" "\254" "\033" "\\\\" x; do printf "$c"; sleep 0.05; done'
  heard
  [ "$hear" = '{"event":"Terminal","text":"hello w€"}' ]
  heard_nothing
}

@test "BEL is a message, once a second; one that ends an OSC is none" {
  watched_start bell,osc
  on_terminal 'printf "\033]0;title\a"'
  heard_nothing
  on_terminal 'date +%s; printf "\a"; for i in 1 2 3 4 5; do sleep 0.01; printf "x\a"; done; date +%s' >"$dir/out"
  heard
  [ "$hear" = "{\"event\":\"Terminal\",\"text\":\"The bell rang\",\"key\":\"bell-$from\"}" ]
  # No other one, unless it took that long.
  mapfile -t took < <(tr -dc '0-9\n' <"$dir/out" | grep .)
  (($(heard_all | wc -l) <= took[1] - took[0]))
  # It goes on, once a second.
  client -tt 'while sleep 0.1; do printf "\a"; done' </dev/null >/dev/null 3>&- &
  for n in 1 2 3; do
    heard
    [[ $hear == *'"The bell rang"'* ]]
  done
  server_stop
  wait $! || true
}

@test "only what was asked for: osc, bell, neither" {
  both='printf "\033]9;hello\a\a"'
  watched_start bell
  on_terminal "$both"
  [[ $(heard_all) =~ ^'{"event":"Terminal","text":"The bell rang",'[^{]*$ ]]
  server_stop
  watched_start osc
  on_terminal "$both"
  [[ $(heard_all) =~ ^'{"event":"Terminal","text":"hello",'[^{]*$ ]]
  server_stop
  server_start --hold-fifo "$dir/fifo"
  on_terminal "$both"
  heard_nothing
}

@test "without a terminal nothing is looked at, nor is what the client sends" {
  watched_start osc,bell
  client 'printf "\033]9;hello\a\a"; printf "\033]9;hello\a\a" >&2' >"$dir/out" 2>&1
  [ "$(tr -dc '\a' <"$dir/out" | wc -c)" -eq 4 ]
  printf '\033]9;hello\a\a\n' | client -tt 'stty -echo; echo ready; read line; echo got' >"$dir/out"
  grep -q got "$dir/out"
  # What was typed before the echo was off came back, as ^[ and ^G.
  heard_nothing
}

@test "what a program says stays within its string" {
  watched_start osc
  on_terminal 'printf "\033]9;x\",\"event\":\"Stop\",\"client\":1,\"y\":\"\\\\\n\377\302\233 z\a"'
  heard_all >"$dir/lines"
  cat "$dir/lines"
  [ "$(wc -l <"$dir/lines")" -eq 1 ]
  jq -e '.event == "Terminal" and .text == "x\",\"event\":\"Stop\",\"client\":1,\"y\":\"\\ z" and keys == ["client", "event", "text"]' "$dir/lines"
  # The longest that there can be is still one write.
  on_terminal '/usr/bin/python3 -c "
import sys
long = \"\\U0001f642\" * 5000
sys.stdout.write(f\"\\033]777;notify;T\\\"{long[:90]};{long}\\a\")"'
  heard_all >"$dir/lines"
  [ "$(wc -l <"$dir/lines")" -eq 1 ]
  [ "$(wc -c <"$dir/lines")" -le 4096 ]
  jq -e '(.title | length) == 81 and (.text | length) == 401 and (.text | endswith("…"))' "$dir/lines"
}

@test "every byte reaches the client as it was" {
  watched_start osc,bell
  { head -c 3000000 /dev/urandom; printf '\033]9;hello\a\a\033]777;notify;a;b\033\\\033]9;cut'; seq 200000; } >"$dir/in"
  on_terminal "stty -opost; cat $dir/in" >"$dir/out"
  cmp "$dir/in" "$dir/out"
  # Most of the noise is no message, and what is one is a line of JSON.
  heard_all | jq -e .event >/dev/null
}

@test "a flood becomes some messages a second, and the session goes on" {
  watched_start osc,bell
  started=$SECONDS
  on_terminal 'yes "$(printf "\033]9;flood\a\a\033]777;notify;a;b\a")" | head -c 20000000; exit 7' >"$dir/out" || [ $? -eq 7 ]
  [ "$(wc -c <"$dir/out")" -gt 20000000 ]
  heard_all >"$dir/lines"
  count=$(wc -l <"$dir/lines")
  echo "$count lines in $((SECONDS - started)) s"
  ((count >= 5 && count <= 5 * (SECONDS - started + 2)))
  [ "$(grep -c 'dropped: too many$' "$log")" -eq 1 ]
}

# Writes x into it, non-blocking: how many bytes it took.
fill_fifo() { # BYTES AT_ONCE...
  perl -MFcntl -e 'open my $f, "+<", shift or die; fcntl $f, F_SETFL, O_NONBLOCK;
    for (@ARGV) { $n += syswrite($f, "x" x $_) // 0 } print $n' "$dir/fifo" "$@"
}

@test "nobody reads the FIFO: a quarter of it may wait, the rest is for the agent's hooks" {
  watched_start osc
  [ "$(fill_fifo 4096 4096 4096 4096)" -eq 16384 ]
  on_terminal 'printf "\033]9;last\a\033]9;too late\a"; echo done' | grep -q done
  logged 'dropped: nobody reads the FIFO$'
  heard_all >"$dir/lines"
  [[ $(<"$dir/lines") =~ ^x{16384}'{"event":"Terminal","text":"last","client":'[0-9]+'}'$ ]]
  on_terminal 'printf "\033]9;hello\a"' >/dev/null
  heard
  [ "$hear" = '{"event":"Terminal","text":"hello"}' ]
}

@test "the FIFO is full: the session is unharmed" {
  watched_start osc,bell
  # shellcheck disable=SC2046 # words
  full=$(fill_fifo $(yes 4096 | head -100))
  [ "$full" -eq 65536 ]
  on_terminal 'printf "\033]9;hello\a\a"; yes | head -c 1000000; echo done' | grep -q '^done'
  [ "$(head -c "$full" <&"$fifo" | tr -d x | wc -c)" -eq 0 ]
  heard_nothing
}

@test "a FIFO that is none: sessions are served all the same" {
  echo text >"$dir/file"
  server_start --hold-fifo "$dir/file" --terminal-messages osc
  logged 'cannot hold the FIFO'
  on_terminal 'printf "\033]9;hello\a"' >/dev/null
  [ "$(cat "$dir/file")" = text ]
}

@test "two sessions of one connection, each in the middle of its own" {
  watched_start osc
  export ctl=$dir/ctl
  client -M -S "$ctl" -N -f </dev/null >/dev/null 2>&1 3>&-
  client -S "$ctl" -tt "printf '\033]9;one '; echo >$dir/up1; while ! [ -e $dir/up2 ]; do sleep 0.05; done; printf 'two\a'" </dev/null >/dev/null 3>&- &
  first=$!
  await 10 test -e "$dir/up1"
  client -S "$ctl" -tt "printf '\033]9;three '; sleep 0.3; echo >$dir/up2; sleep 0.5; printf 'four\a'" </dev/null >/dev/null
  wait $first
  client -S "$ctl" -O exit
  heard_all | jq -r .text >"$dir/texts"
  [ "$(sort "$dir/texts")" = $'one two\nthree four' ]
}

@test "--terminal-messages: its words, and the FIFO that it needs" {
  for bad in '' , osc, ,bell oscbell bel osc,bell,x 'osc|bell' yes; do
    run -2 "$server" --hold-fifo "$dir/fifo" --terminal-messages "$bad"
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == *'give some of osc,bell' ]]
  done
  run -2 "$server" --terminal-messages osc
  [[ $output == *--hold-fifo* ]]
  [ "${#lines[@]}" -eq 1 ]
}
