#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The sandbox from within: a real container that `host-agent up` started, the real ssh and git, and
# what a hostile program in there can reach.

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
name=e2e-box
load launcher.bash

setup_file() {
  export work=$BATS_FILE_TMPDIR HOST_AGENT_DATADIR=$top
  export project=$work/project home_before=$HOME
  mkdir -p "$work/config/host-agent" "$project"
  printf '[ssh]\ninclude = no\n[sandbox]\nnetwork = none\n' >"$work/config/host-agent/config.ini"
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$work/config/containers"
  export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
  runtime_apart "$work/run"
  unset TMUX TMUX_PANE

  ssh-keygen -q -t ed25519 -N '' -C e2e-key -f "$work/key"
  eval "$(ssh-agent -a "$work/agent.sock" 3>&-)" >/dev/null
  export SSH_AUTH_SOCK SSH_AGENT_PID
  ssh-add -q "$work/key"
  gcc -D_GNU_SOURCE -static -O1 -o "$project/thief" "$top/tests/tools/thief.c"
  "$bin" up "$project" -d --name $name 3>&- 4>&-
  box true
}

teardown_file() {
  "$bin" down --volumes $name || podman rm -f -t 0 host-agent-$name
  end_bridge
  ssh-agent -k >/dev/null
}

# What the user types, but for the terminal: -- COMMAND LINE.
box() {
  timeout 120 "$bin" ssh $name -- "$@" 3>&- 4>&-
}

# The plain client, for its options.
client() {
  timeout 120 ssh -F "$XDG_STATE_HOME/host-agent/ssh_config" -o BatchMode=yes "$@" 3>&- 4>&-
}

pid1_log() {
  cat "$XDG_STATE_HOME/host-agent/$name/log"
}

# --- What it is ---------------------------------------------------------------------------------

@test "PID 1 is sshd-entry, the user's own, without a capability" {
  run -0 box 'cat /proc/1/status'
  for set in Inh Prm Eff Bnd Amb; do
    [[ $output == *"Cap$set:	0000000000000000"* ]]
  done
  [[ $output == *"NoNewPrivs:	1"* && $output == *"Name:	sshd-entry"* ]]
  [[ $output == *"Uid:	1000	1000	1000	1000"* ]]
  run -0 box 'grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status'
  [[ $output == *"CapEff:	0000000000000000"*"CapBnd:	0000000000000000"*"NoNewPrivs:	1"* ]]
}

@test "the project is there under its own path, writable, and sessions start in it" {
  [ "$(box pwd)" = "$project" ]
  box 'echo from inside >here'
  [ "$(cat "$project/here")" = "from inside" ]
  [ "$(stat -c %u "$project/here")" = "$(id -u)" ]
}

@test "what is the host's is read-only or not there" {
  run -1 box 'touch /etc/sshd-entry/x'
  run -1 box 'echo >>/etc/sshd-entry/authorized_keys'
  run ! box "test -e ~/.ssh"
  run ! box "test -e $home_before/.ssh -o -e $work/key -o -e $XDG_STATE_HOME"
  run ! box 'touch /usr/x'
  [ "$(box 'find / -xdev -perm /6000 -type f 2>/dev/null | wc -l')" -eq 0 ]
}

@test "with network = none there is the loopback and nothing else" {
  [ "$(box 'ls /sys/class/net')" = lo ]
}

# --- The socket for questions -------------------------------------------------------------------

# A bridge's socket in the directory of $1, which allows whatever is asked, and prints the question
# and the uid of who asks.
answers() {
  cat >"$work/answers.py" <<'END'
import os, socket, struct, sys
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX)
os.umask(0o177)
s.bind('ask')
s.listen()
while True:
    c, _ = s.accept()
    _, uid, _ = struct.unpack('iii', c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    print(uid, c.recv(4096).decode().strip(), flush=True)
    c.sendall(b'wait 5\nallow\n')
    c.close()
END
  rm -f "$(questions "$1")/ask"
  timeout 120 /usr/bin/python3 "$work/answers.py" "$(questions "$1")" >"$work/asked" 3>&- &
  await 5 test -S "$(questions "$1")/ask"
}

questions() {
  echo "$XDG_RUNTIME_DIR/host-agent/$1/ask"
}

@test "a question goes out by the socket, its answer comes back, and we know whose it is" {
  [ "$(stat -c '%a %F' "$(questions $name)")" = '700 directory' ]
  answers $name
  answering=$!
  run -0 box "perl -MIO::Socket::UNIX -e '\$s = IO::Socket::UNIX->new(Peer => q(/run/host-agent/ask)) or die \$!;
    syswrite \$s, qq(may I?\n); print <\$s>'"
  [ "$output" = $'wait 5\nallow' ]
  [ "$(cat "$work/asked")" = "$(id -u) may I?" ]
  kill $answering
}

@test "the socket's directory gives nothing else: no write, no other's socket, no way out" {
  answers $name
  answering=$!
  before=$(stat -c '%i %a %Z' "$(questions $name)" "$(questions $name)/ask")
  for attempt in 'touch x' 'rm ask' 'mv ask old' 'ln -s /tmp ask2' 'ln ask again' 'chmod 777 ask' \
    'chmod 777 .' 'touch -h ask' 'mknod f p' 'mkdir d'; do
    run ! box "cd /run/host-agent && $attempt"
    [[ $output == *"Read-only file system"* ]] || { echo "$attempt: $output" && false; }
  done
  run ! box 'rmdir /run/host-agent || mv /run/host-agent /run/elsewhere'
  run ! box 'unshare -Urm sh -c "mount -o remount,bind,rw /run/host-agent && touch /run/host-agent/x"'
  run ! box 'unshare -Urm sh -c "umount /run/host-agent"'
  [ "$(stat -c '%i %a %Z' "$(questions $name)" "$(questions $name)/ask")" = "$before" ]
  [ "$(box 'cd /run/host-agent && find . && ls -A .. | grep -c notify; true')" = $'.\n./ask\n0' ]

  # Another sandbox has a directory of its own, and no way to this one.
  mkdir -p "$work/other"
  "$bin" up "$work/other" -d --name $name-other 3>&- 4>&-
  seen=$("$bin" ssh $name-other -- "find /run/host-agent '$XDG_RUNTIME_DIR'" 2>/dev/null 3>&- 4>&-) || true
  "$bin" down --volumes $name-other
  kill $answering
  [ "$seen" = /run/host-agent ]
}

# --- Sessions -----------------------------------------------------------------------------------

@test "exit codes 0 to 255 come back" {
  client -M -S "$work/ctl" -N -f $name.sandbox </dev/null >/dev/null 2>&1
  for code in $(seq 0 255); do
    run "-$code" client -S "$work/ctl" $name.sandbox "exit $code"
  done
  client -S "$work/ctl" -O exit $name.sandbox
}

@test "1 GiB there and 1 GiB back, byte by byte" {
  head -c 1073741824 /dev/urandom >"$project/gib"
  client $name.sandbox 'cmp - gib' <"$project/gib"
  client $name.sandbox 'cat gib' | cmp - "$project/gib"
  rm "$project/gib"
}

@test "a terminal in tmux: its size follows the window, its colours are there" {
  screen() { tmux -L e2e-box capture-pane -p -t 0; }
  shows() { screen | grep -q -- "$1"; }
  tmux -L e2e-box -f /dev/null new-session -d -x 100 -y 30 \
    "TERM=tmux-256color '$bin' ssh $name; echo bye; sleep 100"
  await 20 shows 'project'
  tmux -L e2e-box send-keys 'PS1="> "; clear; echo "$(tput colors) $(stty size) $TERM"' Enter
  await 10 shows '^256 [0-9]* 100 tmux-256color'
  tmux -L e2e-box send-keys "trap 'stty size' WINCH; echo set" Enter
  await 10 shows '^set$'
  tmux -L e2e-box resize-window -x 77 -y 20
  await 10 shows ' 77$'
  tmux -L e2e-box send-keys 'clear; printf "\033[31mred\033[0m \xe2\x9c\x93\n"' Enter
  await 10 eval "tmux -L e2e-box capture-pane -e -p -t 0 | grep -q $'\\033\\[31mred'"
  shows '✓'
  tmux -L e2e-box send-keys exit Enter
  await 10 shows bye
  tmux -L e2e-box kill-server
}

@test "10,000 orphans: every zombie is reaped" {
  box 'for i in $(seq 10000); do (true &); done'
  zombies() { box 'grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l'; }
  await 10 eval '[ "$(zombies)" -eq 0 ]'
  [ "$(box 'ls -d /proc/[0-9]* | wc -l')" -lt 20 ]
}

# --- The forwarded agent ------------------------------------------------------------------------

@test "the user's ssh-agent is there, and no key is" {
  run -0 box 'ssh-add -l'
  [[ $output == *e2e-key* ]]
  [ "$(box 'find / -xdev -name "id_*" -type f 2>/dev/null | grep -vE "^/(proc|sys|usr)" | wc -l')" -eq 0 ]
}

@test "a tmux server inside never holds a dead agent" {
  box 'tmux new-session -d -s long "while :; do sleep 1; done"'
  box 'tmux show-environment -t long SSH_AUTH_SOCK' | grep -q /run/sshd-entry/agent.sock
  # That connection is over. Within a newer one, a program of the old tmux finds the agent.
  box 'tmux new-window -t long: "ssh-add -l >~/seen 2>&1; echo end >>~/seen"
       until grep -q end ~/seen 2>/dev/null; do sleep 0.05; done; cat ~/seen' | grep -q e2e-key
  # With no connection at all, it is refused at once. What looks is no connection either.
  box 'rm ~/seen; tmux new-window -t long: "while ssh-add -l; do sleep 0.1; done >~/seen 2>&1; echo end >>~/seen"'
  seen() { podman exec host-agent-$name cat /home/agent/seen; }
  await 10 eval 'seen | grep -q end'
  seen | grep -q 'Error connecting to agent: Connection refused'
  box 'tmux kill-server'
}

# The other server: a real sshd of the user's, which this key alone opens. With network = none the
# way there is a socket in the project.
@test "git push over SSH with the agent's key" {
  git init -q --bare "$work/remote.git"
  ssh-keygen -q -t ed25519 -N '' -f "$work/sshd_key"
  cp "$work/key.pub" "$work/sshd_authorized_keys"
  cat >"$work/sshd_config" <<END
HostKey $work/sshd_key
AuthorizedKeysFile $work/sshd_authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PidFile none
END
  cat >"$work/accept.py" <<'END'
import socket, subprocess, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
while True:
    c, _ = s.accept()
    subprocess.Popen(['/usr/sbin/sshd', '-i', '-f', sys.argv[2]], stdin=c, stdout=c)
    c.close()
END
  cat >"$project/reach" <<'END'
use strict; use IO::Socket::UNIX; use IO::Select;
my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "connect: $!";
my $sel = IO::Select->new($s, \*STDIN);
while (my @r = $sel->can_read) {
  for my $from (@r) {
    my $to = $from == $s ? \*STDOUT : $s;
    my $n = sysread $from, my $data, 65536;
    exit 0 if !$n;
    for (my $at = 0; $at < $n;) { $at += syswrite $to, $data, $n - $at, $at; }
  }
}
END
  /usr/bin/python3 "$work/accept.py" "$project/sshd.sock" "$work/sshd_config" 2>"$work/sshd.log" 3>&- &
  accept=$!
  await 5 test -S "$project/sshd.sock"
  printf 'there %s\n' "$(cat "$work/sshd_key.pub")" >"$project/known_hosts"
  box "set -e; cd '$project'; git init -q -b main repo; cd repo; echo text >file; git add file
    git -c user.name=a -c user.email=a@b commit -q -m one
    export GIT_SSH_COMMAND=\"ssh -o ProxyCommand='perl $project/reach $project/sshd.sock' -o UserKnownHostsFile=$project/known_hosts -o StrictHostKeyChecking=yes\"
    git push -q ssh://$(id -un)@there$work/remote.git main"
  [ "$(git -C "$work/remote.git" log --format=%s main)" = one ]
  # Without the agent it is refused: the key is what opened it.
  run ! box "cd '$project/repo'; export GIT_SSH_COMMAND=\"ssh -o BatchMode=yes -o IdentityAgent=none -o ProxyCommand='perl $project/reach $project/sshd.sock' -o UserKnownHostsFile=$project/known_hosts\"
    git push -q ssh://$(id -un)@there$work/remote.git main:two"
  kill $accept
}

# --- Theft --------------------------------------------------------------------------------------

@test "the thief is good at its trade" {
  run -0 box ./thief --self-test
  [[ $output == *"stole pidfd_getfd"*"stole ptrace"* ]]
}

@test "no process inside gets at PID 1's or a connection process's descriptors or memory" {
  # One connection more, so that there is somebody to rob besides our own.
  client $name.sandbox 'touch ~/up; sleep 300' &
  await 10 box 'test -e ~/up'
  run -0 box 'pids=$(pgrep -x sshd-entry); echo "robbing" $pids; exec ./thief $pids'
  echo "$output"
  [[ $output == "robbing 1 "*" "* ]]
  [[ $output != *stole* ]]
  box 'pkill sleep' || true
}

@test "no process of a session has a socket" {
  seen() { box 'for d in /proc/[0-9]*; do ls -l $d/fd 2>/dev/null; done | grep -c socket: || true'; }
  [ "$(seen)" -eq 0 ]
  # One of its own would be seen.
  box 'perl -MIO::Socket::INET -e "IO::Socket::INET->new(Listen => 1) or die; \$s = IO::Socket::INET->new(Listen => 1); sleep 300" &'
  [ "$(seen)" -gt 0 ]
  box 'pkill perl'
}

# --- PID 1 --------------------------------------------------------------------------------------

@test "without a socket handed in, it binds port 2222 itself" {
  podman run -d --rm --name host-agent-e2e-plain --network=none --userns=keep-id:uid=1000,gid=1000 \
    --cap-drop=all --security-opt=no-new-privileges -v "$work/key.pub:/etc/sshd-entry/authorized_keys:ro" \
    localhost/host-agent:latest >/dev/null
  await 10 eval 'podman logs host-agent-e2e-plain 2>&1 | grep -q "listening on 0.0.0.0 port 2222"'
  run podman exec host-agent-e2e-plain ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p 2222 127.0.0.1 true
  [[ $output == *"Permission denied (publickey)"* ]]
  podman stop -t 5 host-agent-e2e-plain
}

@test "the host key outlives the container, and is the one that is pinned" {
  first=$(pid1_log | grep -o 'host key .*')
  "$bin" down $name
  "$bin" up "$project" -d --name $name 3>&- 4>&-
  [ "$(pid1_log | grep -o 'host key .*')" = "$first" ]
  box true
}

@test "down leaves nothing of it, whether or not there was a directory for questions" {
  run=$XDG_RUNTIME_DIR/host-agent/$name
  answers $name
  kill $!
  [ -S "$run/ask/ask" ]
  "$bin" down $name
  [ ! -e "$run" ]
  # A sandbox of an earlier version has none.
  "$bin" up "$project" -d --name $name 3>&- 4>&-
  rmdir "$run/ask"
  [ "$(box echo here)" = here ]
  "$bin" up "$project" -d --name $name 3>&- 4>&-
  "$bin" down $name
  [ ! -e "$run" ]
  "$bin" up "$project" -d --name $name 3>&- 4>&-
}

@test "SIGTERM hangs up the sessions, and the container is gone within 3 s" {
  client -tt $name.sandbox "trap 'echo hup >hup; exit' HUP; touch up; while :; do sleep 0.1; done" \
    </dev/null >/dev/null 2>&1 &
  await 10 test -e "$project/up"
  box 'tmux new-session -d "trap \"\" HUP TERM; sleep 2000"'
  pid=$(podman inspect --format '{{.State.Pid}}' host-agent-$name)
  grep -qx 'Name:	sshd-entry' "/proc/$pid/status"
  # Podman itself may take its time: it is PID 1 that has these seconds.
  kill -TERM "$pid"
  start=$(date +%s%N)
  while [ -e "/proc/$pid" ]; do sleep 0.02; done
  (($(date +%s%N) - start < 3000000000))
  await 5 eval '! podman container exists host-agent-$name'
  [ -e "$project/hup" ]
}
