#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The bridge, and the image of each night, as units of a real `systemd --user`, that each test starts
# for itself: with a runtime directory, a home and a cgroup of its own. It comes before the session
# bus and the desktop.

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
# shellcheck disable=SC2034 # for desktop.bash
host_agent=$top/build/release/bin/host-agent
unit=host-agent-notify.service
desktop='' # desktop_start says where
cgroup=''

setup() {
  load desktop.bash
  desktop_start
  # Podman's own settings and storage stay where they are.
  user_home=$HOME user_config=${XDG_CONFIG_HOME:-$HOME/.config}
  unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME XDG_CONFIG_DIRS XDG_DATA_DIRS
  session_runtime=${XDG_RUNTIME_DIR-}
  export HOME=$desktop/home XDG_RUNTIME_DIR=$desktop/run
  # The bus is for the tests to start.
  mkdir -p "$HOME/.config/systemd/user"
  ln -s /dev/null "$HOME/.config/systemd/user/dbus.socket"
  ln -s /dev/null "$HOME/.config/systemd/user/dbus.service"
  make -s -C "$top" install PREFIX="$HOME/.local" >/dev/null
  systemd_start
}

teardown() {
  [[ ! -e $desktop/state ]] || end_sandbox
  tmux -S "$desktop/tmux" kill-server 2>/dev/null || true
  systemctl --user exit || true
  [[ ! -e $desktop/systemd.pid ]] || daemon_wait systemd || true
  [[ -z $cgroup ]] || find "$cgroup" -depth -type d -exec rmdir {} +
  desktop_stop
}

# It wants a cgroup to divide, which as-user gives its account, and else the user's own systemd; and
# a host that systemd has booted, which a directory tells (sd_booted(3)): where it is missing, it is
# made in a mount namespace.
systemd_start() {
  local run=(/lib/systemd/systemd --user) own
  own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
  # shellcheck disable=SC2016 # expands in there
  [[ -d /run/systemd/system ]] ||
    run=(unshare --user --map-root-user --mount sh -ec 'mount -t tmpfs tmpfs /run/systemd
      mkdir /run/systemd/system
      uid=$1 gid=$2
      shift 2
      exec unshare --user --map-user="$uid" --map-group="$gid" "$@"' sh "$(id -u)" "$(id -g)" "${run[@]}")
  if [[ -w $own/cgroup.procs ]]; then
    cgroup=$own/systemd-$$
    mkdir "$cgroup"
    # shellcheck disable=SC2016
    run=(sh -ec 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$cgroup" "${run[@]}")
  else
    run=(env "XDG_RUNTIME_DIR=$session_runtime" systemd-run --user --quiet --scope -p Delegate=yes
      env "XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR" "${run[@]}")
  fi
  env -u DISPLAY "${run[@]}" >"$desktop/systemd.log" 2>&1 3>&- 4>&- &
  echo $! >"$desktop/systemd.pid"
  await 10 manager_is_up || { cat "$desktop/systemd.log" && return 1; }
}

manager_is_up() {
  systemctl --user --quiet is-active default.target 2>/dev/null
}

main_pid() {
  systemctl --user show --value -p MainPID "$unit"
}

# Does a bridge run that is not the process OLD?
runs_anew() { # OLD
  local new
  new=$(main_pid)
  ((new != 0 && new != $1)) && holds "$new" lock
}

holds() { # PID NAME
  [[ $(readlink "/proc/$1/fd"/*) == *"$2"* ]]
}

@test "systemd has nothing to say against the unit, and starts it at login" {
  run -0 systemd-analyze verify --user --man=no "$unit"
  [ -z "$output" ]
  run -0 systemctl --user enable "$unit"
  [ -L "$HOME/.config/systemd/user/default.target.wants/$unit" ]
}

@test "it starts before the bus and the service are there; what it is told meanwhile is shown" {
  fifo_make demo
  systemctl --user start "$unit"
  await 20 holds "$(main_pid)" /demo/notify
  echo early >"$(fifo demo)"
  run ! grep -qzE '^(DISPLAY|DBUS_SESSION_BUS_ADDRESS)=' "/proc/$(main_pid)/environ"
  bus_start
  service_start
  await 20 has_shown body early
}

@test "killed, it comes back, and shows what it was told meanwhile" {
  local pid
  bus_start
  service_start
  fifo_make demo
  systemctl --user start "$unit"
  pid=$(main_pid)
  await 20 holds "$pid" /demo/notify
  exec 7<>"$(fifo demo)" # as sshd-entry holds it
  kill -KILL "$pid"
  echo patient >"$(fifo demo)"
  await 20 runs_anew "$pid"
  exec 7>&-
  await 20 has_shown body patient
}

@test "it ends with status 0 when systemd stops it, and is not started again" {
  local more=$HOME/.config/systemd/user/$unit.d
  mkdir "$more"
  # shellcheck disable=SC2016 # systemd's variables
  printf '[Service]\nExecStopPost=/bin/sh -c "echo $EXIT_CODE $EXIT_STATUS >%s"\n' "$desktop/end" \
    >"$more/end.conf"
  systemctl --user daemon-reload
  systemctl --user start "$unit"
  await 20 holds "$(main_pid)" lock
  systemctl --user stop "$unit"
  [ "$(<"$desktop/end")" = "exited 0" ]
  is_inactive
}

@test "where another bridge runs already, the unit leaves it alone, and has not failed" {
  bridge_start
  await 20 holds "$(pid bridge)" lock
  systemctl --user start "$unit"
  await 20 is_inactive
  [ "$(systemctl --user show --value -p Result "$unit")" = success ]
  kill -0 "$(pid bridge)"
}

is_inactive() {
  [[ $(systemctl --user is-active "$unit") == inactive ]]
}

# under_the_unit CMD...: with all that the bridge's unit sets.
under_the_unit() {
  sed -E -e "s|^ExecStart=.*|ExecStart=$*|" -e 's/^Type=.*/Type=oneshot/' -e '/^Restart[PS=]/d' \
    "$HOME/.local/share/systemd/user/$unit" >"$HOME/.config/systemd/user/probe.service"
  systemctl --user daemon-reload
  systemctl --user start probe.service
}

@test "what the unit forbids, neither tmux nor a program that a click starts needs" {
  local tmux=(/usr/bin/tmux -S "$desktop/tmux")
  "${tmux[@]}" -f /dev/null new-session -d -n old 3>&- 4>&-
  under_the_unit "${tmux[@]}" rename-window found
  [ "$("${tmux[@]}" display-message -p '#{window_name}')" = found ]
  under_the_unit /usr/bin/import -display "$DISPLAY" -window root "$desktop/root.png"
  [ -s "$desktop/root.png" ]
  # What `focus` asks: who is at the other end of a UNIX socket (sock_diag(7)).
  under_the_unit /usr/bin/python3 -c "'import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)'"
  run ! under_the_unit /usr/bin/chmod u+s "$desktop/root.png" # they are in force
}

# --- The image of each night ----------------------------------------------------------------------

@test "the timer is due within a day, and its unit reads the settings" {
  local next more=$HOME/.config/systemd/user/host-agent-image.service.d
  mkdir -p "$more" "$HOME/.config/host-agent"
  printf '[Service]\nStandardError=append:%s\n' "$desktop/out" >"$more/out.conf"
  systemctl --user daemon-reload
  systemctl --user start host-agent-image.timer
  next=$(date -d "$(systemctl --user show --value -p NextElapseUSecRealtime host-agent-image.timer)" +%s)
  ((next > EPOCHSECONDS && next < EPOCHSECONDS + 26 * 3600))
  # No Podman works under this systemd, so it gets no further than the settings: registry.bats has the rest.
  printf '[image]\nkeep = 0\n' >"$HOME/.config/host-agent/config.ini"
  run ! systemctl --user start host-agent-image.service
  [[ $(<"$desktop/out") == "host-agent: $HOME/.config/host-agent/config.ini:2: keep = 0 is not "* ]]
  [ "$(systemctl --user show --value -p Result host-agent-image.service)" = exit-code ]
}

# --- What `up` starts -----------------------------------------------------------------------------

up() {
  mkdir -p "$desktop/config/host-agent" "$desktop/systemd-web"
  printf '[ssh]\ninclude = no\n' >"$desktop/config/host-agent/config.ini"
  ln -sfn "$user_config/containers" "$desktop/config/containers"
  HOST_AGENT_DATADIR=$top as_the_user "$host_agent" up -d "$desktop/systemd-web"
}

as_the_user() {
  HOME=$user_home XDG_CONFIG_HOME=$desktop/config XDG_STATE_HOME=$desktop/state "$@" 3>&- 4>&-
}

end_sandbox() {
  local bridge
  as_the_user "$host_agent" down --volumes systemd-web || true
  for bridge in $(bridges); do kill "$bridge" || true; done
}

# The pids of those that run in this test's runtime directory.
bridges() {
  local environment pid
  while read -r environment; do
    pid=${environment//[!0-9]/}
    [[ $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) != *"/host-agent notify " ]] ||
      echo "$pid"
  done < <(grep -lsz "^XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR\$" /proc/[0-9]*/environ)
}

ends() { # COUNT: so many found another one there
  [[ $(grep -c "runs already" "$desktop/state/host-agent/notify.log") -eq $1 ]]
}

all_gone() {
  [[ -z $(bridges) ]]
}

@test "where systemd has the unit, up starts that, and nothing else" {
  up
  await 20 holds "$(main_pid)" lock
  [ "$(bridges)" = "$(main_pid)" ]
  up
  [ "$(bridges)" = "$(main_pid)" ]
  [ ! -e "$desktop/state/host-agent/notify.log" ]
}

@test "without the unit, twenty ups at once start one bridge" {
  local i ups=()
  rm "$HOME/.local/share/systemd/user/$unit"
  systemctl --user daemon-reload
  up
  [ -n "$(bridges)" ]
  kill "$(bridges)"
  await 20 all_gone
  for i in {1..20}; do
    up >"$desktop/up-$i" 2>&1 &
    ups+=($!)
  done
  for i in "${ups[@]}"; do wait "$i"; done
  await 20 ends 19
  run -0 bridges
  [ "${#lines[@]}" -eq 1 ]
  holds "$output" lock
}
