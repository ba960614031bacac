# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# A desktop for a test: session bus, X server and a notification daemon that prints what it shows.
# Everything lives in the directory $desktop and is ended by desktop_stop.
: "${top:?the checkout}" "${host_agent:?the program under test}"
load await.bash

# daemon NAME CMD...: in the background, output to $desktop/NAME.log, its pid in $desktop/NAME.pid.
daemon() {
  local name=$1
  shift
  "$@" >"$desktop/$name.log" 2>&1 3>&- 4>&- &
  echo $! >"$desktop/$name.pid"
}

pid() { # NAME
  cat "$desktop/$1.pid"
}

# daemon_wait NAME: returns the status it exited with.
daemon_wait() {
  local pid
  pid=$(pid "$1")
  rm "$desktop/$1.pid"
  wait "$pid"
}

# daemon_end NAME [SIGNAL]: returns the status it exited with.
daemon_end() {
  kill -s "${2-TERM}" "$(pid "$1")" || true
  daemon_wait "$1"
}

# Makes $desktop and an X server; no bus and no service. $desktop/run can be a runtime directory.
desktop_start() {
  desktop=$(mktemp -d "${BATS_TEST_TMPDIR:-/tmp}/desktop.XXXX")
  mkdir -m 700 "$desktop/run"
  unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY DISPLAY
  daemon xvfb Xvfb -displayfd 5 -screen 0 800x600x24 -nolisten tcp 5>"$desktop/display"
  await 20 test -s "$desktop/display"
  DISPLAY=:$(<"$desktop/display")
  export DISPLAY
}

# The same for a bridge that shares nothing with the user's own: runtime directory, state, settings.
desktop_apart() {
  desktop_start
  export XDG_RUNTIME_DIR=$desktop/run XDG_STATE_HOME=$desktop/state XDG_CONFIG_HOME=$desktop/config
}

# Without services: a bus that would start a notification service by itself proves nothing here.
bus_start() {
  cat >"$desktop/bus.conf" <<END
<busconfig>
  <type>session</type>
  <listen>unix:path=$desktop/run/bus</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
  daemon bus dbus-daemon --config-file="$desktop/bus.conf" --nofork
}

# dunst owns the name and prints each notification into $desktop/dunst.log. Its menu of actions, which
# a user picks from, is a program: ours picks what $desktop/pick says.
service_start() {
  printf '%s\n' '#!/bin/sh' "grep -m 1 -- \"\$(cat '$desktop/pick')\"" >"$desktop/menu"
  chmod +x "$desktop/menu"
  cat >"$desktop/dunstrc" <<END
[global]
dmenu = $desktop/menu
markup = full
font = Sans 12
width = 500
notification_limit = 8
stack_duplicates = false
END
  await 20 bus_call org.freedesktop.DBus / GetId
  DBUS_SESSION_BUS_ADDRESS=unix:path=$desktop/run/bus \
    daemon dunst dunst -print -conf "$desktop/dunstrc"
}

# bus_call DESTINATION PATH METHOD: of the interface that DESTINATION is named after.
bus_call() {
  dbus-send --bus="unix:path=$desktop/run/bus" --print-reply --dest="$1" "$2" "$1.$3" \
    >"$desktop/call.log" 2>&1
}

desk() { # CMD...
  DBUS_SESSION_BUS_ADDRESS=unix:path=$desktop/run/bus "$@" 3>&- 4>&-
}

# The user clicks on the newest notification; picks an action of it by its label.
click() {
  desk dunstctl action 0
}

pick() { # LABEL
  echo "$1" >"$desktop/pick"
  desk dunstctl context
}

service_is_up() {
  bus_call org.freedesktop.Notifications /org/freedesktop/Notifications GetServerInformation
}

# The daemon under test.
bridge_start() {
  daemon bridge "$host_agent" notify
  await 20 test -e "$XDG_RUNTIME_DIR/host-agent/notify.lock"
}

# fifo_make SANDBOX: as `up` does it.
fifo_make() {
  (umask 077 && mkdir -p "$XDG_RUNTIME_DIR/host-agent/$1")
  mkfifo -m 600 "$XDG_RUNTIME_DIR/host-agent/$1/notify"
}

fifo() {
  echo "$XDG_RUNTIME_DIR/host-agent/$1/notify"
}

# Of one that somebody else has started: by its lock.
bridge_pid() {
  local fd
  for fd in /proc/[0-9]*/fd/*; do
    if [[ $fd -ef $XDG_RUNTIME_DIR/host-agent/notify.lock ]]; then
      fd=${fd#/proc/}
      echo "${fd%%/*}"
      return
    fi
  done
  return 1
}

bridge_is_gone() {
  ! bridge_pid
}

bridge_holds() { # SANDBOX
  local fd
  for fd in "/proc/$(pid bridge)/fd"/*; do
    [[ $fd -ef $(fifo "$1") ]] && return
  done
  return 1
}

# A field of the notifications shown so far, one a line: summary, body, urgency, appname.
shown() { # FIELD
  sed -nE "s/^[[:space:]]*$1: '?([^']*|.*[^'])'?\$/\1/p" "$desktop/dunst.log"
}

has_shown() { # FIELD TEXT
  shown "$1" | grep -qxF -- "$2"
}

shows() { # COUNT
  [[ $(shown body | wc -l) -ge $1 ]]
}

# screenshot NAME: kept as build/screenshots/NAME.png; fails when it shows nothing.
screenshot() {
  local dir=${HOST_AGENT_SCREENSHOTS:-$top/build/screenshots}
  mkdir -p "$dir"
  import -window root "$dir/$1.png"
  (($(identify -format %k "$dir/$1.png") > 1))
}

# Fails when the bridge did not end well, which a sanitizer's finding is.
desktop_stop() {
  local name status=0
  for name in monitor bridge dunst bus xvfb; do
    if [[ -e $desktop/$name.pid ]] && ! daemon_end "$name" && [[ $name == bridge ]]; then
      cat "$desktop/bridge.log" >&2
      status=1
    fi
  done
  return "$status"
}

# The usual case: everything is there before the bridge is.
everything() { # SANDBOX...
  local sandbox
  bus_start
  service_start
  await 20 service_is_up
  for sandbox; do fifo_make "$sandbox"; done
  bridge_start
  for sandbox; do await 20 bridge_holds "$sandbox"; done
}

# settings LINE...: the [notify] section of the bridge's own settings.
settings() {
  mkdir -p "$XDG_CONFIG_HOME/host-agent"
  printf '%s\n' '[notify]' "$@" >"$desktop/config.ini"
  mv "$desktop/config.ini" "$XDG_CONFIG_HOME/host-agent/config.ini"
}

not() {
  ! "$@"
}

# Is nothing left in the FIFO of SANDBOX?
is_read() {
  perl -e 'my ($FIONREAD, $left) = (0x541b, pack "i", 0); open my $f, "+<", $ARGV[0] or exit 1;
    ioctl $f, $FIONREAD, $left or exit 1; exit !!unpack "i", $left' "$(fifo "$1")"
}

# Is it read, and all of it in the journal?
is_taken() { # SANDBOX
  is_read "$1" && ! compgen -G "$XDG_STATE_HOME/host-agent/.notify/$1.*" >/dev/null
}

# monitor_start: what goes over the bus to and from the service, in $desktop/monitor.log.
monitor_start() {
  daemon monitor dbus-monitor --address "unix:path=$desktop/run/bus" \
    "interface='org.freedesktop.Notifications'"
  await 20 test -s "$desktop/monitor.log"
}

# The calls so far, one a line: `Notify REPLACES|ICON|SUMMARY|BODY|URGENCY|SOUND`, `CloseNotification ID`.
calls() {
  awk '
    function value() { sub(/^[^"]*"/, ""); sub(/"$/, ""); return $0 }
    function flush() { if (call == "Notify") print call, id "|" s[2] "|" s[3] "|" s[4] "|" urgency "|" sound }
    /^(method|signal|error)/ {
      flush()
      call = ""
      if (/^method call/) { call = $0; sub(/.*member=/, "", call) }
      n = 0; id = urgency = sound = key = ""
      next
    }
    /^   uint32/ { id = $2; if (call == "CloseNotification") print call, id }
    /^   string/ { s[++n] = value() }
    /^         string/ { key = value() }
    /^         variant/ && key == "urgency" { urgency = $NF }
    /^         variant/ && key == "sound-name" { sound = value() }
    END { flush() }' "$desktop/monitor.log"
}

has_called() { # LINE
  calls | grep -qxF -- "$1"
}

displayed() { # COUNT
  [[ $(desk dunstctl count displayed) -eq $1 ]]
}
