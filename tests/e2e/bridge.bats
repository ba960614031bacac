#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What `host-agent notify` makes of a message: what it replaces and takes away, how it looks, when it
# is shown. On a real bus, with a real notification daemon.

bats_require_minimum_version 1.5.0
top=$BATS_TEST_DIRNAME/../..
host_agent=${HOST_AGENT:-$top/build/release/bin/host-agent}
desktop='' # desktop_start says where

setup() {
  load desktop.bash
  desktop_apart
  export TZ=UTC
}

teardown() {
  desktop_stop
}

say() { # LINE [SANDBOX]
  printf '%s\n' "$1" >"$(fifo "${2-demo}")"
}

# The id that the service gave to the notification with this body.
id_of() {
  sed -nE "/^[[:space:]]*body: '/h; /^[[:space:]]*id: /{G;s/.*id: ([0-9]+)\n[[:space:]]*body: '(.*)'\$/\1 \2/p}" \
    "$desktop/dunst.log" | sed -n "s/^\([0-9]*\) $1\$/\1/p" | tail -n1
}

@test "a session's newer message takes the place of its older one, the very first included" {
  everything demo
  monitor_start
  say '{"event":"Notification","session":"s","text":"one"}'
  await 20 has_shown body one
  say '{"event":"Stop","session":"s","text":"two"}'
  await 20 has_shown body two
  say '{"event":"Stop","session":"other","text":"three"}'
  await 20 has_shown body three
  say '{"event":"Stop","session":"s","text":"four"}'
  await 20 has_shown body four
  has_called "Notify $(id_of one)|dialog-information|demo|two|2|complete"
  has_called "Notify 0|dialog-information|demo|three|2|complete"
  has_called "Notify $(id_of two)|dialog-information|demo|four|2|complete"
  displayed 2
}

@test "a session is its sandbox's own: another sandbox replaces and withdraws nothing of it" {
  everything demo other
  monitor_start
  say '{"event":"Stop","session":"s","text":"one"}'
  await 20 has_shown body one
  say '{"event":"Stop","session":"s","text":"two"}' other
  await 20 has_shown body two
  say '{"event":"UserPromptSubmit","session":"s"}' other
  await 20 has_called "CloseNotification $(id_of two)"
  ! has_called "CloseNotification $(id_of one)"
  [ "$(calls | grep -c '^Notify 0|')" -eq 2 ]
  displayed 1
}

@test "a key replaces what has the same key, whatever the session" {
  everything demo
  monitor_start
  say '{"session":"s","key":"k","text":"one"}'
  await 20 has_shown body one
  say '{"session":"t","key":"k","text":"two"}'
  await 20 has_shown body two
  displayed 1
  say plain
  await 20 has_shown body plain
  displayed 2
}

@test "a prompt takes the session's notification away, the very first included" {
  everything demo
  monitor_start
  say '{"event":"Stop","session":"s","text":"one"}'
  await 20 has_shown body one
  say '{"event":"UserPromptSubmit","session":"s"}'
  await 20 has_called "CloseNotification $(id_of one)"
  await 20 displayed 0
  say '{"event":"Stop","session":"s","text":"two"}'
  await 20 has_shown body two
  displayed 1
  ! has_shown body "UserPromptSubmit"
}

@test "a prompt withdraws what waits, too" {
  bus_start
  fifo_make demo
  bridge_start
  await 20 bridge_holds demo
  say '{"event":"Stop","session":"s","text":"old"}'
  say '{"event":"UserPromptSubmit","session":"s"}'
  say last
  await 20 is_taken demo
  service_start
  await 20 has_shown body last
  ! has_shown body old
}

# The service is slow to come: meanwhile the session is prompted, and stops again.
@test "a prompt takes nothing away that came after it" {
  everything demo
  monitor_start
  kill -STOP "$(pid dunst)"
  daemon_end bridge
  bridge_start
  await 20 bridge_holds demo
  say '{"event":"Stop","session":"s","text":"old"}'
  await 20 eval 'grep -c member=GetCapabilities "$desktop/monitor.log" | grep -qv "^0$"'
  say '{"event":"UserPromptSubmit","session":"s"}'
  say '{"event":"Stop","session":"s","text":"new"}'
  await 20 is_taken demo
  kill -CONT "$(pid dunst)"
  await 20 has_shown body new
  say last
  await 20 has_shown body last
  displayed 2
}

@test "each event looks and sounds its own; the settings say how urgent, a message may only be less" {
  settings 'rate = 100' 'stop = normal'
  everything demo
  monitor_start
  say '{"event":"Stop","text":"1"}'
  say '{"event":"StopFailure","text":"2"}'
  say '{"event":"PermissionRequest","text":"3"}'
  say '{"event":"Terminal","text":"4"}'
  say '{"event":"Stop","text":"5","urgency":"critical"}'
  say '{"event":"StopFailure","text":"6","urgency":"low"}'
  say '{"event":"SubagentStop","text":"7"}'
  say '{"text":"8","urgency":"low"}'
  await 20 has_shown body 8
  [ "$(calls | sort -t'|' -k4,4)" = 'Notify 0|dialog-information|demo|1|1|complete
Notify 0|dialog-error|demo|2|2|dialog-error
Notify 0|dialog-question|demo|3|2|dialog-question
Notify 0|utilities-terminal|demo|4|1|bell-terminal
Notify 0|dialog-information|demo|5|1|complete
Notify 0|dialog-error|demo|6|0|dialog-error
Notify 0|dialog-information|demo|8|0|message-new-instant' ]
}

@test "an icon and no sound, when the settings say so" {
  settings 'sound = no' 'icon = face-cool'
  everything demo
  monitor_start
  say '{"event":"StopFailure","text":"1"}'
  await 20 has_called 'Notify 0|face-cool|demo|1|2|'
}

@test "a title stands behind the sandbox's name: it passes for no other's" {
  everything demo
  say '{"title":"other: all is well","text":"1"}'
  say '{"title":"\nother","text":"2"}'
  say '{"title":"<i>x</i>","text":"<b>3</b> & <img src=\"x\">"}'
  await 20 shows 3
  [ "$(shown summary)" = $'demo: other: all is well\ndemo: other\ndemo: <i>x</i>' ]
  has_shown body '&lt;b&gt;3&lt;/b&gt; &amp; &lt;img src=&quot;x&quot;&gt;'
}

@test "a stop says what goes on in the background, and an event has words of its own" {
  settings 'rate = 100'
  everything demo
  say '{"event":"Stop","text":"tests pass","background":2}'
  say '{"event":"Stop","background":1}'
  say '{"event":"Notification"}'
  await 20 shows 3
  [ "$(shown body)" = $'tests pass (2 tasks go on)\nStopped, 1 task goes on\nWaits for you' ]
}

@test "what was short is not worth a word, when the settings say so; an error always is" {
  settings 'min_duration = 60'
  everything demo
  say '{"event":"UserPromptSubmit","session":"s"}'
  say '{"event":"Stop","session":"s","text":"brief"}'
  say '{"event":"UserPromptSubmit","session":"s"}'
  say '{"event":"StopFailure","session":"s","text":"error"}'
  say '{"event":"Stop","session":"unknown","text":"of whom nothing is known"}'
  await 20 has_shown body "of whom nothing is known"
  has_shown body error
  ! has_shown body brief
}

# minutes FROM TO: a range about now, as the settings take it.
minutes() {
  local now
  now=$(date +%s)
  echo "$(date -d "@$((now + $1 * 60))" +%H:%M)-$(date -d "@$((now + $2 * 60))" +%H:%M)"
}

# Makes all that waits come at TIME, seconds since 1970. The bridge is not running.
backdate() {
  sed -i -E "s/\"time\":[0-9]+/\"time\":$(($1 * 1000))/" "$XDG_STATE_HOME/host-agent/.notify/journal"
}

@test "quiet hours: messages wait, and are shown when the settings end them, with their own time" {
  local then
  settings "quiet = $(minutes -60 60)"
  everything demo
  say one
  await 20 is_taken demo
  daemon_end bridge
  then=$(($(date +%s) - 7200))
  backdate "$then"
  bridge_start
  await 20 bridge_holds demo
  say two
  await 20 is_taken demo
  sleep 0.5
  [ "$(shown body)" = "" ]
  settings "quiet = $(minutes 60 120)"
  await 20 shows 2
  [ "$(shown body)" = "one ($(date -d "@$then" +%H:%M))"$'\n'two ]
}

# Makes the sandbox demo one that may ask, and `ask` its way to do so.
asking() {
  export HOST_AGENT_ASK=$XDG_RUNTIME_DIR/host-agent/demo/ask/ask
  (umask 077 && mkdir -p "${HOST_AGENT_ASK%/*}")
  fifo_make demo
  await 20 test -S "$HOST_AGENT_ASK"
}

ask() {
  timeout 300 "$top/build/release/bin/ask" '{"event":"PermissionRequest","text":"may I"}'
}

@test "a question that its user closes does not wait any longer" {
  local asker status=0
  settings 'answer_timeout = 500'
  everything
  asking
  ask 3>&- &
  asker=$!
  await 20 shows 1
  desk dunstctl close
  wait "$asker" || status=$?
  [ "$status" -eq 1 ]
}

@test "a question that nobody can be shown does not wait, and is told later" {
  settings 'answer_timeout = 500'
  bus_start
  bridge_start
  asking
  run -1 ask
  service_start
  await 20 has_shown body "may I"
}

@test "quiet hours: a question is not taken, so that its hook does not wait" {
  local ask=$XDG_RUNTIME_DIR/host-agent/demo/ask question='{"event":"PermissionRequest","text":"may I"}'
  settings "quiet = $(minutes -60 60)" 'answer_timeout = 500'
  everything
  (umask 077 && mkdir -p "$ask")
  fifo_make demo
  await 20 test -S "$ask/ask"
  run -2 timeout 300 env HOST_AGENT_ASK="$ask/ask" "$top/build/release/bin/ask" "$question"
  [ -z "$output" ]
  settings 'answer_timeout = 1'
  taken() {
    run timeout 300 env HOST_AGENT_ASK="$ask/ask" "$top/build/release/bin/ask" "$question"
    [ "$status" -eq 1 ]
  }
  await 10 taken
}

@test "settings are read anew; those that make no sense are told, once, and the last ones hold" {
  local config
  everything demo
  config=$XDG_CONFIG_HOME/host-agent/config.ini
  settings 'message = low'
  await 20 eval 'say probe; await 5 has_shown body probe; [[ $(shown urgency | tail -n1) == LOW ]]'
  settings 'message = loud'
  await 20 grep -q "message = loud is not one of off, low, normal, critical: the last settings hold" "$desktop/bridge.log"
  sleep 1
  say still
  await 20 has_shown body still
  [ "$(shown urgency | tail -n1)" = LOW ]
  [ "$(wc -l <"$desktop/bridge.log")" -eq 1 ]
  echo '[notify]' >"$config" # written in place, as an editor may
  await 20 eval 'say again; await 5 has_shown body again; [[ $(shown urgency | tail -n1) == CRITICAL ]]'
  rm "$config"
  await 20 not test -e "$config"
  kill -0 "$(pid bridge)"
}

@test "what waits outlives the bridge's end and its kill, and is shown with its own time, in order" {
  local then
  bus_start
  fifo_make demo
  bridge_start
  await 20 bridge_holds demo
  say one
  await 20 is_taken demo
  daemon_end bridge
  bridge_start
  await 20 bridge_holds demo
  say two
  await 20 is_taken demo
  daemon_end bridge KILL || true
  then=$(($(date +%s) - 300))
  backdate "$then"
  bridge_start
  service_start
  await 20 shows 2
  then=$(date -d "@$then" +%H:%M)
  [ "$(shown body)" = "one ($then)"$'\n'"two ($then)" ]
  daemon_end bridge
  bridge_start
  await 20 bridge_holds demo
  say three
  await 20 has_shown body three
  [ "$(shown body | wc -l)" -eq 3 ] # shown is shown
}

@test "a service that restarts shows what comes then, and nothing twice" {
  everything demo
  say one
  await 20 has_shown body one
  daemon_end dunst || true
  mv "$desktop/dunst.log" "$desktop/dunst-1.log"
  say two
  await 20 is_taken demo
  service_start
  await 20 has_shown body two
  say three
  await 20 has_shown body three
  [ "$(shown body)" = $'two\nthree' ]
}
