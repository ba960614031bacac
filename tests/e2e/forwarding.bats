#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: the ssh-agent, and TCP

load server.bash

@test "the agent's path leads to the newest connection that forwards one, and else refuses at once" {
  server_start
  inside() { timeout 60 env SSH_AUTH_SOCK="$dir/agent.sock" ssh-add -l; }
  run inside
  [ "$status" -eq 2 ]

  agent_with_key first
  mkfifo "$dir/hold1" "$dir/hold2"
  client -A cat <"$dir/hold1" >/dev/null 3>&- & exec 7>"$dir/hold1"
  await 10 eval 'inside 2>/dev/null | grep -q first'
  agent_with_key second
  client -A cat <"$dir/hold2" >/dev/null 3>&- 7>&- & exec 6>"$dir/hold2"
  await 10 eval 'inside 2>/dev/null | grep -q second'
  # One that forwards none changes nothing.
  client -a true
  inside | grep -q second
  exec 6>&-
  await 10 eval 'inside 2>/dev/null | grep -q first'
  exec 7>&-
  await 10 eval '! inside 2>/dev/null'
  run inside
  [ "$status" -eq 2 ]
}

@test "an agent socket that was removed inside is made anew for the next connection" {
  server_start
  agent_with_key one
  client -A 'ssh-add -l' | grep -q one
  rm -f "$dir/agent.sock"
  client -A 'ssh-add -l' | grep -q one
  client -A "rm $dir/agent.sock; ln -s /nonexistent $dir/agent.sock"
  client -A 'ssh-add -l' | grep -q one
  # Many at once.
  client -A 'for n in 1 2 3 4 5 6 7 8; do ssh-add -l & done; wait' >"$dir/many"
  [ "$(grep -c one "$dir/many")" -eq 8 ]
}

@test "a program that floods the agent's socket keeps nobody from a session" {
  server_start
  agent_with_key one
  client -A -M -S "$dir/ctl" -N -f 127.0.0.1 </dev/null >/dev/null 2>&1 3>&-
  client -A 'ssh-add -l' >/dev/null
  client -A "echo \$\$ >$dir/flooding; exec perl -MIO::Socket::UNIX -e 'my @s; while (1) { push @s, IO::Socket::UNIX->new(q($dir/agent.sock)); shift @s if @s > 500 }'" 3>&- &
  await 10 test -s "$dir/flooding"
  for n in $(seq 10); do client -S "$dir/ctl" true; client true; done
  [ "$(wc -l <"$log")" -lt 500 ]
  kill "$(<"$dir/flooding")"
  client -S "$dir/ctl" -O exit || true
}

# --- TCP forwarding -----------------------------------------------------------------------------

@test "-L and -D reach what the server reaches; what refuses is refused" {
  server_start
  web_start
  head -c 5000000 /dev/urandom >"$dir/file"
  client -N -S "$dir/ctl" -M -f -o ExitOnForwardFailure=yes -L "$here:localhost:$webport" -D "$socks" \
    </dev/null >/dev/null 2>&1 3>&-
  fetch "http://127.0.0.1:$here/file" | cmp - "$dir/file"
  fetch --socks5-hostname "127.0.0.1:$socks" "http://localhost:$webport/file" | cmp - "$dir/file"
  for n in $(seq 20); do fetch "http://127.0.0.1:$here/file" | cmp - "$dir/file" & done
  for job in $(jobs -p); do [ "$job" = "$server_pid" ] || [ "$job" = "$web" ] || wait "$job"; done
  run ! client -W 127.0.0.1:9
  logged 'direct-tcpip to 127.0.0.1 port 9 refused: Connection refused'
  # A name that no resolver knows holds nobody up.
  [ -z "$(client -S "$dir/ctl" -W nosuch.invalid:80 </dev/null)" ]
  client -S "$dir/ctl" true
  [ "$(printf 'GET /id.pub HTTP/1.0\r\n\r\n' | client -W "127.0.0.1:$webport" | tail -1)" = "$(<"$dir/id.pub")" ]
  client -S "$dir/ctl" -O exit
  web_stop
}

@test "-R: the client's side is reached from the server's loopback, until it is cancelled" {
  server_start
  web_start
  client -N -S "$dir/ctl" -M -f -o ExitOnForwardFailure=yes -R "$here:127.0.0.1:$webport" \
    </dev/null >/dev/null 2>&1 3>&-
  fetch "http://127.0.0.1:$here/id.pub" | cmp - "$dir/id.pub"
  # Whatever address is asked for, it is the loopback alone.
  run -0 ss -Hltn "sport = $here"
  [[ $output == *"127.0.0.1:$here"* && $output != *0.0.0.0:$here* ]]
  client -S "$dir/ctl" -O cancel -R "$here:127.0.0.1:$webport"
  await 5 eval '! fetch "http://127.0.0.1:$here/id.pub"'
  # Port 0: the server chooses, and says so.
  run -0 client -S "$dir/ctl" -O forward -R "0:127.0.0.1:$webport"
  fetch "http://127.0.0.1:$output/id.pub" | cmp - "$dir/id.pub"
  # A port that is taken is refused.
  run ! client -S "$dir/ctl" -O forward -R "$port:127.0.0.1:$webport"
  client -S "$dir/ctl" -O exit
  await 5 eval '! fetch "http://127.0.0.1:$output/id.pub"'
  web_stop
}

# What listens on PORT, as ss(8) prints addresses.
listening() { # PORT
  ss -Hltn "sport = $1" | awk '{ sub(/:[0-9]*$/, "", $4); print $4 }' | sort | paste -sd ' '
}

@test "-R binds the loopback of both families, or what --gateway-ports allows" {
  bound() { # ADDRESS
    local asked
    asked=$(free_port)
    client -N -S "$dir/ctl" -M -f -o ExitOnForwardFailure=yes -R "$1$asked:127.0.0.1:1" </dev/null >/dev/null 2>&1 3>&-
    listening "$asked"
    client -S "$dir/ctl" -O exit 2>/dev/null
  }
  server_start
  [ "$(bound '')" = "127.0.0.1 [::1]" ]
  [ "$(bound '*:')" = "127.0.0.1 [::1]" ]
  [ "$(bound '127.0.0.2:')" = "127.0.0.1 [::1]" ]
  server_stop
  server_start --gateway-ports yes
  [ "$(bound 'localhost:')" = "0.0.0.0 [::]" ]
  server_stop
  server_start --gateway-ports clientspecified
  [ "$(bound 'localhost:')" = "127.0.0.1 [::1]" ]
  [ "$(bound '*:')" = "0.0.0.0 [::]" ]
  [ "$(bound '127.0.0.2:')" = "127.0.0.2" ]
  run -255 client -o ExitOnForwardFailure=yes -R "nosuch:0:127.0.0.1:1" true
  logged 'tcpip-forward refused: no such address'
}

@test "nothing waits for a connection that is not wanted any more" {
  server_start
  # Its backlog is full, and stays so.
  /usr/bin/python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(0)
c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])
print("full", flush=True); time.sleep(60)' "$dir/full" >"$dir/said" 3>&- &
  full=$!
  await 10 test -s "$dir/said"
  here=$(free_port)
  client -N -S "$dir/ctl" -M -f -L "$here:$dir/full" </dev/null >/dev/null 2>&1 3>&-
  for n in 1 2 3 4 5; do timeout 20 nc -d 127.0.0.1 "$here" 3>&- & done
  await 10 eval '[ "$(pgrep -c -P "$server_pid")" -eq 6 ]' # the connection's process, and theirs
  client -S "$dir/ctl" -O exit
  await 5 eval '! pgrep -P "$server_pid" >/dev/null'
  kill "$full"
}
