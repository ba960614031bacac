#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Where `up` gets its image from, and `host-agent image`: against Debian's docker-registry, which
# each test has of its own, on 127.0.0.1. The images are small, and run.
# shellcheck disable=SC2016,SC2030,SC2031 # what is quoted is meant so; each test is a subshell
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
# shellcheck disable=SC2034 # launcher.bash runs it
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
load launcher.bash
load net.bash

repository=localhost/host-agent-e2e-chain
image=$repository:latest
tiny=localhost/host-agent-e2e-tiny:latest

# --- Around each test -----------------------------------------------------------------------------

setup_file() {
  export work=$BATS_FILE_TMPDIR HOST_AGENT_DATADIR=$top
  mkdir -p "$work/config/host-agent" "$work/e2e-chain" "$work/state/host-agent"
  chmod 700 "$work/state/host-agent"
  # Podman's own settings stay where they are.
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$work/config/containers"
  export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
  unset TMUX TMUX_PANE SSH_AUTH_SOCK
  make_tiny
}

teardown_file() {
  end_bridge
  podman rmi --force "$tiny" >/dev/null
}

setup() {
  project=$work/e2e-chain
  dir=$BATS_TEST_TMPDIR/registry
  log=$XDG_STATE_HOME/host-agent/pull.log
  mkdir "$dir"
  remove_images
}

teardown() {
  local pid
  host_agent down --volumes e2e-chain >/dev/null 2>&1 || true
  ! mountpoint_inside || podman unshare umount "$BATS_TEST_TMPDIR/full"
  cat "$log" 2>/dev/null || true
  rm -f "$log"
  for pid in "$BATS_TEST_TMPDIR"/*.pid; do
    [[ ! -s $pid ]] || kill "$(<"$pid")" || true
  done
  pull_over # which lasts no longer than what it asks
  remove_images
  rm -f "$XDG_CONFIG_HOME/host-agent/Containerfile"
}

mountpoint_inside() {
  [[ -d $BATS_TEST_TMPDIR/full ]] && podman unshare mountpoint -q "$BATS_TEST_TMPDIR/full"
}

# Ours, and what was pulled as 127.0.0.1:PORT/e2e-chain.
remove_images() {
  podman images --format '{{.Repository}}:{{.Tag}}' |
    grep -E "^($repository|127\.0\.0\.1:[0-9]+/e2e-chain):" | xargs -r podman rmi --force >/dev/null
  podman images --filter label=e2e-chain --quiet --no-trunc | sort -u | xargs -r podman rmi --force >/dev/null
}

# --- Images and registries ------------------------------------------------------------------------

# Just sshd-entry and what it cannot start without.
make_tiny() {
  podman build -q -t "$tiny" - <<END
FROM localhost/host-agent:latest AS whole
USER 0
RUN mkdir -p -m 755 /tiny/home/agent /tiny/etc && install -d -m 1777 /tiny/run/sshd-entry /tiny/tmp && \
    chown 1000:1000 /tiny/home/agent && \
    cp -L --parents /usr/sbin/sshd-entry /bin/sh \$(ldd /usr/sbin/sshd-entry /bin/sh | grep -o '/[^ )]*[0-9] ' | sort -u) /tiny && \
    cp /etc/passwd /etc/group /tiny/etc && sed -i 's|/bin/bash|/bin/sh|' /tiny/etc/passwd
FROM scratch
COPY --from=whole /tiny/ /
USER agent
ENTRYPOINT ["/usr/sbin/sshd-entry"]
END
}

# make_image NAME SECOND [LABEL=VALUE...]: made in that second of 2020, as image/build tells it, with a
# megabyte of its own. SECOND `none`: it tells no time.
make_image() {
  local name=$1 created=2020-01-01T00:00:$2Z label options=()
  [[ $2 != none ]] || options=(--timestamp 0)
  shift 2
  for label; do
    options+=(--label "$label")
  done
  mkdir -p "$BATS_TEST_TMPDIR/context"
  head -c 1000000 /dev/urandom >"$BATS_TEST_TMPDIR/context/blob"
  printf 'FROM %s\nCOPY blob /\n' "$tiny" | podman build -q -t "$name" -f - --label e2e-chain=yes \
    --label "org.opencontainers.image.created=$created" \
    --annotation "org.opencontainers.image.created=$created" "${options[@]}" \
    "$BATS_TEST_TMPDIR/context" >/dev/null
}

# publish SECOND [LABEL=VALUE...]: an image that the registry has, and this host does not.
publish() {
  make_image "$repository:to-push" "$@"
  podman push -q "$repository:to-push" "127.0.0.1:$registry_port/e2e-chain:latest"
  podman rmi "$repository:to-push" >/dev/null
}

manifest() { # TAG [CURL'S OPTION...]
  curl -s -f -H 'Accept: application/vnd.oci.image.manifest.v1+json' "${@:2}" \
    "http://127.0.0.1:$registry_port/v2/e2e-chain/manifests/$1"
}

# The id of what the registry has.
pushed() { # TAG
  manifest "$1" | jq -r .config.digest | cut -d: -f2
}

# What the registry has gets so many layers; its image stays the same.
push_layers() { # NUMBER
  manifest latest | jq -c ".layers = [range($1) as \$i | .layers[-1]]" |
    manifest latest -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @-
}

# Who moves the tag while that is pushed.
retag_at_push() { # IMAGE
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/bash\n[[ $1 != push ]] || %q tag %q %q\nexec %q "$@"\n' "$(type -P podman)" "$1" "$image" \
    "$(type -P podman)" >"$BATS_TEST_TMPDIR/bin/podman"
  chmod +x "$BATS_TEST_TMPDIR/bin/podman"
}

# registry [LINE OF ITS CONFIGURATION...]: sets `registry_port` and `remote`.
registry() {
  registry_start "$dir" "$@"
  echo "$registry_pid" >"$BATS_TEST_TMPDIR/registry.pid"
  remote=127.0.0.1:$registry_port/e2e-chain:latest
  registry_trust "$dir/registries.conf" "$registry_port"
}

# through hold FILE | cut BYTES | mute FILE: what stands between podman and the registry from now on.
through() {
  "$top/tests/tools/registry-proxy" "$registry_port" "$@" >"$BATS_TEST_TMPDIR/port" 3>&- 4>&- &
  echo $! >"$BATS_TEST_TMPDIR/proxy.pid"
  await 10 test -s "$BATS_TEST_TMPDIR/port"
  remote=127.0.0.1:$(<"$BATS_TEST_TMPDIR/port")/e2e-chain:latest
  registry_trust "$dir/registries.conf" "$registry_port" "$(<"$BATS_TEST_TMPDIR/port")"
}

stranger() {
  perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
    print $s->sockport, "\n"; close STDOUT; sleep 600' >"$BATS_TEST_TMPDIR/port" 3>&- 4>&- &
  echo $! >"$BATS_TEST_TMPDIR/stranger.pid"
  await 10 test -s "$BATS_TEST_TMPDIR/port"
  remote=127.0.0.1:$(<"$BATS_TEST_TMPDIR/port")/e2e-chain:latest
}

# --- Helpers --------------------------------------------------------------------------------------

# `up` waits as long as a slow machine takes, unless a line says otherwise.
configure() { # LINE OF [image]...
  [[ $* == *pull_timeout=* ]] || set -- pull_timeout=600 "$@"
  printf '%s\n' '[sandbox]' network=none '[ssh]' include=no '[image]' "name=$image" "$@" \
    >"$XDG_CONFIG_HOME/host-agent/config.ini"
}

# up_says PATTERN: a sandbox starts, in less than `limit` seconds, and of the image one line tells,
# which matches.
up_says() {
  local start=$SECONDS
  run -0 --separate-stderr host_agent up -d "$project"
  echo "$stderr"
  ((SECONDS - start < ${limit-600}))
  [ "$(grep -c "^host-agent: image " <<<"$stderr")" -eq 1 ]
  [[ $(grep "^host-agent: image " <<<"$stderr") =~ ^"host-agent: image $image: "$1 ]]
  running=$(podman ps --no-trunc --filter name=^host-agent-e2e-chain$ --format '{{.ImageID}}')
  [ "$running" = "$(id_of "$image")" ]
  host_agent down e2e-chain
}

id_of() { # NAME
  podman image inspect --format '{{.Id}}' "$1"
}

second_of() { # NAME
  podman image inspect --format '{{index .Labels "org.opencontainers.image.created"}}' "$1" |
    sed -E 's/.*:(..)Z/\1/'
}

dated() {
  podman images --format '{{.Repository}}:{{.Tag}}' | sed -nE "s|^$repository:(2020.*)|\1|p" | sort
}

# The name that IMAGE has by the time of its build.
by_date() { # IMAGE
  date -u -d "@$(podman image inspect --format '{{.Created.Unix}}' "$1")" "+$repository:%Y%m%d-%H%M%S"
}

# Waits until no pull is under way in the background.
pull_over() {
  local lock=$XDG_RUNTIME_DIR/host-agent/pull.lock
  [[ ! -e $lock ]] || await 60 flock --nonblock "$lock" true
}

# The registry was asked for nothing but the manifest.
no_download() {
  grep -aq 'http.request.method=GET.*/manifests/' "$dir/log"
  run ! grep -aE 'http.request.method=GET.*/blobs/' "$dir/log"
}

image_verb() {
  host_agent image "$@"
}

# fails STATUS PART VERB...: the last line on stderr has PART in it.
fails() {
  local want=$1 part=$2
  shift 2
  run -"$want" --separate-stderr image_verb "$@"
  echo "$stderr"
  [[ ${stderr_lines[-1]} == "host-agent: "*"$part"* ]]
}

# --- The chain ------------------------------------------------------------------------------------

@test "newer: it is pulled, runs, and bears its date beside; equal: nothing is downloaded" {
  registry
  publish 01
  configure "registry=$remote"
  run -0 --separate-stderr host_agent up -d "$project"
  echo "$stderr"
  [[ $output == "sandbox e2e-chain of $project is up"* ]]
  [[ $stderr == *"Copying blob"*"image $image: pulled from the registry ($remote)"* ]]
  host_agent down e2e-chain
  publish 02
  up_says "pulled from the registry \($remote\)$"
  [ "$(second_of "$image")" = 02 ]
  [ "$(dated)" = $'20200101-000001\n20200101-000002' ]
  : >"$dir/log"
  up_says "the local one, which is the registry's too \($remote\)$"
  no_download
}

@test "dead, silent, or without the image: the local one serves, within the limit, and up says why" {
  make_image "$image" 01
  configure registry=127.0.0.1:1/e2e-chain:latest
  up_says "the local one \(127.0.0.1:1/e2e-chain:latest: .*connection refused: is it up"
  stranger
  configure "registry=$remote" pull_timeout=1
  limit=300 up_says "the local one \($remote: no answer within 1 s: what it has is pulled in the background, .*; \[image\] pull_timeout sets the time, "
  registry
  configure "registry=$remote"
  up_says "the local one \($remote: .*manifest unknown.*: .host-agent image push. puts one there\)$"
}

@test "bad TLS, or a login wanted: the same, and what to do" {
  make_image "$image" 01
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$dir/key" -out "$dir/cert" -days 1 2>/dev/null
  tls="  tls: {certificate: $dir/cert, key: $dir/key}" registry
  : >"$dir/registries.conf"
  configure "registry=$remote"
  up_says "the local one \($remote: .*x509: .*its CA belongs into ~/.config/containers/certs.d/127.0.0.1:$registry_port/\)$"
  kill "$(<"$BATS_TEST_TMPDIR/registry.pid")"
  registry "auth: {htpasswd: {realm: e2e, path: $dir/passwords}}"
  configure "registry=$remote"
  up_says "the local one \($remote: .*(unauthorized|authentication required).*: .podman login 127.0.0.1:$registry_port. first\)$"
}

@test "slow beyond the limit: the local one serves, the pull goes on, the next up has it" {
  registry
  publish 02
  through hold "$BATS_TEST_TMPDIR/go"
  make_image "$image" 01
  configure "registry=$remote" pull_timeout=20
  limit=300 up_says "the local one \($remote: slower than 20 s: the pull goes on in the background, for the next up; $log tells how\)$"
  up_says "the local one \($remote: a pull is under way already, for the next up\)$"
  [ "$(second_of "$image")" = 01 ]
  [ -z "$(dated)" ]
  touch "$BATS_TEST_TMPDIR/go"
  await 30 grep -q ': done$' "$log"
  [ "$(second_of "$image")" = 02 ]
  configure "registry=$remote"
  up_says "the local one, which is the registry's too"
  # What was here before, under one name alone, has not lost it.
  [ "$(dated)" = $'20200101-000001\n20200101-000002' ]
  image_verb rollback
  [ "$(second_of "$image")" = 01 ]
}

@test "slow to answer at all: the local one serves, the pull waits for the answer, the next up has it" {
  registry
  publish 02
  through mute "$BATS_TEST_TMPDIR/go"
  make_image "$image" 01
  configure "registry=$remote" pull_timeout=1
  up_says "the local one \($remote: no answer within 1 s: what it has is pulled in the background, for the next up; \[image\] pull_timeout sets the time, $log tells how it goes\)$"
  up_says "the local one \($remote: a pull is under way already, for the next up\)$"
  [ "$(second_of "$image")" = 01 ]
  touch "$BATS_TEST_TMPDIR/go"
  await 30 grep -q ': done$' "$log"
  [ "$(second_of "$image")" = 02 ]
  configure "registry=$remote"
  up_says "the local one, which is the registry's too"
}

@test "cut off within a layer: nothing of it is taken for an image" {
  registry
  publish 02
  through cut 300000
  make_image "$image" 01
  configure "registry=$remote"
  up_says "the local one \($remote: .*(EOF|reset).*: the next up tries again\)$"
  [ "$(second_of "$image")" = 01 ]
  [ -z "$(dated)" ]
  run -1 podman image exists "$remote"
  configure "registry=127.0.0.1:$registry_port/e2e-chain:latest"
  up_says "pulled from the registry"
  [ "$(second_of "$image")" = 02 ]
}

# Podman's own mount namespace gets a file system of 256 KB, where podman puts what it downloads.
@test "a full disk: the local one serves, and what was there is whole" {
  registry
  publish 02
  make_image "$image" 01
  configure "registry=$remote"
  mkdir "$BATS_TEST_TMPDIR/full"
  podman unshare mount -t tmpfs -o size=256k tmpfs "$BATS_TEST_TMPDIR/full"
  TMPDIR=$BATS_TEST_TMPDIR/full up_says "the local one \($remote: .*no space left on device: make room: .host-agent image prune.\)$"
  [ "$(second_of "$image")" = 01 ]
  [ -z "$(dated)" ]
  up_says "pulled from the registry"
}

@test "neither a registry nor a local one: the user's own Containerfile is built" {
  printf 'FROM %s\nLABEL e2e-chain=yes org.opencontainers.image.created=2020-01-01T00:00:01Z\n' \
    "$tiny" >"$XDG_CONFIG_HOME/host-agent/Containerfile"
  configure registry=127.0.0.1:1/e2e-chain:latest build_args=AGENT=none
  up_says "to be built from $XDG_CONFIG_HOME/host-agent/Containerfile \(127.0.0.1:1/e2e-chain:latest: .*refused.*; no local image\)$"
  # When it was built, and not what the file says of that.
  [ "$(id_of "$(by_date "$image")")" = "$(id_of "$image")" ]
  configure
  up_says "the local one \(no registry configured\)$"
}

@test "one that was built here later than the registry's stays, until it is pulled by hand" {
  registry
  publish 01
  make_image "$image" 02
  configure "registry=$remote"
  up_says "the local one \($remote: has an older one; .host-agent image pull. takes it all the same\)$"
  run -0 image_verb pull
  [[ $output == *"$image is now what $remote has" ]]
  [ "$(second_of "$image")" = 01 ]
}

@test "a first pull that is interrupted ends up, and no build begins" {
  local status=0
  registry
  publish 01
  through hold "$BATS_TEST_TMPDIR/never"
  configure "registry=$remote"
  "$bin" up -d "$project" 2>"$BATS_TEST_TMPDIR/err" 3>&- 4>&- &
  await 20 grep -q 'Getting image source' "$BATS_TEST_TMPDIR/err"
  kill -TERM $!
  wait $! || status=$?
  cat "$BATS_TEST_TMPDIR/err"
  [ "$status" -eq 1 ]
  [ "$(tail -n 1 "$BATS_TEST_TMPDIR/err")" = "host-agent: the pull was interrupted" ]
  run ! grep 'to be built' "$BATS_TEST_TMPDIR/err"
  run -1 podman image exists "$image"
}

@test "two ups that want the same at once" {
  registry
  publish 01
  configure "registry=$remote"
  mkdir -p "$work/e2e-other"
  host_agent up -d "$work/e2e-other" >"$BATS_TEST_TMPDIR/other" 2>&1 &
  host_agent up -d "$project"
  wait $!
  host_agent down --volumes e2e-other
  [ "$(second_of "$image")" = 01 ]
}

@test "without a time that can be, the registry's does not take the place of one that has it" {
  registry
  publish none
  make_image "$image" 01
  configure "registry=$remote"
  up_says "the local one \($remote: has one that tells no date that can be, so it may be older; .host-agent image pull. takes it all the same\)$"
  [ "$(second_of "$image")" = 01 ]
  run -0 --separate-stderr image_verb status --json
  [ "$(jq -r '.registry.has, .registry.created' <<<"$output")" = $'other\nnull' ]
  # It bears the time when it came.
  image_verb pull
  run -0 --separate-stderr image_verb status --json
  [ "$(jq -r '.created, .age_seconds, .registry.has' <<<"$output")" = $'null\nnull\nsame' ]
  [[ $(jq -r '.kept[].name' <<<"$output") == "$repository:$(date -u +%Y%m%d)-"* ]]
  # And where neither tells, the registry's is the one.
  publish none
  up_says "pulled from the registry"
}

@test "no image, and a build under way: up takes what that makes, and does not build it anew" {
  configure build_args=AGENT=none
  exec {lock}>"$XDG_STATE_HOME/host-agent/build.lock"
  flock "$lock"
  printf 'FROM %s\nRUN false\n' "$tiny" >"$XDG_CONFIG_HOME/host-agent/Containerfile"
  host_agent up -d "$project" 2>"$BATS_TEST_TMPDIR/err" {lock}>&- &
  await 20 grep -q '^image/build: ' "$BATS_TEST_TMPDIR/err"
  make_image "$image" 01
  exec {lock}>&-
  wait $!
  cat "$BATS_TEST_TMPDIR/err"
  [ "$(grep -c '^host-agent: image ' "$BATS_TEST_TMPDIR/err")" -eq 1 ]
  grep -qx "host-agent: image $image: to be built from $XDG_CONFIG_HOME/host-agent/Containerfile, unless the build that is under way makes it (no registry configured; no local image)" "$BATS_TEST_TMPDIR/err"
  [ "$(dated)" = 20200101-000001 ]
}

# --- The verbs ------------------------------------------------------------------------------------

@test "rollback: one step back, which the registry's same one does not undo, and a newer one does" {
  registry
  configure "registry=$remote"
  for second in 01 02 03; do
    publish $second
    image_verb pull
  done
  run -0 image_verb rollback
  [[ $output == "$image is now $repository:20200101-000002;"* ]]
  up_says "the local one \($remote: has none newer than what was rolled back"
  run -0 image_verb rollback
  [ "$(second_of "$image")" = 01 ]
  publish 02
  up_says "the local one \($remote: has none newer than what was rolled back"
  fails 1 "no image older than" rollback
  [ "$(second_of "$image")" = 01 ]
  publish 04
  up_says "pulled from the registry"
  [ "$(second_of "$image")" = 04 ]
  run -1 podman image exists "$repository:rolled-back"
}

@test "prune: the newest stay, and so do the one in use and the one that runs next" {
  for second in 01 02 03 04 05; do
    make_image "$repository:20200101-0000$second" $second
  done
  podman tag "$repository:20200101-000002" "$image"
  podman create --name e2e-chain-user "$repository:20200101-000001" >/dev/null
  image=${repository#localhost/} configure keep=1 # the same by a short name
  run -0 image_verb prune
  podman rm e2e-chain-user
  [ "$output" = "2 removed, the newest 1 are kept" ]
  [ "$(dated)" = $'20200101-000001\n20200101-000002\n20200101-000005' ]
}

# meanwhile VERB CMD...: CMD runs when VERB waits for the lock that this has.
meanwhile() {
  local verb=$1 lock
  shift
  exec {lock}>"$XDG_STATE_HOME/host-agent/tags.lock"
  flock "$lock"
  "$bin" image "$verb" 3>&- 4>&- {lock}>&- &
  await 10 eval "readlink /proc/$!/fd/* | grep -q tags.lock"
  "$@"
  exec {lock}>&-
  wait $!
}

@test "who decides by tags waits for who has their lock, and decides by what they are then" {
  for second in 01 02 03; do
    make_image "$repository:20200101-0000$second" $second
  done
  podman tag "$repository:20200101-000003" "$image"
  configure keep=1
  meanwhile rollback podman tag "$repository:20200101-000002" "$image"
  [ "$(second_of "$image")" = 01 ]
  meanwhile prune podman tag "$repository:20200101-000002" "$image"
  [ "$(dated)" = $'20200101-000002\n20200101-000003' ]
}

@test "image nightly is image/nightly with the settings" {
  mkdir -p "$BATS_TEST_TMPDIR/data/image"
  printf '#!/bin/sh\nprintf "<%%s>" "$@"\nexit 7\n' >"$BATS_TEST_TMPDIR/data/image/nightly"
  chmod +x "$BATS_TEST_TMPDIR/data/image/nightly"
  touch "$BATS_TEST_TMPDIR/data/Containerfile"
  configure registry=registry.example.org/x base=debian:13 keep=2 'build_args=A=b' '  C=two words'
  HOST_AGENT_DATADIR=$BATS_TEST_TMPDIR/data run -7 image_verb nightly --quiet
  [ "$output" = "<$BATS_TEST_TMPDIR/data><--file><$BATS_TEST_TMPDIR/data/Containerfile><--tag><$image><--base><debian:13><--build-arg><A=b><--build-arg><C=two words><--keep><2><--registry><registry.example.org/x:latest><--quiet>" ]
  configure
  HOST_AGENT_DATADIR=$BATS_TEST_TMPDIR/data run -7 image_verb nightly
  [ "$output" = "<$BATS_TEST_TMPDIR/data><--file><$BATS_TEST_TMPDIR/data/Containerfile><--tag><$image><--keep><3>" ]
  # And the real one takes them all.
  exec {lock}>"$XDG_STATE_HOME/host-agent/nightly.lock"
  flock "$lock"
  configure registry=registry.example.org/x base=debian:13 keep=2 'build_args=A=b' '  C=two words'
  run -0 image_verb nightly {lock}>&-
  [ "$output" = "image/nightly: another one is at it" ]
  run -0 image_verb nightly --quiet {lock}>&-
  [ -z "$output" ]
}

@test "push, and status of the same image, of another, of a dead registry" {
  registry
  make_image "$image" 01 host-agent.version.go=1.25.4
  configure
  fails 1 "no registry is configured" push
  configure "registry=$remote"
  retag_at_push "$tiny"
  id=$(id_of "$image")
  PATH=$BATS_TEST_TMPDIR/bin:$PATH image_verb push
  [ "$(pushed latest) $(pushed 20200101-000001)" = "$id $id" ]
  podman tag "$id" "$image"
  run -0 curl -s "http://127.0.0.1:$registry_port/v2/e2e-chain/tags/list"
  [ "$(jq -c '.tags | sort' <<<"$output")" = '["20200101-000001","latest"]' ]
  run -0 --separate-stderr image_verb status --json
  [ "$(jq -r '.registry.has, .labels.go, .labels.uv, .pulled_as, .created' <<<"$output")" = \
    $'same\n1.25.4\nnull\nnull\n2020-01-01T00:00:01Z' ]
  [ "$(jq -r '.layers[-1].size > 1000000 and .layers[-1].size < 1100000' <<<"$output")" = true ]
  [ "$(jq -r .id <<<"$output")" = "$(id_of "$image")" ]
  push_layers 127
  run -0 image_verb status
  [[ $output == *"registry    $remote has the same"* ]]
  publish 00
  run -0 image_verb status
  [[ $output == *"registry    $remote has an older one, of 2020-01-01T00:00:00Z: "* ]]
  publish 02
  run -0 image_verb status
  [[ $output == *"registry    $remote has a newer one, of 2020-01-01T00:00:02Z: "* ]]
  [[ $output == *"from        built here"*"go          1.25.4"*"uv          unknown"* ]]
  [[ $output =~ "size        "[0-9.]+" MB" && $output == *" 1.0 MB  COPY "* ]]
  image_verb pull
  run -0 image_verb status
  [[ $output == *"from        pulled as $remote"* && $output == *"$remote has the same"* ]]
  [[ $output == *"$repository:20200101-000002 (this one)"* ]]
  : >"$dir/log"
  run -0 image_verb pull
  [[ $output == *"nothing to pull" ]]
  no_download
  configure registry=127.0.0.1:1/e2e-chain:latest
  run -0 image_verb status
  [[ $output == *"127.0.0.1:1/e2e-chain:latest not known what it has: "*refused* ]]
}

@test "what an image says of itself reaches the terminal bounded and printable" {
  make_image "$image" 01 host-agent.version.agent=$'\e[2J root \xe2\x80\xae' \
    host-agent.version.go="$(printf 'x%.0s' {1..5000})"
  configure
  run -0 image_verb status
  echo "$output"
  [[ $output == *'agent       \x1b[2J root \xe2\x80\xae'* ]]
  [ "$(grep '^go ' <<<"$output")" = "go          $(printf 'x%.0s' {1..80})" ]
}

@test "build: by the configuration; rollback leads back; a failure leaves what was there" {
  make_image "$image" 01
  printf 'FROM %s\nARG WORD\nLABEL e2e-chain=yes word=$WORD org.opencontainers.image.created=2020-01-01T00:00:07Z\n' \
    "$tiny" >"$work/Containerfile"
  configure "containerfile=$work/Containerfile" build_args=AGENT=none '  WORD=yes'
  run -0 image_verb build
  [ "$(podman image inspect --format '{{.Labels.word}}' "$image")" = yes ]
  [ "$(id_of "$(by_date "$image")")" = "$(id_of "$image")" ]
  before=$(id_of "$image")
  echo 'RUN false' >>"$work/Containerfile"
  fails 1 "failed with status 1" build --no-cache
  [ "$(id_of "$image")" = "$before" ]
  run -0 image_verb rollback
  [[ $output == "$image is now $repository:20200101-000001;"* ]]
  [ "$(second_of "$image")" = 01 ]
}

@test "a sandbox that runs keeps its image, and up says that a newer one waits" {
  make_image "$image" 01
  configure
  host_agent up -d "$project"
  run -0 --separate-stderr host_agent up -d "$project"
  [ -z "$stderr" ]
  first=$(podman ps --no-trunc --filter name=^host-agent-e2e-chain$ --format '{{.ID}} {{.ImageID}}')
  make_image "$image" 02
  run -0 --separate-stderr host_agent up -d "$project"
  [ "$stderr" = "host-agent: the sandbox e2e-chain keeps its image, and a newer one waits: \`host-agent down e2e-chain\` and up take it" ]
  [ "$(podman ps --no-trunc --filter name=^host-agent-e2e-chain$ --format '{{.ID}} {{.ImageID}}')" = "$first" ]
}

# beside PATTERN: up, where the sandbox runs, says nothing; then the pull in the background says its part.
beside() {
  : >"$dir/log"
  rm -f "$log"
  run -0 --separate-stderr host_agent up -d "$project"
  [ -z "$stderr" ]
  await 30 grep -qs "$1" "$log"
  pull_over
}

@test "up where the sandbox runs waits for no registry, and gets what is newer there for the next one to tell" {
  registry
  publish 01
  configure "registry=$remote"
  host_agent up -d "$project"
  beside ': done$'
  no_download
  publish 02
  beside ': done$'
  [ "$(second_of "$image")" = 02 ]
  run -0 --separate-stderr host_agent up -d "$project"
  [ "$stderr" = "host-agent: the sandbox e2e-chain keeps its image, and a newer one waits: \`host-agent down e2e-chain\` and up take it" ]
  pull_over
  host_agent down e2e-chain
  up_says "the local one, which is the registry's too"
}

@test "and there it downloads none that is older, and says nothing of a dead registry, nor waits for a silent one" {
  registry
  publish 01
  make_image "$image" 02
  configure
  host_agent up -d "$project"
  configure "registry=$remote"
  beside ': done$'
  no_download
  configure registry=127.0.0.1:1/e2e-chain:latest
  beside 'connection refused: is it up'
  through mute "$BATS_TEST_TMPDIR/never"
  configure "registry=$remote"
  run -0 --separate-stderr timeout 300 "$bin" up -d "$project" 3>&- 4>&-
  [ -z "$stderr" ]
  [ "$(second_of "$image")" = 02 ]
}

@test "wrong usage is status 2, and without an image the verbs say so" {
  configure
  fails 2 "no verb given" # nothing more
  fails 2 "frob is no verb of it" frob
  fails 2 "image status: Unknown option --frob" status --frob
  fails 2 "image pull: takes no argument" pull now
  fails 1 "there is no image $image: " status
  fails 1 "there is no image $image: " rollback
  run -0 image_verb --help
  [[ $output == *"rollback"* ]]
}
