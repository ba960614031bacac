#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the real OpenSSH client: files, the end, the command line

load server.bash

# --- Files --------------------------------------------------------------------------------------

@test "sftp and scp copy both ways" {
  server_start
  head -c 3000000 /dev/urandom >"$dir/in"
  copy() { scp -q -F none -P "$port" -i "$dir/id" -o UserKnownHostsFile="$dir/known_hosts" "$@"; }
  copy "$dir/in" "agent@127.0.0.1:$dir/there"
  copy "agent@127.0.0.1:$dir/there" "$dir/back"
  cmp "$dir/in" "$dir/back"
  copy -O "$dir/in" "agent@127.0.0.1:$dir/there2"
  cmp "$dir/in" "$dir/there2"
}

# --- The end ------------------------------------------------------------------------------------

@test "SIGTERM hangs up the sessions and ends the server within 3 s" {
  server_start
  client -tt "trap 'echo hup >$dir/hup; exit' HUP; echo up >$dir/up; while :; do sleep 0.1; done" </dev/null >/dev/null 2>&1 3>&- &
  session=$!
  await 10 test -e "$dir/up"
  start=$(date +%s%N)
  kill -TERM "$server_pid"
  wait "$server_pid"
  (($(date +%s%N) - start < 3000000000))
  await 3 test -e "$dir/hup"
  run wait $session
  ! client true
}

@test "options: help, version, and one line for what is wrong" {
  server_start
  run -0 "$server" --help
  [[ $output == usage:* && $output == *--login-grace* ]]
  run -0 "$server" --version
  [[ $output == "sshd-entry "* ]]
  for bad in "--bogus" "--login-grace 0" "--login-grace 1x" "--max-auth-tries -1" "extra" "--login" \
    "--rekey-limit 1" "--rekey-limit 1MB" "--rekey-limit 99999999999G" "--rekey-limit -1M" \
    "--gateway-ports maybe" "--gateway-ports no|yes" "--log-level warn" "--log-level inf"; do
    # shellcheck disable=SC2086 # words
    run -2 "$server" $bad
    [ "${#lines[@]}" -eq 1 ]
  done
  for bad in 127.0.0.1 nohost:22 127.0.0.1:port "127.0.0.1:$port"; do
    run -1 "$server" --listen "$bad" --host-key "$dir/home/key2"
    [ "${#lines[@]}" -eq 1 ]
  done
  [ ! -e "$dir/home/key2" ]
}

@test "a handed-in socket is served, whatever --listen says" {
  cat >"$dir/activate.py" <<'PY'
import os, socket, sys
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen()
print(s.getsockname()[1], flush=True)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
PY
  ASAN_OPTIONS=detect_leaks=0 /usr/bin/python3 "$dir/activate.py" "$server" --listen 127.0.0.1:1 \
    --host-key "$dir/home/key" --authorized-keys "$dir/authorized_keys" \
    --agent-socket "$dir/agent.sock" >"$dir/port" 2>"$log" 3>&- &
  server_pid=$!
  await 10 logged 'listening on 127.0.0.1 port [0-9]+ \(inherited\)'
  port=$(cat "$dir/port")
  printf '[127.0.0.1]:%s %s\n' "$port" "$(sed -n 's/.*host key //p' "$log")" >"$dir/known_hosts"
  run -0 client 'env | grep -c LISTEN || true'
  [ "$output" -eq 0 ]
}

@test "--log-level error says nothing of what goes well" {
  server_start
  server_stop
  ASAN_OPTIONS=detect_leaks=0 "$server" --listen "127.0.0.1:$port" --host-key "$dir/home/key" --log-level error \
    --authorized-keys "$dir/authorized_keys" --agent-socket "$dir/agent.sock" >/dev/null 2>"$log" 3>&- </dev/null &
  server_pid=$!
  await 10 client true
  [ ! -s "$log" ]
  rm "$dir/authorized_keys"
  run -255 client true
  logged 'nobody can log in'
}

@test "the log has a line for each event, and the peer's text in it is harmless" {
  server_start
  client 'head -c 1000 /dev/zero; cat >/dev/null' <<<word >/dev/null
  # ssh(1) itself would not send such a name.
  run -1 timeout 120 /usr/bin/python3 - "$port" "$dir/id" <<'PY'
import paramiko, sys
t = paramiko.Transport(('127.0.0.1', int(sys.argv[1])))
t.start_client(timeout=60)
t.auth_publickey('evil\n\033[31mname', paramiko.Ed25519Key.from_private_key_file(sys.argv[2]))
PY
  await 5 eval '[ "$(grep -c "connection closed after" "$log")" -eq 2 ]'
  cat "$log"
  logged '\] connection from 127.0.0.1 [0-9]+ 127.0.0.1 [0-9]+$'
  grep -qF "] logged in with ssh-ed25519 $(ssh-keygen -lf "$dir/id" | cut -d ' ' -f 2)" "$log"
  logged '\] command of 38 bytes started, process [0-9]+$'
  logged '\] process [0-9]+ ended after [0-9]+\.[0-9]{3} s: status 0, 5 bytes in, 1000 out$'
  logged 'no such user: evil.x0a.x1b.31mname$'
  [ "$(grep -vc '^sshd-entry: ' "$log")" -eq 0 ]
}

# The home directory is a volume that whoever works inside can write to.
@test "a FIFO in the place of known_hosts stops nothing" {
  mkdir -p "$dir/planted/.ssh"
  mkfifo "$dir/planted/.ssh/known_hosts"
  cp "$server" "$dir/copy"
  printf '#!/bin/sh\nexec unshare --user --map-current-user --keep-caps --mount sh -ec %s sh "%s" "$@"\n' \
    "'mount --bind \"$dir/planted\" ~; exec setpriv --ambient-caps=-all \"\$@\"'" "$dir/copy" >"$dir/server"
  chmod +x "$dir/server"
  server=$dir/server
  server_start
  [ "$(timeout 300 ssh $(client_options) agent@127.0.0.1 'ls ~/.ssh')" = known_hosts ]
}

rss() { # KIND of the connection
  awk -v kind="$1:" '$1 == kind { print $2 }' "/proc/$(connection)/status"
}

connection() {
  pgrep --parent "$server_pid"
}

woken() {
  awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$(connection)/status"
}

sleeps() { # SECONDS
  local before
  before=$(woken)
  sleep "$1"
  [ "$(woken)" -eq "$before" ]
}

shrunk() {
  [ "$(rss RssFile)" -lt $((busy / 2)) ]
}

@test "an idle connection lets go of what only its login needed, sleeps, and works on" {
  server_start
  mkfifo "$dir/keys"
  client 'while read -r; do echo "heard $REPLY"; done' <"$dir/keys" >"$dir/heard" 3>&- &
  exec 6>"$dir/keys"
  echo one >&6
  await 10 grep -q 'heard one' "$dir/heard"
  busy=$(rss RssFile)
  await 10 shrunk
  # What the last byte was good for may take its time; then a whole second passes without a turn, and more.
  await 10 sleeps 1
  sleeps 1.5
  echo two >&6
  await 10 grep -q 'heard two' "$dir/heard"
  exec 6>&-
  wait $!
}
