# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests need of 127.0.0.1.
load await.bash

# None that the kernel gives away by itself: one of hundreds of clients would have it by the time it is used.
free_port() {
  perl -MIO::Socket::INET -e 'my ($s, $port);
    do { $port = 10000 + int rand 20000; $s = IO::Socket::INET->new(LocalPort => $port, Listen => 1) } until $s;
    print $port'
}

# registry_start DIR [LINE OF ITS CONFIGURATION...]: Debian's docker-registry, over HTTP unless they
# say otherwise. Sets `registry_port` and `registry_pid`; its log is DIR/log, its images DIR/store.
registry_start() {
  local dir=$1
  shift
  mkdir -p "$dir"
  printf '%s\n' 'version: 0.1' 'storage: {filesystem: {rootdirectory: '"$dir/store"'}}' "$@" \
    'http:' '  addr: 127.0.0.1:0' ${tls+"$tls"} >"$dir/config.yml"
  docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 3>&- 4>&- &
  registry_pid=$!
  await 10 grep -aq 'listening on' "$dir/log"
  registry_port=$(sed -nE 's/.*listening on 127\.0\.0\.1:([0-9]+).*/\1/p' "$dir/log")
}

# Podman is to speak HTTP with the registries at these ports. FILE takes the words.
registry_trust() { # FILE PORT...
  printf '[[registry]]\nlocation = "127.0.0.1:%s"\ninsecure = true\n' "${@:2}" >"$1"
  export CONTAINERS_REGISTRIES_CONF=$1
}
