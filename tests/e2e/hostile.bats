#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry and those who mean it no good. Built with sanitizers where the packets count, as released where the
# bytes do.

load server.bash

setup() {
  server_prepare
  tools=$BATS_TEST_DIRNAME/../tools
}

teardown() {
  [[ -z ${held-} ]] || kill "$held" 2>/dev/null || true
  server_end
}

# Of PID 1: what leaks show in.
start_time() { cut -d ' ' -f 22 "/proc/$server_pid/stat"; }
memory() { sed -n "s/^$2:[^0-9]*\([0-9]*\) kB/\1/p" "/proc/$1/status"; }
descriptors() { ls "/proc/$server_pid/fd" | wc -l; }
nothing_left() { ! pgrep -P "$server_pid" >/dev/null; }

# The login grace ends nobody who is to be ended sooner.
hostile() { # CASES [GRACE]
  server_start --login-grace "${2-600}"
  run -0 timeout 600 "$tools/hostile-client" "$port" "$dir/id" "$1"
  echo "$output"
  await 10 nothing_left
  await 5 client true
}

# --- Who never gets as far as a login -------------------------------------------------------------

# Connects COUNT times, says TEXT each time and stays.
flood() { # COUNT TEXT
  : >"$dir/flood" # of an earlier one
  perl -MIO::Socket::INET -e '$SIG{PIPE} = "IGNORE"; $| = 1; my @held;
    for (1 .. $ARGV[1]) {
      my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or next;
      syswrite $s, $ARGV[2]; push @held, $s;
    }
    print scalar(@held), "\n"; close STDOUT; sleep 100' "$port" "$1" "$2" >"$dir/flood" 3>&- &
  held=$!
  await 20 test -s "$dir/flood"
}

@test "500 connections that say nothing, and 500 that say who they are, keep nobody out" {
  server_start
  for text in '' $'SSH-2.0-half-open\r\n'; do
    flood 500 "$text"
    [ "$(<"$dir/flood")" -eq 500 ]
    for n in 1 2 3 4 5; do client true; done
    [ "$(pgrep -c -P "$server_pid")" -le 65 ]
    kill "$held"
    await 10 nothing_left
  done
  client true
}

@test "a handshake byte by byte is ended by the login grace, and holds up nobody" {
  server_start --login-grace 4
  : >"$dir/flood"
  perl -MIO::Socket::INET -e '$SIG{PIPE} = "IGNORE"; $| = 1;
    my @s = map { IO::Socket::INET->new("127.0.0.1:$ARGV[0]") } 1 .. 30;
    print "up\n";
    for my $byte (split //, "SSH-2.0-slow\r\n" . "\0" x 100) { syswrite $_, $byte for @s; select undef, undef, undef, 0.5 }' \
    "$port" >"$dir/flood" 3>&- &
  held=$!
  await 10 test -s "$dir/flood"
  while [ "$(grep -c 'no login in time' "$log")" -lt 30 ]; do
    client true
    kill -0 "$held" # it says something for a minute
  done
  await 5 nothing_left
}

@test "garbage, lies and wrong order before the keys" {
  hostile HANDSHAKE
}

@test "garbage, lies and wrong order before the login" {
  hostile LOGIN
}

@test "who keeps the server waiting for more is ended by the login grace" {
  hostile WAITING 5
  [ "$(grep -c 'no login in time' "$log")" -ge 8 ]
}

@test "one that has not logged in takes at most 2 MB more than the keys do" {
  server=$top/build/release/bin/sshd-entry
  server_start
  run -0 timeout 600 "$tools/hostile-client" "$port" "$dir/id" "memory_before_login:$server_pid"
  echo "$output"
}

# --- Who has logged in ----------------------------------------------------------------------------

@test "messages that are unknown, cut short, too long or out of place" {
  hostile MESSAGES
}

@test "key exchanges without need or end" {
  hostile REKEY
}

@test "channels: floods, windows, the dead and the never born" {
  hostile CHANNELS
}

@test "answers that are not read take at most 8 MB, also where some are" {
  server=$top/build/release/bin/sshd-entry
  server_start
  run -0 timeout 600 "$tools/hostile-client" "$port" "$dir/id" "memory_of_answers:$server_pid"
  echo "$output"
  [ "$(grep -c 'closed: the client asks for more than it reads' "$log")" -eq 2 ]
}

@test "forwarding: floods and nonsense" {
  hostile FORWARDING
}

# --- Who takes every descriptor -------------------------------------------------------------------

# Connects COUNT times to PORT, and stays.
hold() { # PORT COUNT
  : >"$dir/hold"
  perl -MIO::Socket::INET -e '$| = 1; my @s = map { IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die } 1 .. $ARGV[1];
    print "up\n"; close STDOUT; sleep 100' "$1" "$2" >"$dir/hold" 3>&- &
  held=$!
  await 10 test -s "$dir/hold"
}

# In the next second process PID takes less than a fifth of it.
rests() { # PID
  local before after
  before=$(cut -d ' ' -f 14,15 "/proc/$1/stat")
  sleep 1
  after=$(cut -d ' ' -f 14,15 "/proc/$1/stat")
  echo "user and system time of $1: $before, then $after"
  ((${after% *} + ${after#* } - ${before% *} - ${before#* } < 20))
}

# Its clients alone do not bring it there: of the last descriptor that they leave it, one more is refused.
@test "PID 1 without a descriptor left waits for one, and then serves" {
  server_start
  limit=$(ulimit -S -n)
  prlimit --pid "$server_pid" --nofile=3:
  hold "$port" 2
  await 5 logged 'cannot accept: Too many open files'
  rests "$server_pid"
  [ "$(grep -c 'cannot accept' "$log")" -le 30 ]
  prlimit --pid "$server_pid" --nofile="$limit:"
  client true
}

@test "a connection without a descriptor left waits for one, and then serves what -R listens on" {
  server_start
  web_start
  client -N -R "$here:127.0.0.1:$webport" </dev/null >/dev/null 2>&1 3>&- &
  ssh=$!
  await 10 logged 'tcpip-forward of port'
  connection=$(pgrep -P "$server_pid")
  prlimit --pid "$connection" --nofile=32:
  hold "$here" 40
  rests "$connection"
  kill "$held"
  await 10 fetch -o "$dir/out" "http://127.0.0.1:$here/id.pub"
  cmp "$dir/id.pub" "$dir/out"
  kill "$ssh"
  web_stop
}

# --- Who is gone all of a sudden --------------------------------------------------------------------

@test "a client killed at any stage leaves nothing behind" {
  server_start
  agent_with_key one
  started=$(start_time)
  for scenario in login terminal download upload agent forward reverse rekey; do
    # shellcheck disable=SC2046 # words
    run -0 timeout 600 "$tools/cut-off" "$port" "$scenario" $(client_options) -l agent \
      -o HostKeyAlias="[127.0.0.1]:$port" -o LogLevel=ERROR
    echo "$output"
    await 10 nothing_left
    client true
  done
  [ "$(start_time)" = "$started" ]
  # The agent's path leads nowhere.
  SSH_AUTH_SOCK=$dir/agent.sock run -2 ssh-add -l
}

@test "2,000 connections, most of them cut or garbage: no process, descriptor or byte is left over" {
  # Its descriptors are root's to see, so it runs where we are root.
  printf '#!/bin/sh\nexec unshare --user --map-root-user "%s" "$@"\n' "$top/build/release/bin/sshd-entry" >"$dir/server"
  chmod +x "$dir/server"
  server=$dir/server
  server_start --workdir "$dir/home"
  timeout 600 "$tools/churn" "$port" "$dir/id" 200
  await 10 nothing_left
  started=$(start_time) before=$(memory "$server_pid" RssAnon) open=$(descriptors)
  timeout 600 "$tools/churn" "$port" "$dir/id" 2000
  await 10 nothing_left
  after=$(memory "$server_pid" RssAnon)
  echo "anonymous memory: $before kB, then $after kB; descriptors: $open, then $(descriptors)"
  # 17 bytes a connection would show.
  [ "$after" -le $((before + 32)) ]
  [ "$(descriptors)" -eq "$open" ]
  [ "$open" -gt 3 ]
  [ "$(start_time)" = "$started" ]
  [ "$(grep -c 'connection from' "$log")" -ge 2200 ]
}
