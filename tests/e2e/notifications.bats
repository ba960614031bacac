#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `host-agent notifications`: what a real bridge has noted.

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
host_agent=${HOST_AGENT:-$top/build/release/bin/host-agent}
desktop='' # desktop_start says where

setup() {
  load desktop.bash
  desktop_apart
  export TZ=UTC-2
}

teardown() {
  desktop_stop
}

notifications() {
  "$host_agent" notifications "$@"
}

# lists FILTER: what is true of the JSON by now.
lists() {
  [[ $(notifications --json | jq "$1") == true ]]
}

with_messages() {
  bus_start
  service_start
  await 20 service_is_up
  fifo_make demo
  fifo_make other
  bridge_start
  await 20 bridge_holds demo
  printf '%s\n' '{"event":"UserPromptSubmit","session":"s"}' 'plain <b>' \
    '{"event":"Stop","title":"api","background":2,"session":"s"}' '{"event":"SubagentStop"}' >"$(fifo demo)"
  await 20 lists 'length == 3 and .[1].state == "shown"'
  echo theirs >"$(fifo other)"
  await 20 lists 'length == 4 and .[3].state == "shown"'
}

@test "the last ones of all sandboxes, the newest last: when, whose, what, and what became of it" {
  with_messages
  run -0 notifications
  [[ ${lines[0]} =~ ^TIME\ +SANDBOX\ \ STATE\ +EVENT\ +TEXT$ ]]
  [[ ${lines[1]} =~ ^$(date +%F)\ [0-9:]{8}\ \ demo\ +shown\ +-\ +plain\ \<b\>$ ]]
  [[ ${lines[2]} =~ \ demo\ +shown\ +Stop\ +api:\ Stopped,\ 2\ tasks\ go\ on$ ]]
  [[ ${lines[3]} =~ \ demo\ +silent\ +SubagentStop\ +A\ subagent\ completed$ ]]
  [[ ${lines[4]} =~ \ other\ +shown\ +-\ +theirs$ ]]
  [ "${#lines[@]}" -eq 5 ]
  run -0 notifications -n 1
  [[ ${lines[1]} == *theirs ]]
  [ "${#lines[@]}" -eq 2 ]
  run -0 notifications other
  [ "${#lines[@]}" -eq 2 ]
}

@test "--json: the message by its schema, with id, time, sandbox and state" {
  with_messages
  [ "$(notifications --json -n 2 demo | jq -c '.[0] | del(.time)')" = \
    '{"event":"Stop","title":"api","session":"s","background":2,"id":3,"sandbox":"demo","state":"shown"}' ]
  lists '[.[].id] == ([.[].id] | sort)'
  lists 'all(.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+]02:00$"))'
  lists "(.[0].time | .[:19] | strptime(\"%FT%T\") | mktime) - 7200 - $(date +%s) | fabs < 60"
}

@test "what waits is listed, and a burst as one" {
  fifo_make demo
  bridge_start
  await 20 bridge_holds demo
  seq 100 >"$(fifo demo)"
  await 20 lists 'any(.fold > 50) and (all(.state == "waiting"))'
  run -0 notifications
  [[ $output == *"and "[0-9]*" more"* ]]
}

@test "where no bridge ever ran there is nothing to list" {
  run -0 notifications --json
  [ "$(jq -c . <<<"$output")" = '[]' ]
  run -0 notifications
  [ "${#lines[@]}" -eq 1 ]
}

@test "wrong usage" {
  for arguments in "-n 0" "-n x" "--loud" "demo other" "../x"; do
    # shellcheck disable=SC2086 # words
    run -2 notifications $arguments
    [ "${#lines[@]}" -eq 1 ]
  done
}
