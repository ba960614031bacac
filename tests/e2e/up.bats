#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The launcher on real rootless Podman and the real ssh. Runs beside the user's own sandboxes: its
# configuration and state are apart, and ~/.ssh stands aside meanwhile, as ~/.ssh.before-e2e.
# shellcheck disable=SC2016,SC2030,SC2031,SC2088 # each test is a subshell; what is quoted is meant so
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
image=localhost/host-agent:latest
load launcher.bash

# --- Around each test -----------------------------------------------------------------------------

setup_file() {
  export work=$BATS_FILE_TMPDIR HOST_AGENT_DATADIR=$top
  # One run at a time, until this process ends, however it ends.
  read -r < <(exec 2>/dev/null 3>&- 4>&- 9>"$XDG_RUNTIME_DIR/e2e-up.lock"
    flock 9 && echo && exec tail --pid=$$ -f /dev/null >/dev/null)
  podman image exists "$image"
  mkdir -p "$work/config/host-agent"
  # Podman's own settings stay where they are.
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$work/config/containers"
  export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
  runtime_apart "$work/run"
  unset TMUX TMUX_PANE

  ssh-keygen -q -t ed25519 -N '' -f "$work/key"
  eval "$(ssh-agent -a "$work/agent.sock" 3>&-)" >/dev/null
  export SSH_AUTH_SOCK SSH_AGENT_PID
  ssh-add -q "$work/key"
}

teardown_file() {
  ssh-agent -k >/dev/null
}

setup() {
  project=$work/e2e-web
  state=$XDG_STATE_HOME/host-agent runtime=$XDG_RUNTIME_DIR/host-agent
  mkdir -p "$project" "$BATS_TEST_TMPDIR/bin"
  set_ssh_aside
  configure '[ssh]' include=no
}

teardown() {
  local name
  tmux -L e2e-up kill-server 2>/dev/null || true
  [[ ! -s $BATS_TEST_TMPDIR/pid ]] || kill "$(<"$BATS_TEST_TMPDIR/pid")" || true
  configure '[ssh]' include=no
  for name in $(sandboxes); do
    host_agent down --volumes "$name" || podman rm -f -t 0 "host-agent-$name"
  done
  podman volume ls --format json | jq -r --arg in "$work/" '.[] |
    select(.Labels["host-agent.project"] // "" | startswith($in)) | .Name' | xargs -r podman volume rm
  end_bridge
  rm -rf "${XDG_STATE_HOME:?}"
  restore_ssh
}

# ssh and the Include line take ~ from the user database, whatever HOME says. A run that was killed
# has left the user's own aside.
set_ssh_aside() {
  local aside=$HOME/.ssh.before-e2e
  if [[ -e $aside && -e $HOME/.ssh ]]; then
    echo "$aside and ~/.ssh: one of them is yours. Leave that, as ~/.ssh"
    return 1
  fi
  [[ -e $aside || ! -e $HOME/.ssh ]] || mv "$HOME/.ssh" "$aside"
  [[ ! -L $HOME/.ssh ]] # dangling
  ssh_is_ours=yes
}

# What setup has not set aside is not for these tests to remove.
restore_ssh() {
  [[ -n ${ssh_is_ours-} ]] || return 0
  rm -rf "$HOME/.ssh"
  [[ ! -e $HOME/.ssh.before-e2e ]] || mv "$HOME/.ssh.before-e2e" "$HOME/.ssh"
}

# --- Helpers --------------------------------------------------------------------------------------

up() {
  host_agent up "$project" "$@"
}

configure() { # LINE...
  printf '%s\n' "$@" >"$XDG_CONFIG_HOME/host-agent/config.ini"
}

# The names of these tests' sandboxes, whatever their state.
sandboxes() {
  podman ps -a --format json | jq -r --arg in "$work/" '.[].Labels // {} |
    select(.["host-agent.project"] // "" | startswith($in)) | .["host-agent.name"]'
}

# As a person's shell would run it, but nobody is there to answer a question: no terminal at all.
unattended() {
  setsid --wait "$@" </dev/null
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

nothing_is_left() {
  run ! grep -x e2e-web <(sandboxes)
  [ ! -e "$state/e2e-web" ]
  [ ! -e "$runtime/e2e-web" ]
}

# A program of another kind that listens on 127.0.0.1, and never says a word. Sets `port`.
stranger() {
  perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
    print $s->sockport, "\n"; close STDOUT; sleep 600' >"$BATS_TEST_TMPDIR/port" 3>&- 4>&- &
  echo $! >"$BATS_TEST_TMPDIR/pid"
  await 10 test -s "$BATS_TEST_TMPDIR/port"
  port=$(<"$BATS_TEST_TMPDIR/port")
}

# A podman before the real one on PATH; SCRIPT sees the arguments, and `host_agent_pid`.
podman_first() { # SCRIPT
  printf '#!/bin/bash\nhost_agent_pid=$PPID real=%q\n%s\nexec "$real" "$@"\n' \
    "$(type -P podman)" "$1" >"$BATS_TEST_TMPDIR/bin/podman"
  chmod +x "$BATS_TEST_TMPDIR/bin/podman"
}

with_path() { # PATH CMD...
  local path=$1
  shift
  (PATH=$path && "$@")
}

in_tmux() { # tmux's arguments
  tmux -L e2e-up -f /dev/null "$@" 3>&- 4>&-
}

window_is() { # NAME
  [ "$(in_tmux display-message -p -t @0 '#{window_name}')" = "$1" ]
}

screen_shows() { # TEXT
  in_tmux capture-pane -p -J -t @0 | grep -qF -- "$1"
}

# --- The main way ---------------------------------------------------------------------------------

@test "up -d starts a sandbox, says how to reach it, and ls shows it" {
  run -0 --separate-stderr up -d
  [[ $output == *"sandbox e2e-web of $project is up at 127.0.0.1:"* ]]
  [[ $output == *"  host-agent ssh e2e-web"* && $output != *"  ssh e2e-web.sandbox"* ]] # no Include line
  [ "$(field e2e-web state)" = running ]
  [ "$(field e2e-web project)" = "$project" ]
  [ "$(field e2e-web sessions)" = 0 ]
  [ "$(stat -c %a:%F "$runtime/e2e-web/notify")" = 600:fifo ]
  run -0 host_agent ls
  [[ $output == *$'\n'"e2e-web "*" running "*" $project"* ]]
}

@test "a plain ssh asks nothing, under the user's own name, and so does the alias" {
  configure '[ssh]' include=yes
  up -d
  port=$(field e2e-web port)
  echo from outside >"$project/file"
  run -0 --separate-stderr unattended ssh -p "$port" localhost 'cat file; id -un'
  [ "$output" = $'from outside\nagent' ]
  [ -z "$stderr" ]
  run -0 --separate-stderr unattended ssh -p "$port" "$(id -un)@127.0.0.1" true
  run -0 --separate-stderr unattended ssh e2e-web.sandbox pwd
  [ "$output" = "$project" ]
  [ -z "$stderr" ]
}

@test "a wrong host key is refused" {
  configure '[ssh]' include=yes
  up -d
  sed -i "s| AAAA.*| $(cut -d' ' -f2 "$work/key.pub")|" "$state/known_hosts"
  run -255 unattended ssh e2e-web.sandbox true
  [[ $output == *"HOST IDENTIFICATION HAS CHANGED"* ]]
}

@test "a second up finds the sandbox, one elsewhere gets the next port and a number" {
  up -d
  first=$(podman ps -q --filter name=^host-agent-e2e-web$)
  run -0 --separate-stderr up -d
  [ "$(podman ps -q --filter name=^host-agent-e2e-web$)" = "$first" ]
  mkdir -p "$work/other/e2e-web"
  run -0 --separate-stderr host_agent up -d "$work/other/e2e-web"
  [[ $stderr == *"is taken by"*"e2e-web-2 gets "* ]]
  [ "$(field e2e-web-2 port)" -gt "$(field e2e-web port)" ]
  refused 1 "has the sandbox e2e-web at port" up -d --name another
  run -0 --separate-stderr host_agent ssh e2e-web-2 -- pwd
  [ "$output" = "$work/other/e2e-web" ]
}

@test "two ups at once start one sandbox" {
  up -d >"$BATS_TEST_TMPDIR/one" 2>&1 &
  up -d
  wait $!
  [ "$(sandboxes)" = e2e-web ]
}

@test "-- CMD runs there, and its exit status comes back" {
  run -0 --separate-stderr up -- 'echo $HOME'
  [ "$output" = /home/agent ]
  run -0 --separate-stderr up -- printf '%s|' "a  b" "it's" '$HOME' ''
  [ "$output" = "a  b|it's|\$HOME||" ]
  for status in 1 2 42 127 255; do
    run -"$status" up -- exit "$status"
    run -"$status" host_agent ssh e2e-web -- "exit $status"
  done
  run -0 --separate-stderr up -- cat <<<"through stdin"
  [ "$output" = "through stdin" ]
}

@test "the home outlives the sandbox, and goes with --volumes" {
  up -- 'echo kept > ~/file'
  host_agent down e2e-web
  run -1 --separate-stderr up -- cat '~/file' # two words are two words: no shell expands the ~
  run -0 --separate-stderr up -- 'cat ~/file'
  [ "$output" = kept ]
  host_agent down --volumes e2e-web
  run -1 --separate-stderr up -- 'cat ~/file'
}

# Podman's own words where another one removes an image while it lists them.
@test "an image that goes while podman lists them is no failure" {
  up -d
  podman_first '[[ $1 != images || -e '"$work"'/gone ]] || {
    touch '"$work"'/gone
    echo "Error: locating item named \"manifest\" for image: file does not exist" >&2
    exit 125
  }'
  run -0 with_path "$BATS_TEST_TMPDIR/bin:$PATH" host_agent ls
  rm "$work/gone"
}

@test "--dry-run prints the command line, and makes nothing" {
  run -0 --separate-stderr up --dry-run
  [ "${#lines[@]}" -eq 1 ]
  local words
  eval "words=($output)"
  [ "${words[0]} ${words[1]}" = "podman run" ]
  [[ " ${words[*]} " == *" --cap-drop=all "* ]]
  [[ " ${words[*]} " == *",dst=$project "* ]]
  [[ " ${words[*]} " != *.ssh* ]]
  nothing_is_left
  [ ! -e "$state" ]
  [ -z "$(podman volume ls -q --filter "label=host-agent.project=$project")" ]
}

told() { # TEXT
  host_agent notifications --json e2e-web |
    jq -e --arg text "$1" 'any(.[]; .event == "Terminal" and .text == $text and .client > 0)'
}

@test "what a program tells its terminal becomes a message, where that is set" {
  configure '[ssh]' include=no '[notify]' terminal=osc
  run -0 up -d
  ssh -F "$state/ssh_config" -tt e2e-web.sandbox 'printf "\033]9;tests passed\a"' 3>&-
  await 20 told "tests passed"
}

@test "the project's name may hold what podman and shells split at" {
  project="$work/e2e a,dst=x:\"q\" it's é"
  mkdir -p "$project"
  run -0 --separate-stderr up -- 'touch made-inside; pwd'
  [ "$output" = "$project" ]
  [ -e "$project/made-inside" ]
}

@test "git's and Neovim's settings are there, read-only; no key is" {
  mkdir -p "$work/home" "$XDG_CONFIG_HOME/nvim"
  printf '[user]\n  name = Somebody\n' >"$work/home/.gitconfig"
  echo '-- settings' >"$XDG_CONFIG_HOME/nvim/init.lua"
  export XDG_DATA_HOME=${XDG_DATA_HOME:-$HOME/.local/share}
  HOME=$work/home run -0 --separate-stderr up -- \
    'git config --global user.name; cat ~/.config/nvim/init.lua; ls -d ~/.ssh 2>&1 | grep -c "No such"'
  [ "$output" = $'Somebody\n-- settings\n1' ]
  run -1 --separate-stderr up -- 'touch ~/.config/nvim/init.lua'
  [[ $stderr == *"Read-only file system"* ]]
  run ! --separate-stderr up -- 'git config --global user.name Else'
  rm -r "$XDG_CONFIG_HOME/nvim"
}

@test "network = none leaves ssh alone, and nothing else" {
  configure '[ssh]' include=no '[sandbox]' network=none
  run -0 --separate-stderr up -- 'tail -n +3 /proc/net/dev | cut -d: -f1'
  [ "${output// /}" = lo ]
}

@test "down takes all of it away, and only what is named" {
  up -d
  run -0 --separate-stderr host_agent up -d --name e2e-other "$(mkdir -p "$work/x" && echo "$work/x")"
  host_agent down e2e-other
  [ "$(field e2e-web state)" = running ]
  grep -q '^e2e-web.sandbox ' "$state/known_hosts"
  run ! grep -r e2e-other "$state"
  (cd "$project" && host_agent down)
  nothing_is_left
  run ! grep -r e2e-web "$state"
  refused 1 "no sandbox is named e2e-web" host_agent down e2e-web
}

@test "down --all takes down all, and is content with nothing" {
  # All there are, to it, are those of these tests: the user's own stay.
  podman_first "if [[ \$1 == ps ]]; then
      \$real \"\$@\" | jq 'map(select(.Labels[\"host-agent.project\"] | startswith(\"$work/\")))'
      exit
    fi"
  all() { with_path "$BATS_TEST_TMPDIR/bin:$PATH" host_agent down --all; }
  run -0 all
  up -d
  mkdir -p "$work/other/e2e-other"
  host_agent up "$work/other/e2e-other" -d
  run -0 all
  [ -z "$(sandboxes)" ]
  nothing_is_left
}

# --- Keys and the Include line --------------------------------------------------------------------

@test "without any key of the user's, up makes its own and says so" {
  SSH_AUTH_SOCK='' run -0 --separate-stderr up -- 'echo in'
  [ "$output" = in ]
  [[ $stderr == *"made a key pair of its own"* ]]
  [ "$(stat -c %a "$state/id_ed25519")" = 600 ]
  SSH_AUTH_SOCK='' run -0 --separate-stderr up -- 'echo in'
  [[ $stderr != *"made a key pair"* ]]
}

@test "the configured authorized_keys is what counts, and no key of the agent's is added" {
  ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/other"
  cp "$BATS_TEST_TMPDIR/other.pub" "$BATS_TEST_TMPDIR/authorized"
  configure '[ssh]' include=yes '[sandbox]' "authorized_keys=$BATS_TEST_TMPDIR/authorized"
  up -d
  run -255 unattended ssh e2e-web.sandbox true
  run -0 unattended ssh -i "$BATS_TEST_TMPDIR/other" e2e-web.sandbox true
}

@test "the Include line is added once, at the top, with the file's mode and links kept" {
  mkdir -m 700 "$HOME/.ssh"
  printf 'Host x\n  Port 1\n' >"$BATS_TEST_TMPDIR/dotfile"
  chmod 640 "$BATS_TEST_TMPDIR/dotfile"
  ln -s "$BATS_TEST_TMPDIR/dotfile" "$HOME/.ssh/config"
  configure '[ssh]' include=yes
  up -d
  up -d
  [ -L "$HOME/.ssh/config" ]
  [ "$(stat -c %a "$BATS_TEST_TMPDIR/dotfile")" = 640 ]
  [ "$(grep -c ^Include "$HOME/.ssh/config")" -eq 1 ]
  [ "$(tail -n 2 "$HOME/.ssh/config")" = $'Host x\n  Port 1' ]
}

@test "on a terminal up asks about the Include line; a no is remembered, Enter is a yes" {
  configure '[ssh]' include=ask
  in_tmux new-session -d -x 200 -y 50 "$bin up -d '$project'; echo first; cat"
  await 60 screen_shows "Add it? [Y/n]"
  in_tmux send-keys -t @0 n Enter
  await 10 screen_shows first
  [ ! -e "$HOME/.ssh/config" ]
  [ -e "$state/no-include" ]
  in_tmux respawn-pane -k -t @0 "$bin up -d '$project'; echo second; cat"
  await 10 screen_shows second
  run ! screen_shows "Add it?"
  rm "$state/no-include"
  in_tmux respawn-pane -k -t @0 "$bin up -d '$project'; echo third; cat"
  await 10 screen_shows "Add it? [Y/n]"
  in_tmux send-keys -t @0 Enter
  await 10 screen_shows third
  [ "$(stat -c %a "$HOME/.ssh"):$(stat -c %a "$HOME/.ssh/config")" = 700:600 ]
  run -0 unattended ssh e2e-web.sandbox true
}

@test "without a terminal up says which line to add, and adds nothing" {
  configure '[ssh]' include=ask
  run -0 --separate-stderr unattended "$bin" up -d "$project"
  [[ $stderr == *"Include \"$state/ssh_config\""* ]]
  [ ! -e "$HOME/.ssh" ]
}

# --- tmux -----------------------------------------------------------------------------------------

@test "in tmux the window bears the sandbox's name, and gets its own back" {
  up -d
  in_tmux new-session -d -n mine -x 100 -y 30 "$bin up '$project'; tmux wait-for -S e2e-done; cat"
  await 10 window_is e2e-web
  await 10 screen_shows '$'
  in_tmux send-keys -t @0 'exit 3' Enter
  in_tmux wait-for e2e-done
  window_is mine
}

@test "a window that tmux named is named by tmux again" {
  up -d
  in_tmux new-session -d -x 100 -y 30 "$bin up '$project'; exec cat"
  await 10 window_is e2e-web
  [ "$(in_tmux show-options -wv -t @0 automatic-rename)" = off ]
  await 10 screen_shows '$'
  in_tmux send-keys -t @0 'exit' Enter
  # tmux looks at a window's program when it has written something.
  await 10 eval 'in_tmux send-keys -t @0 Enter; window_is cat'
  [ -z "$(in_tmux show-options -wqv -t @0 automatic-rename)" ]
}

@test "a terminated up gives the window's name back, too" {
  up -d
  in_tmux new-session -d -n mine -x 100 -y 30 bash -c \
    "bash -c 'echo \$\$ >\"$BATS_TEST_TMPDIR/up.pid\"; exec \"$bin\" up \"$project\"'
     echo \"status \$?\"; tmux wait-for -S e2e-done; cat"
  await 10 window_is e2e-web
  await 10 screen_shows '$'
  kill -TERM "$(<"$BATS_TEST_TMPDIR/up.pid")"
  in_tmux wait-for e2e-done
  window_is mine
  screen_shows "status 255" # as ssh ends when it is terminated
}

# --- Crashes --------------------------------------------------------------------------------------

@test "killed as podman starts: the next up finds the sandbox, and down ends it" {
  podman_first '[[ $1 != run ]] || kill -9 "$host_agent_pid"'
  run -137 with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  await 20 eval '[ -n "$(podman ps -q --filter name=^host-agent-e2e-web$)" ]'
  [ ! -e "$state/e2e-web/host_key" ]
  run -0 --separate-stderr up -- echo mended
  [ "$output" = mended ]
  host_agent down e2e-web
  nothing_is_left
}

@test "killed with a container that never ran: the next up replaces it" {
  podman_first '[[ $1 != run ]] || { kill -9 "$host_agent_pid"; shift 2; set -- create "$@"; }'
  run -137 with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  await 20 eval '[ -n "$(podman ps -aq --filter name=^host-agent-e2e-web$)" ]'
  run -0 --separate-stderr up -- echo mended
  [ "$output" = mended ]
}

@test "killed before podman starts: the next up clears up" {
  podman_first '[[ $1 != run ]] || { kill -9 "$host_agent_pid"; exit 1; }'
  run -137 with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  [ -e "$state/e2e-web" ]
  mkdir -p "$work/other"
  host_agent up -d "$work/other"
  nothing_is_left
  run -137 with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  run -0 --separate-stderr up -- echo mended
  [ "$output" = mended ]
}

@test "a container that was killed leaves nothing in the way" {
  up -d
  podman kill host-agent-e2e-web
  run -0 --separate-stderr up -- echo mended
  [ "$output" = mended ]
}

@test "where PID 1 dies at once its last words are the error, and nothing is left" {
  podman_first '[[ $1 != run ]] ||
    set -- run --entrypoint "[\"sh\", \"-c\", \"echo sshd-entry: out of luck >&2; exit 1\"]" "${@:2}"'
  run -1 --separate-stderr with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  [ "${stderr_lines[-1]}" = \
    "host-agent: sandbox e2e-web ended at once: sshd-entry: out of luck" ]
  nothing_is_left
  [ -z "$(podman volume ls -q --filter "label=host-agent.project=$project")" ]
}

@test "the image is got without the lock, which others may want for minutes otherwise" {
  podman_first '[[ $1 != image ]] || { flock -n '"$runtime/lock"' echo free || echo held; } >>'"$BATS_TEST_TMPDIR/lock"
  run -0 --separate-stderr with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  [ "$(grep 'host-agent: image ' <<<"$stderr")" = "host-agent: image $image: the local one (no registry configured)" ]
  [ "$(sort -u "$BATS_TEST_TMPDIR/lock")" = free ]
}

# --- Bad input ------------------------------------------------------------------------------------

@test "wrong usage is one line and status 2" {
  refused 2 "no verb given" host_agent
  refused 2 "frob is no verb" host_agent frob
  refused 2 "Unknown option --frob" host_agent up --frob
  refused 2 "--port 80" up --port 80
  refused 2 "x" up --port x
  refused 2 "--name A/b" up --name A/b
  refused 2 "no command after --" up --
  refused 2 "one directory at a time" up more
  refused 2 "-d does not connect" up -d -- true
  refused 2 "not both" host_agent down --all x
  refused 2 "takes no argument" host_agent ls x
  refused 2 "takes no command" host_agent ls -- x
  nothing_is_left
}

@test "a bad configuration is named with its line" {
  configure '[sandbox]' prot=1
  refused 1 "config.ini:2: unknown key prot" up -d
  configure '[sandbox]' 'network=everything'
  refused 1 "config.ini:2: network = everything is not one of open, none" up -d
  configure '[ssh]' include=no
  chmod 666 "$XDG_CONFIG_HOME/host-agent/config.ini"
  refused 1 "can be changed by others" up -d
  chmod 644 "$XDG_CONFIG_HOME/host-agent/config.ini"
  nothing_is_left
}

@test "directories that are not a project's are refused" {
  refused 1 "is your home directory" host_agent up -d ~
  refused 1 "/ is the whole host" host_agent up -d /
  refused 1 "holds your home directory" host_agent up -d ~/..
  refused 1 "container's own /etc" host_agent up -d /etc/ssl
  mkdir -p "$state"
  refused 1 "widen its own limits" host_agent up -d "$state"
  refused 1 "widen its own limits" host_agent up -d "$XDG_CONFIG_HOME"
  ln -sfn "$HOME" "$BATS_TEST_TMPDIR/innocent"
  refused 1 "is your home directory" host_agent up -d "$BATS_TEST_TMPDIR/innocent"
  refused 1 "No such file" host_agent up -d "$work/nowhere"
  refused 1 "not a directory" host_agent up -d "$work/key"
  [ -z "$(sandboxes)" ]
}

@test "a busy port is told with its owner" {
  stranger
  run -1 --separate-stderr up -d --port "$port"
  [[ ${stderr_lines[-1]} == "host-agent: port $port is another program's"* ]]
  nothing_is_left
  up -d
  mkdir -p "$work/other/e2e-web"
  run -1 --separate-stderr host_agent up -d --port "$(field e2e-web port)" "$work/other/e2e-web"
  [[ ${stderr_lines[-1]} == "host-agent: port "*" is the sandbox e2e-web's"* ]]
}

@test "an unreadable authorized_keys starts nothing" {
  touch "$BATS_TEST_TMPDIR/secret"
  chmod 0 "$BATS_TEST_TMPDIR/secret"
  configure '[ssh]' include=no '[sandbox]' "authorized_keys=$BATS_TEST_TMPDIR/secret"
  run -1 --separate-stderr up -d
  [[ ${stderr_lines[-1]} == *"authorized_keys: cannot read $BATS_TEST_TMPDIR/secret: Permission denied"* ]]
  nothing_is_left
}

@test "what stands in the FIFO's place is told" {
  podman_first "[[ \"\$1 \$2\" != 'volume ls' ]] || { mkdir -p -m 700 $runtime/e2e-web; touch $runtime/e2e-web/notify; }"
  run -1 --separate-stderr with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  [[ ${stderr_lines[-1]} == *"is not a FIFO of yours alone: remove it" ]]
  [ -z "$(sandboxes)" ]
}

@test "a host that cannot run a sandbox is told what it lacks" {
  refused 1 "podman is not installed" with_path /nowhere up -d
  podman_first '[[ $1 != version ]] || { echo 4.2.9; exit; }'
  refused 1 "podman 4.2.9 is too old" with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  refused 1 "XDG_RUNTIME_DIR is not set" env -u XDG_RUNTIME_DIR "$bin" up -d "$project"
  refused 1 "must be a directory of yours" env XDG_RUNTIME_DIR=/tmp "$bin" up -d "$project"
  refused 1 "run as root" podman unshare "$bin" up -d "$project"
  refused 1 "/etc/subuid has no range for" \
    unshare --user --map-current-user --mount --keep-caps sh -c \
    'mount --bind /dev/null /etc/subuid && exec "$@"' sh "$bin" up -d "$project"
  nothing_is_left
}

@test "a full disk starts nothing, and is told" {
  configure '[ssh]' include=no '[sandbox]' home=ephemeral
  # Its output goes through a pipe, since bats' files cannot grow either.
  run -1 bash -c 'trap "" XFSZ; { ulimit -f 0; "$@"; } 2>&1 3>&- 4>&- | cat; exit "${PIPESTATUS[0]}"' \
    sh "$bin" up -d "$project"
  [[ ${lines[-1]} == "host-agent: cannot write $state/e2e-web/etc/authorized_keys: "* ]]
  nothing_is_left
}

# --- Somebody in between --------------------------------------------------------------------------

@test "a project that is swapped for a link is never a sandbox's" {
  mkdir -p "$work/secret"
  for verb in volume run; do # before the check, and after it
    podman_first "[[ \$1 != $verb || -L '$project' ]] || { mv '$project' '$project.aside' && ln -s '$work/secret' '$project'; }"
    run -1 --separate-stderr with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
    [[ ${stderr_lines[-1]} == "host-agent: $project was swapped for another directory meanwhile"* ]]
    rm "$project" && mv "$project.aside" "$project"
    nothing_is_left
  done
}

@test "a project within another sandbox's is refused, and so is one around it" {
  mkdir -p "$project/inner"
  up -d
  refused 1 "which the sandbox e2e-web has, lie within each other" host_agent up -d "$project/inner"
  host_agent down e2e-web
  host_agent up -d "$project/inner"
  refused 1 "which the sandbox inner has, lie within each other" up -d
}

@test "a container of the user's own that bears a sandbox's name stays" {
  podman create --name host-agent-e2e-web "$image"
  run --separate-stderr up -d
  podman rm host-agent-e2e-web # before a check may fail
  [ "$status" -eq 1 ]
  [[ $stderr == *"podman has a container host-agent-e2e-web that is no sandbox"* ]]
}

@test "the podman of a killed up comes too late to replace the next up's sandbox" {
  podman_first '[[ $1 != run ]] || { kill -9 "$host_agent_pid"; until [[ -e '"$work"'/go ]]; do sleep 0.1; done; '"
    \"\$real\" \"\$@\"; echo \$? >'$work/late'; exit 1; }"
  run -137 with_path "$BATS_TEST_TMPDIR/bin:$PATH" up -d
  up -d
  first=$(podman ps -q --filter name=^host-agent-e2e-web$)
  touch "$work/go"
  await 20 test -s "$work/late"
  [ "$(<"$work/late")" != 0 ]
  [ "$(podman ps -q --filter name=^host-agent-e2e-web$)" = "$first" ]
}

@test "a network that was configured meanwhile: up tells that it takes effect later" {
  up -d
  configure '[sandbox]' network=none '[ssh]' include=no
  run -0 --separate-stderr up -d
  [[ $stderr == *"network = none takes effect after \`host-agent down e2e-web\` and up"* ]]
}

# --- Down, whatever happened ----------------------------------------------------------------------

@test "down mends what a killed down left, and what a sandbox that ended by itself left" {
  local name
  for name in e2e-web ''; do
    up -d
    podman_first '[[ $1 != rm ]] || { "$real" "$@"; kill -9 "$host_agent_pid"; exit 0; }'
    run -137 with_path "$BATS_TEST_TMPDIR/bin:$PATH" host_agent down e2e-web
    [ -e "$state/e2e-web" ]
    cd "$project"
    refused 0 "e2e-web was gone already; cleared up what it left" host_agent down $name
    nothing_is_left
    run ! grep e2e-web "$state/known_hosts" "$state/ssh_config"
    refused 1 "sandbox" host_agent down $name
  done
  up -d
  podman stop -t 1 host-agent-e2e-web
  refused 0 "e2e-web was gone already" host_agent down e2e-web
  nothing_is_left
}

@test "down that names nobody clears up nevertheless" {
  up -d
  podman stop -t 1 host-agent-e2e-web
  refused 1 "no sandbox is named other" host_agent down other
  nothing_is_left
}

@test "down works with a broken configuration, and tells" {
  up -d
  configure '[sandbox]' 'port=x'
  run -0 --separate-stderr host_agent down e2e-web
  [[ $stderr == *"config.ini:2: "*"; going on with the defaults"$'\n'"host-agent: e2e-web is down" ]]
  nothing_is_left
}

@test "down --volumes tells whether there was a home" {
  up -d
  refused 0 "e2e-web is down, its home removed" host_agent down --volumes e2e-web
  configure '[ssh]' include=no '[sandbox]' home=ephemeral
  up -d
  refused 0 "e2e-web is down; it had no home of its own" host_agent down --volumes e2e-web
}

# --- The user's own settings ----------------------------------------------------------------------

@test "with the Include line, up -d names the alias" {
  configure '[ssh]' include=yes
  run -0 --separate-stderr up -d
  [[ $output == *"  ssh e2e-web.sandbox"* ]]
}

@test "a link that leads nowhere and a read-only file stay as they are in the place of ~/.ssh/config" {
  configure '[ssh]' include=yes
  mkdir -m 700 "$HOME/.ssh"
  ln -s "$BATS_TEST_TMPDIR/missing" "$HOME/.ssh/config"
  run -0 --separate-stderr up -d
  [[ $stderr == *"is a link that leads nowhere"* ]]
  [ -L "$HOME/.ssh/config" ]
  rm "$HOME/.ssh/config"
  install -m 400 /dev/null "$HOME/.ssh/config"
  run -0 --separate-stderr up -d
  [[ $stderr == *"is read-only, so it stays as it is"* ]]
  [ ! -s "$HOME/.ssh/config" ]
}

@test "a jump host, a proxy, a command and a shared connection for all hosts are not for sandboxes" {
  configure '[ssh]' include=yes
  mkdir -m 700 "$HOME/.ssh"
  printf '%s\n' 'Host *' 'ProxyCommand false' 'RemoteCommand false' 'ControlMaster auto' \
    "ControlPath $BATS_TEST_TMPDIR/%C" 'Host x' 'ProxyJump nowhere' >"$HOME/.ssh/config"
  run -0 --separate-stderr up -- echo reached
  [ "$output" = reached ]
  run -0 unattended ssh e2e-web.sandbox true
  run -0 unattended ssh -p "$(field e2e-web port)" localhost true
  sed -i 's/ProxyCommand false/ProxyJump nowhere.invalid/' "$HOME/.ssh/config"
  run -0 unattended ssh e2e-web.sandbox true
}

@test "an authorized_keys without a key starts nothing" {
  echo '# nobody yet' >"$BATS_TEST_TMPDIR/authorized"
  configure '[ssh]' include=no '[sandbox]' "authorized_keys=$BATS_TEST_TMPDIR/authorized"
  run -1 --separate-stderr up -d
  [[ ${stderr_lines[-1]} == *"authorized has no key, so nobody could log in"* ]]
  nothing_is_left
}

@test "~^Z in a session gives the shell back, and fg the session" {
  up -d
  in_tmux new-session -d -x 200 -y 50 env PS1='shell> ' bash --norc -i
  in_tmux send-keys -t @0 "$bin ssh e2e-web" Enter
  await 20 screen_shows "agent@e2e-web"
  in_tmux send-keys -t @0 Enter '~' C-z
  await 10 screen_shows Stopped
  in_tmux send-keys -t @0 'clear; echo $((40 + 2)) here' Enter
  await 10 screen_shows "42 here"
  in_tmux send-keys -t @0 fg Enter 'echo $((6 * 7)) again' Enter
  await 10 screen_shows "42 again"
  in_tmux send-keys -t @0 'exit' Enter
  await 10 screen_shows "shell> "
}

@test "what the agent put in the place of a mount: up tells how to get a fresh home" {
  mkdir -p "$XDG_CONFIG_HOME/nvim"
  up -- 'cd; mv .config .c; touch .config'
  host_agent down e2e-web
  run --separate-stderr up -d
  rmdir "$XDG_CONFIG_HOME/nvim"
  [ "$status" -eq 1 ]
  [[ ${stderr_lines[-1]} == *'`host-agent down --volumes e2e-web` gives a fresh home' ]]
  refused 0 "its home removed" host_agent down --volumes e2e-web
}
