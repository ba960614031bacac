#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The image as others see it: a registry that gets it again, a container engine and a cluster that
# know nothing of host-agent. The agents in it are stand-ins: a package file with a script.

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
load host.bash
load net.bash
tag=localhost/oci-test

setup() {
  dir=$BATS_TEST_TMPDIR
  ssh-keygen -q -t ed25519 -N '' -C test -f "$dir/id"
}

teardown() {
  [[ ! -e $dir/registry.pid ]] || kill "$(<"$dir/registry.pid")"
  podman rm --force --ignore --time 0 oci-test >/dev/null
  [[ ! -e $dir/pod.yaml ]] || podman kube down "$dir/pod.yaml" >/dev/null
  podman volume rm --force host-agent-keys >/dev/null 2>&1 || true
  [[ -z ${port-} ]] || podman rmi --ignore "127.0.0.1:$port/oci:1" "127.0.0.1:$port/oci:2" >/dev/null
  podman rmi --ignore $tag:1 $tag:2 >/dev/null
}

# agent VERSION: a package file in `package`, of 3 MB that nothing compresses.
agent() {
  mkdir -p "$dir/package"
  package=$dir/agent-$1.tgz
  { printf '#!/bin/sh\necho "%s (Claude Code)"\nexit\n' "$1" && head -c 3000000 /dev/urandom; } \
    >"$dir/package/claude"
  chmod 755 "$dir/package/claude"
  tar --create --gzip --file "$package" --directory "$dir" package
}

# build TAG BUILD-ARGUMENT: no more than is needed, on the layers that are there.
build() {
  "$top/image/build" --tag "$tag:$1" --build-arg VARIANT=slim --build-arg JUST=none \
    --build-arg UV=none --build-arg "$2"
}

registry() {
  registry_start "$dir/registry"
  echo "$registry_pid" >"$dir/registry.pid"
  port=$registry_port
}

# The bytes that the registry holds.
stored() {
  find "$dir/registry/store" -name data -path '*/blobs/*' -printf '%s\n' | awk '{ n += $1 } END { print n }'
}

# The bytes of all blobs that it has sent.
sent() {
  sed -nE '/"GET [^ ]*\/blobs\//s/.*HTTP\/1\.1" 200 ([0-9]+).*/\1/p' "$dir/registry/log" |
    awk '{ n += $1 } END { print n + 0 }'
}

# logs_in PORT CONTAINER CMD...: by ssh, to the host key that sshd-entry told of.
logs_in() {
  local name=$2 at=$1
  shift 2
  await 20 bash -c 'podman logs "$1" 2>&1 | grep -q "listening on"' - "$name"
  echo "[127.0.0.1]:$at $(podman logs "$name" 2>&1 | sed -n 's/.*host key //p' | tail -n 1)" \
    >"$dir/known_hosts"
  timeout 30 ssh -F none -p "$at" -i "$dir/id" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o UserKnownHostsFile="$dir/known_hosts" -o StrictHostKeyChecking=yes -o LogLevel=ERROR \
    agent@127.0.0.1 "$@"
}

# What a stranger's container may be: no capability, no root to write to, no uid that the image knows.
confined='id -u; grep -q "^[^ ]* / [^ ]* ro," /proc/mounts && echo read-only; grep -h -e ^CapEff -e ^CapBnd -e ^NoNewPrivs -e ^Seccomp: /proc/1/status;
  tr "\0" " " </proc/1/cmdline; echo; touch "$HOME/x" /tmp/x && echo writes'
is_confined() {
  [ "${lines[0]}" = 23456 ]
  [ "${lines[1]}" = read-only ]
  [[ ${lines[2]} =~ ^CapBnd:[[:space:]]0+$|^CapEff:[[:space:]]0+$ ]]
  [[ ${lines[3]} =~ ^CapBnd:[[:space:]]0+$|^CapEff:[[:space:]]0+$ ]]
  [[ ${lines[4]} =~ ^NoNewPrivs:[[:space:]]1$ ]]
  [[ ${lines[5]} =~ ^Seccomp:[[:space:]]2$ ]]
  [ "${lines[6]}" = "/usr/sbin/sshd-entry " ]
  [ "${lines[7]}" = writes ]
}

@test "another agent: the registry gets the agent again, and gives it, and nothing else" {
  local first all
  agent 1.1.1
  build 1 "AGENT_FROM=$package"
  agent 2.2.2
  build 2 "AGENT_FROM=$package"
  for number in 1 2; do
    run -0 podman image inspect $tag:$number --format '{{index .Labels "host-agent.version.agent"}}'
    [ "$output" = $number.$number.$number ]
  done
  registry
  podman push -q --tls-verify=false $tag:1 "127.0.0.1:$port/oci:1"
  first=$(stored)
  podman push -q --tls-verify=false $tag:2 "127.0.0.1:$port/oci:2"
  all=$(stored)
  echo "pushed: $first bytes, then $((all - first))"
  ((first > 50000000 && all - first > 3000000 && all - first < 3200000))
  podman rmi $tag:2
  podman pull -q --tls-verify=false "127.0.0.1:$port/oci:2"
  echo "pulled: $(sent) bytes"
  (($(sent) > 3000000 && $(sent) < 3200000))
}

@test "podman run: a read-only root, a uid without a name, a port of podman's" {
  local at
  at=$(free_port)
  podman run --detach --name oci-test --user 23456:0 --passwd=false --read-only --cap-drop=all \
    --security-opt=no-new-privileges --tmpfs /tmp --tmpfs /run/sshd-entry --tmpfs /home/agent \
    --volume "$dir/id.pub:/etc/sshd-entry/authorized_keys:ro" --publish "127.0.0.1:$at:2222" "$image"
  run -0 logs_in "$at" oci-test "$confined"
  is_confined
  run -0 logs_in "$at" oci-test 'echo "$HOME $USER $SHELL"; pwd; git --version'
  [ "${lines[0]}" = "/home/agent agent /bin/bash" ]
  [ "${lines[1]}" = /home/agent ]
}

@test "podman kube play: the sample pod starts, and lets in whom its ConfigMap names" {
  local at
  at=$(free_port)
  sed -e "s|# ssh-ed25519 AAAA.*|$(<"$dir/id.pub")|" -e "s|hostPort: 2222|hostPort: $at|" \
    -e "s|image: .*|image: $image|" "$top/image/pod.yaml" >"$dir/pod.yaml"
  # The default network wants iptables of the host.
  podman kube play --network slirp4netns "$dir/pod.yaml"
  run -0 logs_in "$at" host-agent-sandbox "$confined"
  is_confined
}
