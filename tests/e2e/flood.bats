#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Nothing that was accepted is lost: the bridge under load, killed, and flooded.

top=$BATS_TEST_DIRNAME/../..
host_agent=${HOST_AGENT:-$top/build/release/bin/host-agent}
desktop='' # desktop_start says where

setup() {
  load desktop.bash
  desktop_apart
  state=$XDG_STATE_HOME/host-agent/.notify
  journal=$state/journal
  # What is to be repeated: FLOOD_SEED=… bats tests/e2e/flood.bats
  RANDOM=${FLOOD_SEED:=$RANDOM}
  echo "FLOOD_SEED=$FLOOD_SEED"
}

teardown() {
  exec 7>&-
  desktop_stop
}

# Holds the FIFO of SANDBOX open, as sshd-entry does: it outlives the bridge.
hold() {
  exec 7<>"$(fifo "$1")"
}

writers() {
  "$top/tests/tools/fifo-writers" "$(fifo demo)" "$@" --seed "$FLOOD_SEED" 3>&- 7>&-
}

# Kills the bridge, COUNT times, each a random while of up to MS after its start. The journal as each
# kill left it is kept: the next start leaves out what is long over.
kill_bridge() { # COUNT MS
  local i
  mkdir -p "$desktop/left"
  for ((i = 0; i < $1; i++)); do
    sleep "$(printf '0.%03d' $((RANDOM % $2)))"
    daemon_end bridge KILL || true
    cp "$journal" "$desktop/left/$i"
    bridge_start
  done
}

# The bridge reads all there is, and ends; the next one writes the journal anew as it adds up.
settle() {
  local i
  for i in 1 2; do
    await 20 bridge_holds demo
    await 30 is_taken demo
    daemon_end bridge
    bridge_start
  done
  await 20 bridge_holds demo
  daemon_end bridge
}

# How many messages wait, counted ones too.
waiting() {
  jq -s '[.[] | select(.message and (.state // "waiting") == "waiting") | .fold // 1] | add // 0' "$journal"
}

# The numbers of the lines that got a record of their own, from all journals, one a record.
numbers() {
  cat "$desktop/left"/* "$journal" |
    jq -rR 'fromjson? | select(.message and (.fold // 0) == 0) | "\(.id) \(.message.text)"' |
    sort -u | cut -d' ' -f2
}

# kill_under_load COUNT MS WRITERS'S ARGUMENTS: sets `accepted`, the lines that the FIFO took.
kill_under_load() {
  local load
  fifo_make demo
  hold demo
  bridge_start
  await 20 bridge_holds demo
  writers "${@:3}" >"$desktop/accepted" &
  load=$!
  kill_bridge "$1" "$2"
  wait "$load"
  settle
  accepted=$(<"$desktop/accepted")
  echo "accepted $accepted, waiting $(waiting)"
}

@test "killed a hundred times under load: each accepted line is in the journal, and once" {
  settings 'rate = 1000'
  kill_under_load 100 250 5 1000 --rate 300
  [ "$(numbers | wc -l)" -eq "$accepted" ]
  [ "$(numbers | sort -u | wc -l)" -eq "$accepted" ]
  [ "$(waiting)" -eq "$accepted" ]
}

@test "the same with bursts that fold, and pipes that are full" {
  kill_under_load 50 100 20 2000 --longest 4096
  [ "$(waiting)" -eq "$accepted" ]
}

is_alive() { # not as a zombie
  readlink "/proc/$(pid bridge)/exe" >/dev/null
}

# Where a kill comes is up to chance above. Here it is each system call that changes something.
@test "killed at each of its steps, it neither loses nor doubles a message" {
  local step
  settings 'rate = 1000'
  fifo_make demo
  hold demo
  bridge_start
  await 20 bridge_holds demo
  seq 128 >"$(fifo demo)" # as many as a sandbox's lane holds
  await 20 is_taken demo
  daemon_end bridge
  cp -r "$state" "$desktop/base"
  for ((step = 1; ; step++)); do
    rm -r "$state"
    cp -r "$desktop/base" "$state"
    daemon bridge strace -D -qq -f -o /dev/null -e trace=write,splice,unlink,rename,ftruncate \
      -e "inject=write,splice,unlink,rename:signal=KILL:when=$step" "$host_agent" notify
    printf '%s\n' a b "a longer one" >&7
    printf 'half a li' >&7
    await 20 eval 'is_read demo || not is_alive'
    echo ne >&7
    await 20 eval 'is_taken demo || not is_alive'
    ! is_alive || break
    daemon_wait bridge || true
    bridge_start
    settle
    echo "killed at step $step, $(waiting) messages wait"
    [ "$(waiting)" -eq 132 ]
  done
  daemon_end bridge KILL || true
  ((step > 10)) # or strace hit nothing
}

@test "killed while it shows: each line is shown, and no more of them twice than there were kills" {
  local round load
  settings 'rate = 1000'
  bus_start
  service_start
  await 20 service_is_up
  fifo_make demo
  hold demo
  bridge_start
  await 20 bridge_holds demo
  # No more at a time than wait without being counted, however long it takes to show them.
  for round in {1..10}; do
    writers 5 20 --rate 80 --first $((20 * round)) >/dev/null &
    load=$!
    kill_bridge 5 300
    wait "$load"
    await 20 eval '(($(shown_numbers | sort -u | wc -l) == 100 * round))'
  done
  echo "shown twice: $(shown_numbers | sort | uniq -d | wc -l)"
  (($(shown_numbers | wc -l) <= 10 * (100 + 5)))
}

shown_numbers() {
  shown body | grep -oE '^[0-9]+-[0-9]+'
}

# The count of a fold goes up while its flood lasts, and starts again after one.
counted() {
  shown body | sed -nE 's/^and ([0-9]+) more.*/\1/p' |
    awk '$1 <= last { sum += last } { last = $1 } END { print sum + last }'
}

@test "10,000 messages from 100 writers at once are shown or counted, each of them" {
  everything demo
  [ "$(writers 100 100 --longest 4096)" -eq 10000 ]
  await 60 eval '(($(shown_numbers | wc -l) + $(counted) == 10000))'
  sleep 1.5 # another fold would have come by now
  (($(shown_numbers | wc -l) + $(counted) == 10000))
  (($(shown_numbers | wc -l) < 200))
}

# Each writer of a shell's own kind, as a hook is.
@test "a hundred shells that echo are all heard" {
  local i
  settings 'rate = 1000'
  everything demo
  for i in {0..99}; do
    sh -c 'for j in 0 1 2; do echo "$1-$j" >"$2"; done' sh "$i" "$(fifo demo)" 3>&- &
  done
  await 20 eval '(($(shown_numbers | wc -l) + $(counted) == 300))'
}

# In KiB; of a file or a directory.
disk_use() {
  du -sk "$1" | cut -f1
}

memory_use() {
  awk '/^VmRSS/ { print $2 }' "/proc/$(pid bridge)/status"
}

# Has PID written so much? The bridge takes 64 KiB of a flood four times a second.
has_written() { # PID BYTES
  (($(awk '/^wchar/ { print $2 }' "/proc/$1/io") >= $2))
}

# floods CMD...: CMD writes a good deal into the FIFO, while no service is there.
floods() {
  local before flood part
  fifo_make demo
  hold demo
  bridge_start
  await 20 bridge_holds demo
  before=$(memory_use)
  "$@" >"$(fifo demo)" 3>&- 7>&- &
  flood=$!
  for part in 1 2 3 4 5; do
    await 20 has_written "$flood" $((part * 256 * 1024))
    echo "memory $(memory_use) KiB, disk $(disk_use "$state") KiB"
  done
  kill "$flood"
  (($(memory_use) < before + 8192))
  (($(disk_use "$journal") <= 1280))
  (($(disk_use "$state") < $(disk_use "$journal") + 768))
  (($(wc -l <"$desktop/bridge.log") < 5))
}

@test "an endless flood of lines takes neither memory nor disk" {
  floods yes "look at me"
}

@test "nor does one of lines that are never quite whole" {
  floods perl -e 'print "x" x 1000, "\n" while 1'
}

@test "nor one that has no line at all" {
  floods cat /dev/zero
}

@test "nor one of large objects" {
  floods yes "{\"text\":\"$(printf %300s x)\",\"cwd\":\"/$(printf %950s x | tr ' ' y)\",\"session\":\"s\"}"
}

# Switches of all its threads.
switches() {
  awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$(pid bridge)/task"/*/status
}

sleeps() { # SECONDS
  local before
  before=$(switches)
  sleep "$1"
  echo "woken $(($(switches) - before)) times"
  [ "$(switches)" -eq "$before" ]
}

# From when a line's rest, a fold and libnotify's own time are over.
stays_asleep() {
  await 20 eval 'is_taken demo'
  await 20 sleeps 1.5
  sleeps 5
}

@test "idle it sleeps, with a bus and without" {
  everything demo
  stays_asleep
  echo one >"$(fifo demo)"
  await 20 has_shown body one
  stays_asleep
  daemon_end bridge
  daemon_end dunst || true
  daemon_end bus || true
  rm -f "$XDG_RUNTIME_DIR/bus"
  bridge_start
  await 20 bridge_holds demo
  stays_asleep
}
