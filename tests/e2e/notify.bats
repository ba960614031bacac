#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `host-agent notify` on a real session bus, a real X server and a real notification daemon.

top=$BATS_TEST_DIRNAME/../..
host_agent=${HOST_AGENT:-$top/build/release/bin/host-agent}
desktop='' # desktop_start says where

setup() {
  load desktop.bash
  desktop_apart
}

teardown() {
  desktop_stop
}

@test "a line is shown: the sandbox's name, the text, urgency critical" {
  everything demo
  echo "Bash: npm test" >"$(fifo demo)"
  await 20 shows 1
  [ "$(shown summary)" = demo ]
  [ "$(shown body)" = "Bash: npm test" ]
  [ "$(shown urgency)" = CRITICAL ]
  [ "$(shown appname)" = host-agent ]
  await 20 screenshot notify
}

@test "a sandbox that comes later is heard, and so is one that comes back" {
  everything
  fifo_make late
  await 20 bridge_holds late
  echo one >"$(fifo late)"
  await 20 has_shown body one

  rm "$(fifo late)"
  mkfifo -m 600 "$(fifo late)"
  await 20 bridge_holds late
  echo two >"$(fifo late)"
  await 20 has_shown body two

  rm -r "$XDG_RUNTIME_DIR/host-agent/late"
  fifo_make late
  await 20 bridge_holds late
  echo three >"$(fifo late)"
  await 20 has_shown body three
}

@test "a FIFO that goes gives up its descriptor, and what was in it is shown" {
  everything demo
  kill -STOP "$(pid bridge)"
  echo last >"$(fifo demo)"
  rm -r "$XDG_RUNTIME_DIR/host-agent/demo"
  kill -CONT "$(pid bridge)"
  await 20 has_shown body last
  held() { readlink "/proc/$(pid bridge)/fd"/* | grep -qE '/notify( \(deleted\))?$'; }
  await 20 not held
}

@test "messages wait for a notification service" {
  bus_start
  fifo_make demo
  bridge_start
  await 20 bridge_holds demo
  echo one >"$(fifo demo)"
  await 20 grep -q "messages wait for a notification service" "$desktop/bridge.log"
  echo two >"$(fifo demo)"
  service_start
  await 20 shows 2
  [ "$(shown body)" = $'one\ntwo' ]
  [ "$(wc -l <"$desktop/bridge.log")" -le 2 ]
}

@test "messages wait for a session bus, and outlive its restart" {
  fifo_make demo
  bridge_start
  await 20 bridge_holds demo
  echo one >"$(fifo demo)"
  await 20 grep -q "no session bus: " "$desktop/bridge.log"
  bus_start
  service_start
  await 20 has_shown body one

  daemon_end dunst || true
  daemon_end bus || true
  rm -f "$XDG_RUNTIME_DIR/bus"
  echo two >"$(fifo demo)"
  bus_start
  service_start
  await 20 has_shown body two
}

@test "a message that a bridge did not live to read is shown by the next one" {
  everything demo
  exec 7<>"$(fifo demo)" # as sshd-entry holds it
  daemon_end bridge KILL || true
  echo patient >"$(fifo demo)"
  bridge_start
  exec 7>&-
  await 20 has_shown body patient
}

@test "after an endless line, a new bridge takes the next one for a line of its own" {
  everything demo
  exec 7<>"$(fifo demo)" # as sshd-entry holds it
  printf '%05000d' 0 >"$(fifo demo)"
  await 20 has_shown_like '^00*…'
  daemon_end bridge KILL || true
  bridge_start
  await 20 bridge_holds demo
  await 20 not awaits_more
  echo next >"$(fifo demo)"
  exec 7>&-
  await 20 has_shown body next
}

@test "a hundred messages at once are all shown" {
  local i writers=()
  settings 'rate = 100'
  everything demo
  for i in {1..100}; do
    echo "message $i" >"$(fifo demo)" &
    writers+=($!)
  done
  wait "${writers[@]}"
  await 20 shows 100
  [ "$(shown body | sort -V)" = "$(printf 'message %d\n' {1..100})" ]
}

@test "a burst folds: so many a second are shown, the rest are counted" {
  settings 'rate = 3'
  everything demo
  seq 500 >"$(fifo demo)"
  await 20 shows 4
  [ "$(shown body)" = $'1\n2\n3\nand 497 more, the last: 500' ]
}

@test "what waits for a service is bounded, and the oldest are counted" {
  settings 'rate = 1000'
  bus_start
  fifo_make demo
  bridge_start
  await 20 bridge_holds demo
  seq 500 >"$(fifo demo)"
  await 20 is_taken demo
  service_start
  await 20 shows 129
  [ "$(shown body)" = "$(seq 373 500; echo 'and 372 more, the last: 372')" ]
}

@test "a flood from one sandbox keeps no other waiting, and stays within bounds" {
  local flood
  everything loud quiet
  yes "look at me" >"$(fifo loud)" 3>&- &
  flood=$!
  await 20 has_shown summary loud
  echo "heard?" >"$(fifo quiet)"
  await 5 has_shown body "heard?"
  [ "$(awk '/^VmRSS/ { print $2 }' "/proc/$(pid bridge)/status")" -lt 200000 ]
  kill "$flood"
}

@test "noise, escapes, markup and endless lines are shown inert, and disturb no next line" {
  everything demo noise
  { head -c 1000000 /dev/urandom && echo; } >"$(fifo noise)"
  echo quiet >"$(fifo noise)"
  { head -c 1000000 /dev/zero | tr '\0' x && echo; } >"$(fifo demo)"
  printf '\n\033]0;title\a\033[31m<b>bold</b> \342\200\256right &amp; "wrong"\n' >"$(fifo demo)"
  echo plain >"$(fifo demo)"
  await 30 has_shown body plain
  await 30 has_shown_like 'quiet$'
  shown body | iconv -f UTF-8 -t UTF-8 >/dev/null
  [ "$(shown body | LC_ALL=C tr -d '\n' | LC_ALL=C tr -cd '[:cntrl:]' | wc -c)" -eq 0 ]
  has_shown body '�]0;title��[31m&lt;b&gt;bold&lt;/b&gt; �right &amp;amp; &quot;wrong&quot;'
  shown body | grep -qE '^x{399}…$'
  kill -0 "$(pid bridge)"
}

@test "a line without its newline is shown all the same" {
  everything demo
  printf unfinished >"$(fifo demo)"
  await 20 has_shown body unfinished
}

@test "what is no FIFO of ours is refused" {
  everything
  mkdir -m 700 "$XDG_RUNTIME_DIR/host-agent"/{file,link}
  echo precious >"$XDG_RUNTIME_DIR/host-agent/file/notify"
  mkfifo "$desktop/elsewhere"
  ln -s "$desktop/elsewhere" "$XDG_RUNTIME_DIR/host-agent/link/notify"
  await 20 grep -q "no messages from file: its FIFO is no FIFO of yours" "$desktop/bridge.log"
  await 20 grep -q "no messages from link: its FIFO" "$desktop/bridge.log"
  [ "$(cat "$XDG_RUNTIME_DIR/host-agent/file/notify")" = precious ]
  fifo_make good
  await 20 bridge_holds good
}

@test "a service that hangs holds up neither the FIFOs nor the end" {
  settings 'rate = 50'
  everything demo
  kill -STOP "$(pid dunst)"
  seq 1 50 >"$(fifo demo)"
  await 20 is_read demo
  kill -CONT "$(pid dunst)"
  await 30 shows 50

  kill -STOP "$(pid dunst)"
  echo lost >"$(fifo demo)"
  await 20 is_read demo
  SECONDS=0
  daemon_end bridge
  ((SECONDS < 20)) # a call over the bus waits for 25
  kill -CONT "$(pid dunst)"
}

@test "only one bridge runs; the second says so" {
  everything demo
  run "$host_agent" notify
  [ "$status" -eq 0 ]
  [ "$output" = "host-agent: notify: runs already" ]
  daemon_end bridge KILL || true
  bridge_start
  await 20 bridge_holds demo # no lock outlives its holder
}

@test "SIGTERM and SIGINT end it with status 0" {
  local signal
  for signal in TERM INT; do
    bridge_start
    await 20 catches "$(pid bridge)"
    daemon_end bridge "$signal"
    [ ! -s "$desktop/bridge.log" ]
  done
}

@test "it ends when its lock is gone: the next one would not know of it" {
  everything demo
  rm -r "$XDG_RUNTIME_DIR/host-agent"
  daemon_wait bridge
  grep -q "my lock is gone" "$desktop/bridge.log"
}

@test "wrong usage" {
  run "$host_agent" notify now
  [ "$status" -eq 2 ]
  run "$host_agent" notify --loud
  [ "$status" -eq 2 ]
}

# Is the line that demo's last mark is in to go on? A new bridge gives it a second.
awaits_more() {
  grep '"spool"' "$XDG_STATE_HOME/host-agent/.notify/journal" | tail -n 1 | grep -q '"more":true'
}

# Does PID handle SIGTERM by now?
catches() {
  (((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status") >> 14) & 1))
}

# A body that matches the pattern.
has_shown_like() {
  shown body | grep -q -- "$1"
}
