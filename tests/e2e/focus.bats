#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `host-agent focus`: real tmux servers, whose windows have real ssh connections to real sandboxes.
# The servers are apart from the user's own, and so are configuration and state.
# shellcheck disable=SC2016,SC2030,SC2031 # what is quoted is meant so; each test is a subshell
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
load launcher.bash

# --- Around the tests -----------------------------------------------------------------------------

setup_file() {
  local name
  export work=$BATS_FILE_TMPDIR HOST_AGENT_DATADIR=$top
  mkdir -p "$work/config/host-agent"
  # Podman's own settings stay where they are.
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$work/config/containers"
  export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
  runtime_apart "$work/run"
  unset TMUX TMUX_PANE SSH_AUTH_SOCK
  configure
  for name in e2e-focus e2e-other; do
    mkdir "$work/$name"
    host_agent up -d "$work/$name"
  done
}

teardown_file() {
  local name
  for name in e2e-focus e2e-other; do
    host_agent down --volumes $name || podman rm -f -t 0 host-agent-$name
  done
  end_bridge
}

setup() {
  export TMUX_TMPDIR=$BATS_TEST_TMPDIR
  config=$XDG_STATE_HOME/host-agent/ssh_config
  port=$(field e2e-focus port)
  configure
  rm -f "$work"/e2e-*/at.*
}

teardown() {
  local socket
  [[ ! -s $BATS_TEST_TMPDIR/stopped ]] || kill -CONT "$(<"$BATS_TEST_TMPDIR/stopped")"
  [[ ! -S $BATS_TEST_TMPDIR/mux ]] || ssh -F none -S "$BATS_TEST_TMPDIR/mux" -O exit e2e || true
  for socket in "$BATS_TEST_TMPDIR"/tmux-*/* "$BATS_TEST_TMPDIR/outside"; do
    [[ ! -S $socket ]] || tmux -S "$socket" kill-server 2>/dev/null || true
  done
  [[ ! -s $BATS_TEST_TMPDIR/pid ]] || kill "$(<"$BATS_TEST_TMPDIR/pid")" || true
}

# --- Helpers --------------------------------------------------------------------------------------

configure() { # LINE...
  printf '%s\n' '[sandbox]' network=none '[ssh]' include=no "$@" >"$XDG_CONFIG_HOME/host-agent/config.ini"
}

server() { # NAME TMUX'S ARGUMENTS
  tmux -L "$1" -f /dev/null "${@:2}" 3>&- 4>&-
}

# A window with a shell in it, whose name tmux leaves alone. Sets `window`.
window() { # SERVER [CMD...]
  local new=(new-window -a)
  server "$1" has-session 2>/dev/null || new=(new-session -x 100 -y 30)
  window=$(server "$1" "${new[@]}" -d -P -F '#{window_id}' -n plain "${@:2}")
}

# What a session runs: it tells the client's end of its connection, and stays.
remote() { # SANDBOX LABEL
  echo "echo \$SSH_CONNECTION >'$work/$1/at.$2.new'; mv '$work/$1/at.$2.new' '$work/$1/at.$2'; exec cat"
}

client_port() { # SANDBOX LABEL
  await 20 test -e "$work/$1/at.$2"
  cut -d' ' -f2 "$work/$1/at.$2"
}

# A window of its own with a session in SANDBOX. Sets `window`, and `client` to its port.
session() { # SERVER SANDBOX LABEL
  window "$1" ssh -F "$config" -tt "$2.sandbox" "$(remote "$2" "$3")"
  client=$(client_port "$2" "$3")
}

current() { # SERVER [SESSION]
  server "$1" display-message -p -t "${2-}:" '#{window_id}'
}

# Something happens in this window, later by the clock of tmux, which counts seconds.
busy() { # SERVER WINDOW
  local before
  before=$(server "$1" list-windows -a -F '#{window_activity}' | sort -n | tail -n 1)
  await 5 eval "server '$1' send-keys -t '$2' x; later '$1' '$2' $before"
}

later() { # SERVER WINDOW SECONDS
  (($(server "$1" display-message -p -t "$2" '#{window_activity}') > $3))
}

# A terminal with a client of SERVER in it: a window of another server, that focus does not see.
attach() { # SERVER SESSION
  tmux -S "$BATS_TEST_TMPDIR/outside" -f /dev/null new-session -d -x 80 -y 24 \
    env -u TMUX tmux -L "$1" attach-session -t "$2" 3>&- 4>&-
  await 10 eval "[ -n \"\$(server '$1' list-clients -t '$2')\" ]"
}

# As the bridge runs it: without a terminal.
focus() {
  env -u TERM timeout 120 "$bin" focus "$@" </dev/null 3>&- 4>&-
}

# refused STATUS PART CMD...: CMD exits so, with one line on stderr that has PART in it.
refused() {
  local want=$1 part=$2
  shift 2
  run --separate-stderr "$@" </dev/null
  echo "status $status, stderr: $stderr"
  [ "$status" -eq "$want" ]
  [[ $stderr == "host-agent: "*"$part"* ]]
  [ "${#stderr_lines[@]}" -eq 1 ]
}

# --- The session that asks ------------------------------------------------------------------------

@test "of two sessions the one whose port it is" {
  session main e2e-focus one
  local one=$window one_port=$client
  session main e2e-focus two
  local two=$window two_port=$client
  window main cat
  server main select-window -t "$window"
  run -0 --separate-stderr focus e2e-focus "$one_port"
  [ -z "$output$stderr" ]
  [ "$(current main)" = "$one" ]
  focus e2e-focus "$two_port"
  [ "$(current main)" = "$two" ]
  focus e2e-focus "$one_port"
  [ "$(current main)" = "$one" ]
}

@test "in a window with several panes the pane" {
  window main cat
  local first
  first=$(server main split-window -d -P -F '#{pane_id}' -t "$window" \
    ssh -F "$config" -tt e2e-focus.sandbox "$(remote e2e-focus pane)")
  client=$(client_port e2e-focus pane)
  run ! grep -x "$first" <(server main display-message -p '#{pane_id}')
  focus e2e-focus "$client"
  [ "$(server main display-message -p '#{pane_id}')" = "$first" ]
}

@test "any ssh will do: a plain one, host-agent's, one on a terminal of its own" {
  window main ssh -F "$config" -tt -p "$port" localhost "$(remote e2e-focus plain)"
  local -A windows=([plain]=$window)
  window main "$bin" ssh e2e-focus -- "$(remote e2e-focus ours)"
  windows[ours]=$window
  window main cat
  server main respawn-pane -k -t "$window" -e "REMOTE=$(remote e2e-focus script)" \
    script -qc "ssh -F '$config' -tt e2e-focus.sandbox \"\$REMOTE\"" /dev/null
  windows[script]=$window
  local label
  for label in plain ours script plain; do
    focus e2e-focus "$(client_port e2e-focus $label)"
    [ "$(current main)" = "${windows[$label]}" ]
  done
}

@test "a ControlMaster without a terminal: its client's window, and of two the busier one" {
  session main e2e-focus other # has a connection of its own
  ssh -F "$config" -o ControlMaster=yes -S "$BATS_TEST_TMPDIR/mux" -fN e2e-focus.sandbox 3>&- 4>&-
  window main ssh -F "$config" -S "$BATS_TEST_TMPDIR/mux" -tt e2e-focus.sandbox "$(remote e2e-focus one)"
  local one=$window
  window main ssh -F "$config" -S "$BATS_TEST_TMPDIR/mux" -tt e2e-focus.sandbox "$(remote e2e-focus two)"
  local two=$window
  client=$(client_port e2e-focus one)
  [ "$client" = "$(client_port e2e-focus two)" ]
  busy main "$two"
  focus e2e-focus "$client"
  [ "$(current main)" = "$two" ]
  busy main "$one"
  focus e2e-focus "$client"
  [ "$(current main)" = "$one" ]
}

# --- Another one of the sandbox -------------------------------------------------------------------

@test "without a port: where something happened last" {
  session main e2e-focus one
  local one=$window
  session main e2e-focus two
  local two=$window
  busy main "$one"
  focus e2e-focus
  [ "$(current main)" = "$one" ]
  busy main "$two"
  focus e2e-focus
  [ "$(current main)" = "$two" ]
}

@test "a port of another sandbox's session, or of another program, leads nowhere but home" {
  session main e2e-other theirs
  local theirs=$window
  # A connection of a program in a window, to a port that is no sandbox's.
  perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
    print $s->sockport, "\n"; close STDOUT; sleep 600' >"$BATS_TEST_TMPDIR/port" 3>&- 4>&- &
  echo $! >"$BATS_TEST_TMPDIR/pid"
  await 10 test -s "$BATS_TEST_TMPDIR/port"
  window main perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
    open F, ">", "$ARGV[1]" or die; print F $s->sockport; close F; sleep 600' \
    "$(<"$BATS_TEST_TMPDIR/port")" "$BATS_TEST_TMPDIR/stranger"
  await 10 test -s "$BATS_TEST_TMPDIR/stranger"
  # Nobody has a session in this sandbox yet.
  refused 1 "no tmux window has a session of e2e-focus" focus e2e-focus "$client"
  refused 1 "no tmux window has a session of e2e-focus" focus e2e-focus "$(<"$BATS_TEST_TMPDIR/stranger")"
  local their_port=$client
  session main e2e-focus mine
  local given
  for given in "$their_port" "$(<"$BATS_TEST_TMPDIR/stranger")" "$port" 1; do
    server main select-window -t "$theirs"
    focus e2e-focus "$given"
    [ "$(current main)" = "$window" ]
  done
}

@test "at last a window that has the sandbox's name" {
  window main cat
  local first=$window
  window main cat
  server main rename-window -t "$window" e2e-focus
  server main select-window -t "$first"
  focus e2e-focus
  [ "$(current main)" = "$window" ]
  server main rename-window -t "$window" e2e-focus2
  refused 1 "no tmux window has a session of e2e-focus" focus e2e-focus
}

# --- tmux -----------------------------------------------------------------------------------------

@test "the client goes over to the session" {
  session main e2e-focus one
  server main new-session -d -s elsewhere cat
  attach main elsewhere
  focus e2e-focus "$client"
  [ "$(server main list-clients -F '#{window_id}')" = "$window" ]
}

@test "of sessions that share the window, the client's own" {
  server main new-session -d -s zero cat
  session main e2e-focus one
  server main new-session -d -s shared -t zero
  server main select-window -t zero:0
  server main select-window -t shared:0
  attach main shared
  focus e2e-focus "$client"
  [ "$(server main list-clients -F '#{session_name} #{window_id}')" = "shared $window" ]
  [ "$(current main zero)" != "$window" ]
}

@test "several servers: each window where it is, a dead one and a hanging one notwithstanding" {
  session first e2e-focus one
  local one=$window one_port=$client
  window first cat
  server first select-window -t "$window"
  window second cat
  session second e2e-focus two
  local two=$window two_port=$client
  server dead new-session -d cat
  kill -9 "$(server dead display-message -p '#{pid}')"
  server hangs new-session -d cat
  server hangs display-message -p '#{pid}' >"$BATS_TEST_TMPDIR/stopped" # teardown wakes it
  kill -STOP "$(<"$BATS_TEST_TMPDIR/stopped")"
  local before=$SECONDS
  focus e2e-focus "$two_port"
  focus e2e-focus "$one_port"
  ((SECONDS - before < 30))
  [ "$(current first)" = "$one" ]
  [ "$(current second)" = "$two" ]
}

@test "a server elsewhere, by TMUX" {
  window=$(tmux -S "$BATS_TEST_TMPDIR/outside" -f /dev/null new-session -d -P -F '#{window_id}' \
    ssh -F "$config" -tt e2e-focus.sandbox "$(remote e2e-focus one)" 3>&- 4>&-)
  client=$(client_port e2e-focus one)
  tmux -S "$BATS_TEST_TMPDIR/outside" new-window cat 3>&- 4>&-
  refused 1 "no tmux window has a session of e2e-focus" focus e2e-focus "$client"
  TMUX=$BATS_TEST_TMPDIR/outside,1,0 focus e2e-focus "$client"
  [ "$(tmux -S "$BATS_TEST_TMPDIR/outside" display-message -p '#{window_id}')" = "$window" ]
}

@test "names of windows and titles of panes are anybody's text" {
  session main e2e-focus one
  local mine=$window name evil
  name="e2e-focus pane %0 @0 \$0 9999999999 1 /dev/null #{pane_id},} #(touch $work/made)"
  server main set-option -g allow-rename on
  # As a program in the window does it: the commands would expand the text themselves.
  window main sh -c 'printf "\033k%s\033\\\033]2;%s\n\t\033\\" "$0" "$0"; exec cat' "$name"
  evil=$window
  await 10 eval 'server main list-windows -F "#{window_name}" | grep -qF /dev/null'
  busy main "$evil"
  focus e2e-focus
  [ "$(current main)" = "$mine" ]
  [ ! -e "$work/made" ]
}

# --- Without a window -----------------------------------------------------------------------------

@test "no tmux, no such sandbox, no sense" {
  refused 1 "no tmux window has a session of e2e-focus: \`host-agent ssh e2e-focus\`" focus e2e-focus
  refused 1 "no sandbox is named e2e-nobody" focus e2e-nobody 1234
  refused 2 "65536 is no port" focus e2e-focus 65536
  refused 2 "0 is no port" focus e2e-focus 0
  refused 2 "1x is no port" focus e2e-focus 1x
  refused 2 "not 3" focus e2e-focus 2 3
  # Nor a tmux to ask.
  mkdir "$BATS_TEST_TMPDIR/bin"
  ln -s "$(type -P podman)" "$BATS_TEST_TMPDIR/bin"
  server main new-session -d cat
  refused 1 "no tmux window has a session of e2e-focus" \
    env "PATH=$BATS_TEST_TMPDIR/bin" "$bin" focus e2e-focus
}

# --- The user's own command -----------------------------------------------------------------------

# A program that tells what it was told, in $work/raised.
raiser() {
  printf '%s\n' '#!/bin/sh' 'echo "$*|$HOST_AGENT_SANDBOX|$HOST_AGENT_TMUX_SOCKET|$HOST_AGENT_TMUX_PANE|$XDG_ACTIVATION_TOKEN" >'"'$work/raised.new'" \
    "mv '$work/raised.new' '$work/raised'" >"$work/raiser"
  chmod +x "$work/raiser"
  rm -f "$work/raised"
}

raised() { # WORDS
  await 10 test -e "$work/raised"
  [ "$(<"$work/raised")" = "$1" ]
}

@test "raise is run when the window is selected, and told which" {
  raiser
  configure '[notify]' "raise = $work/raiser 'a  b' \$HOME"
  session main e2e-focus one
  window main cat
  server main select-window -t "$window"
  XDG_ACTIVATION_TOKEN=token focus e2e-focus "$client"
  raised "a  b \$HOME|e2e-focus|$BATS_TEST_TMPDIR/tmux-$UID/main|%0|token"
  [ "$(current main)" != "$window" ]
}

@test "raise is enough where there is no window; where it cannot be run, that is the error" {
  raiser
  configure '[notify]' "raise = $work/raiser"
  run -0 --separate-stderr focus e2e-focus 1234
  [ -z "$output$stderr" ]
  raised "|e2e-focus|||"
  configure '[notify]' "raise = no-such-program"
  refused 1 "raise = no-such-program in config.ini: cannot run no-such-program" focus e2e-focus
  configure '[notify]' "raise = 'open"
  refused 1 "raise = 'open is not a command" focus e2e-focus
}
