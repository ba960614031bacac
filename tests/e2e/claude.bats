#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Claude Code itself in a sandbox: its own hooks make notifications on the desktop, through sandbox,
# FIFO and bridge, as `host-agent up` sets them up. Stand-ins are the messages API and, where a test
# reads the hooks' own lines or answers a question, the host's end of the FIFO and of the socket.

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
host_agent=${HOST_AGENT:-$top/build/release/bin/host-agent}
name=e2e-claude
desktop='' # desktop_start says where

setup_file() {
  export work=$BATS_FILE_TMPDIR HOST_AGENT_DATADIR=$top
  export project=$work/project
  mkdir -p "$work/config/host-agent" "$project"
  printf '[ssh]\ninclude = no\n[sandbox]\nnetwork = none\n' >"$work/config/host-agent/config.ini"
  # Podman's own settings stay where they are.
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$work/config/containers"
  export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
  bin=$host_agent load launcher.bash
  runtime_apart "$work/run"
  unset TMUX TMUX_PANE
  cp "$top/tests/tools/messages-api" "$top/tests/tools/answers" "$project"
  agent_script >"$project/agent"
  chmod +x "$project/agent"
}

# Runs the agent in the sandbox, with nothing of the network but the stand-in. A FIFO beside it takes
# the place of the sandbox's; `steps` are how the host answers.
agent_script() {
  cat <<'END'
#!/bin/bash
cd "${0%/*}" && rm -f port
./messages-api "$PWD/port" "$PWD/requests" &
if [[ -e steps ]]; then
  export HOST_AGENT_ASK=$PWD/ask
  mapfile -t steps <steps
  ./answers "$PWD/ask" "$PWD/asked" "${steps[@]}" &
fi
[[ ! -p fifo ]] || export HOST_AGENT_FIFO=$PWD/fifo
trap 'kill $(jobs -p)' EXIT
until [[ -s port && (! -e steps || -S ask) ]]; do sleep 0.05; done
export ANTHROPIC_BASE_URL=http://127.0.0.1:$(<port) ANTHROPIC_API_KEY=stand-in
export DISABLE_AUTOUPDATER=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=0
claude "$@"
END
}

setup() {
  load desktop.bash
  desktop_start
  rm -f "$project"/{fifo,steps,ask,asked,made,now}
  bus_start
  service_start
  await 20 service_is_up
  DBUS_SESSION_BUS_ADDRESS=unix:path=$desktop/run/bus "$host_agent" up "$project" -d \
    --name $name 3>&- 4>&-
}

teardown() {
  local pid
  tmux -L e2e-claude kill-server 2>/dev/null || true
  "$host_agent" down --volumes $name || podman rm -f -t 0 "host-agent-$name"
  pid=$(bridge_pid) && kill "$pid" && await 10 bridge_is_gone
  desktop_stop
}

# --- In the sandbox -------------------------------------------------------------------------------

sandbox() { # CMD...
  timeout 120 "$host_agent" ssh $name -- "$@" 3>&- 4>&-
}

# The user's own settings in the sandbox, from stdin.
user_settings() {
  sandbox sh -c 'mkdir -p ~/.claude && cat >~/.claude/settings.json'
}

screen() {
  tmux -L e2e-claude capture-pane -p
}

screen_shows() { # TEXT
  screen | grep -qF -- "$1"
}

type_line() { # TEXT
  tmux -L e2e-claude send-keys -l "$1"
  await 20 screen_shows "$1"
  tmux -L e2e-claude send-keys Enter
}

# The agent in its terminal, which asks before it runs a command.
terminal() {
  sandbox sh -c 'cat >~/.claude.json' <<END
{"hasCompletedOnboarding": true, "customApiKeyResponses": {"approved": ["stand-in"]},
 "messageIdleNotifThresholdMs": 1000,
 "projects": {"$project": {"hasTrustDialogAccepted": true}}}
END
  tmux -L e2e-claude -f /dev/null new-session -d -x 100 -y 40 \
    ssh -F "$XDG_STATE_HOME/host-agent/ssh_config" -tt $name.sandbox \
    "$project/agent" --permission-mode default 3>&- 4>&-
  await 60 screen_shows '❯'
}

# Right after the question shows up, a key may not count as an answer yet.
allow() {
  tmux -L e2e-claude send-keys Enter
  ! screen_shows "Do you want to proceed?"
}

dismiss() {
  tmux -L e2e-claude send-keys Escape
  ! screen_shows "Do you want to proceed?"
}

# --- The hooks' own lines -------------------------------------------------------------------------

listen() {
  mkfifo "$project/fifo"
  exec 7<>"$project/fifo"
}

# heard EVENT: waits for the next line of that event, and prints it.
heard() {
  local line
  while IFS= read -r -t 30 -u 7 line; do
    if [[ $(jq -r .event <<<"$line") == "$1" ]]; then
      echo "$line"
      return
    fi
  done
  echo "heard no $1" >&2
  return 1
}

# All that is there by now: event and text.
heard_so_far() {
  local line
  while IFS= read -r -t 0.5 -u 7 line; do
    jq -r '[.event, .text // empty] | join(": ")' <<<"$line"
  done
}

answered_by() { # STEP...
  printf '%s\n' "$@" >"$project/steps"
}

was_asked() {
  [[ -s $project/asked ]]
}

hooks_are_gone() {
  ! sandbox pgrep -f hooks/ >/dev/null
}

# --- The tests ------------------------------------------------------------------------------------

@test "the agent finishes: its Stop hook shows it, under the sandbox's name" {
  run -0 sandbox "$project/agent" -p hello
  [ "$output" = Done. ]
  await 20 shows 1
  [ "$(shown summary)" = $name ]
  [ "$(shown body)" = Completed ]
  [ "$(shown urgency)" = CRITICAL ]
  await 20 grep -q SessionEnd "$XDG_STATE_HOME/host-agent/.notify/journal"
  displayed 1 # that the session has ended takes nothing back
  grep -q '^POST /v1/messages.* 200$' "$project/requests"
}

@test "the agent asks: its PermissionRequest hook tells what for" {
  run -0 sandbox "$project/agent" -p "run: echo asked >made"
  await 20 shows 2
  [ "$(shown body)" = $'Bash: echo asked &gt;made\nCompleted' ]
  [ ! -e "$project/made" ]
}

@test "a user's own settings do not drop the hooks, nor the hooks the user's own" {
  local hooks
  hooks='"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "touch ~/mine"}]}]}'
  user_settings <<<"{\"disableAllHooks\": true, $hooks}"
  run -0 sandbox "$project/agent" -p hello
  await 20 has_shown body Completed
  user_settings <<<"{$hooks}"
  run -0 sandbox "$project/agent" -p hello
  await 20 shows 2
  [ "$(shown body)" = $'Completed\nCompleted' ]
  sandbox test -e /home/agent/mine
}

@test "in its terminal: the question shows up while it waits, then the end" {
  terminal
  type_line "run: echo allowed >made"
  await 30 has_shown body "Bash: echo allowed &gt;made"
  await 30 screen_shows "Do you want to proceed?"
  [ ! -e "$project/made" ]
  await 30 allow
  await 30 has_shown body Completed
  [ "$(cat "$project/made")" = allowed ]
  await 20 screenshot claude
}

@test "its lines: a prompt, its end, and whose they are" {
  local line session
  listen
  run -0 sandbox "$project/agent" -p hello
  line=$(heard UserPromptSubmit)
  session=$(jq -er .session <<<"$line")
  [ "$(jq -c 'keys - ["client"]' <<<"$line")" = '["cwd","event","session"]' ]
  line=$(heard Stop)
  [ "$(jq -r .session <<<"$line")" = "$session" ]
  [ "$(jq -r .cwd <<<"$line")" = "$project" ]
  [ "$(jq -c 'keys - ["client"]' <<<"$line")" = '["cwd","event","session"]' ]
  [ "$(heard SessionEnd | jq -r .session)" = "$session" ]
  [ -z "$(heard_so_far)" ]
}

@test "its lines: work that goes on when it stops, and a subagent's end" {
  listen
  run -0 sandbox "$project/agent" --allowedTools Bash -p "background: sleep 2"
  [ "$(heard Stop | jq .background)" -eq 1 ]
  [ "$(heard Stop | jq .background)" = null ]
  heard SessionEnd
  run -0 sandbox "$project/agent" -p "delegate: hello"
  [ "$(heard SubagentStop | jq -r '.text, (.key | type)')" = $'general-purpose: Done.\nstring' ]
}

@test "its lines, in its terminal: the connection's port, what failed, that it waits" {
  local line pane
  listen
  terminal
  type_line "fail: 401 authentication_error"
  line=$(heard StopFailure)
  [[ $(jq -r .text <<<"$line") == "Authentication failed: "*401* ]]
  pane=$(tmux -L e2e-claude display -p '#{pane_pid}')
  ss -Htnp "sport = :$(jq .client <<<"$line")" | grep -qF "pid=$pane,"
  [ "$(heard Notification | jq -r .text)" = "Claude is waiting for your input" ]
  type_line "fail: 429 rate_limit_error"
  [[ $(heard StopFailure | jq -r .text) == "Rate limit: "* ]]
  type_line "fail: 529 overloaded_error"
  [[ $(heard StopFailure | jq -r .text) == "Server error: "*529*overloaded* ]]
}

@test "a question is answered from the host while it shows in the terminal" {
  listen
  answered_by 'wait 60' "@$project/now" allow
  terminal
  type_line "run: echo allowed >made"
  await 30 was_asked
  await 30 screen_shows "Do you want to proceed?"
  [ "$(jq -r .text "$project/asked")" = "Bash: echo allowed >made" ]
  [ ! -e "$project/made" ]
  sandbox touch "$project/now"
  heard Stop
  [ "$(cat "$project/made")" = allowed ]
  run ! screen_shows "Do you want to proceed?"
  run ! grep PermissionRequest <(heard_so_far)
}

@test "a question is denied from the host, and the agent is told so" {
  listen
  answered_by 'wait 60' deny
  terminal
  type_line "run: echo allowed >made"
  heard Stop
  [ ! -e "$project/made" ]
  await 10 screen_shows "Denied from the desktop"
}

@test "a question that the host gives up goes on in the terminal" {
  listen
  answered_by 'wait 60' "@$project/now"
  terminal
  type_line "run: echo allowed >made"
  await 30 was_asked
  await 30 screen_shows "Do you want to proceed?"
  sandbox touch "$project/now"
  await 10 hooks_are_gone
  screen_shows "Do you want to proceed?"
  await 30 allow
  heard Stop
  [ "$(cat "$project/made")" = allowed ]
}

@test "a question that is dismissed in the terminal is withdrawn from the host" {
  listen
  answered_by 'wait 60' -
  terminal
  type_line "run: echo allowed >made"
  await 30 was_asked
  await 30 screen_shows "Do you want to proceed?"
  await 30 dismiss
  await 10 grep -qx closed "$project/asked"
  [ ! -e "$project/made" ]
}

# --- The whole way: agent, hook, socket or FIFO, bridge, desktop, and back ------------------------

# answers SECONDS: the bridge reads its settings anew.
answers() {
  sed '/^\[notify\]/,$d' "$XDG_CONFIG_HOME/host-agent/config.ini" >"$work/config.ini"
  printf '[notify]\nanswer_timeout = %s\n' "$1" >>"$work/config.ini"
  mv "$work/config.ini" "$XDG_CONFIG_HOME/host-agent/config.ini"
}

asks() {
  [[ -S $XDG_RUNTIME_DIR/host-agent/$name/ask/ask ]]
}

# The agent asks, in its terminal and on the desktop.
asked() {
  answers 60
  await 10 asks
  terminal
  type_line "run: echo allowed >made"
  await 30 has_shown body "Bash: echo allowed &gt;made"
  await 10 displayed 1
}

@test "a question is answered on the desktop: Allow" {
  asked
  await 20 screenshot question
  [ ! -e "$project/made" ]
  pick Allow
  await 30 has_shown body Completed
  [ "$(cat "$project/made")" = allowed ]
}

@test "a question is answered on the desktop: Deny, once and for that one alone" {
  asked
  pick Deny
  await 30 screen_shows "Denied from the desktop"
  [ ! -e "$project/made" ]
  type_line "run: echo again >made"
  await 30 has_shown body "Bash: echo again &gt;made"
  await 30 screen_shows "Do you want to proceed?"
  [ ! -e "$project/made" ]
}

@test "a question that is answered in the terminal leaves the desktop" {
  asked
  await 30 screen_shows "Do you want to proceed?"
  await 30 dismiss
  await 10 displayed 0
}

@test "a click on a notification selects the tmux window of its session" {
  terminal
  tmux -L e2e-claude new-window
  type_first() { tmux -L e2e-claude send-keys -t :0 "$@"; }
  type_first -l hello
  type_first Enter
  await 30 has_shown body Completed
  [ "$(tmux -L e2e-claude display -p '#{window_index}')" -eq 1 ]
  click
  first() { [[ $(tmux -L e2e-claude display -p '#{window_index}') -eq 0 ]]; }
  await 10 first
}
