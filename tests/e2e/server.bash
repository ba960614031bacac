# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# sshd-entry on this very host, without a container: what the protocol's tests need.

bats_require_minimum_version 1.5.0

# A file whose tests need more than these has its own.
setup() {
  server_prepare
}

teardown() {
  server_end
}

top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
server=${SSHD_ENTRY:-$top/build/asan/bin/sshd-entry}
agents=()
load net.bash

# A key of the client's, and a directory for all that a test makes.
server_prepare() {
  dir=$(mktemp -d "$BATS_FILE_TMPDIR/XXXXXX")
  log=$dir/log
  ssh-keygen -q -t ed25519 -N '' -C test -f "$dir/id"
  cp "$dir/id.pub" "$dir/authorized_keys"
  mkdir "$dir/home"
}

server_start() { # [OPTION]...
  : >"$log" # of an earlier one
  # Leaks are the unit tests' matter: the leak checker traces its process, which this one forbids.
  ASAN_OPTIONS=detect_leaks=0 "$server" --listen 127.0.0.1:0 --host-key "$dir/home/key" \
    --authorized-keys "$dir/authorized_keys" --agent-socket "$dir/agent.sock" "$@" \
    >/dev/null 2>"$log" 3>&- </dev/null &
  server_pid=$!
  await 10 grep -q 'listening on' "$log"
  port=$(sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p' "$log")
  printf '[127.0.0.1]:%s %s\n' "$port" "$(sed -n 's/.*host key //p' "$log")" >"$dir/known_hosts"
}

server_stop() {
  [[ -z ${server_pid-} ]] || kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  # A sanitizer's report is a failure, whatever the test saw.
  if grep -E 'ERROR: AddressSanitizer|runtime error:|killed by signal' "$log"; then
    return 1
  fi
}

# And the agents of agent_with_key.
server_end() {
  kill "${agents[@]}" 2>/dev/null || true
  server_stop
}

# What every program built on OpenSSH's client understands: nothing of the user's own configuration.
client_options() {
  echo "-F none -p $port -i $dir/id -o IdentitiesOnly=yes -o BatchMode=yes" \
    "-o UserKnownHostsFile=$dir/known_hosts -o StrictHostKeyChecking=yes"
}

# The real client, which never waits for ever. Of an option that is given twice ssh takes the first,
# so these two are variables.
client() { # [OPTION]... [COMMAND]
  # shellcheck disable=SC2046 # words
  timeout 300 ssh $(client_options) -l "${login-agent}" -o LogLevel="${loglevel-ERROR}" 127.0.0.1 "$@"
}

# The server logged a line that matches.
logged() { # REGEX
  grep -qE "$1" "$log"
}

agent_with_key() { # NAME
  eval "$(ssh-agent 3>&- 6>&- 7>&-)" >/dev/null
  agents+=("$SSH_AGENT_PID")
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/$1"
  ssh-add -q "$dir/$1"
}

# A server on the far side, and somewhere to listen on this one.
web_start() {
  /usr/bin/python3 -c 'import http.server, os, socketserver, sys
os.chdir(sys.argv[1])
s = socketserver.ThreadingTCPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(s.server_address[1], flush=True)
s.serve_forever()' "$dir" >"$dir/webport" 2>/dev/null 3>&- &
  web=$!
  await 10 test -s "$dir/webport"
  webport=$(<"$dir/webport")
  here=$(free_port)
  socks=$(free_port)
}

web_stop() {
  kill "$web"
}

# No proxy but what is given: the machine may have one for the world outside.
fetch() { # URL [CURL'S OPTION]...
  env -u http_proxy -u all_proxy -u ALL_PROXY curl -sf -m 120 --noproxy '' "$@"
}
