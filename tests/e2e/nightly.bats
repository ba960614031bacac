#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The nightly rebuild on real Podman, with a real registry, the real bridge and a real notification
# service. What it builds is small: an image that is there, and what the test puts on it.
# shellcheck disable=SC2016,SC2154 # what is quoted is meant so; bats sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
# shellcheck disable=SC2034 # for desktop.bash
host_agent=$bin
repository=localhost/host-agent-e2e-nightly
load host.bash
load smallimage.bash
load desktop.bash
load net.bash

setup_file() {
  small_image
  # A build does that in its end; what was there before is not what it left.
  podman image prune --force --filter 'label=org.opencontainers.image.title=host-agent sandbox' >/dev/null
}

teardown_file() {
  podman rmi --ignore "$small" >/dev/null
}

# The bridge, the settings and the state are apart; Podman's own stay where they are.
setup() {
  export HOST_AGENT=$bin TMPDIR=$BATS_TEST_TMPDIR/tmp desktop=$BATS_TEST_TMPDIR
  mkdir -p "$TMPDIR" "$desktop"/{bin,config/host-agent,context}
  mkdir -m 700 "$desktop/run"
  {
    printf '#!/bin/bash\nexport XDG_RUNTIME_DIR=%q\n' "$XDG_RUNTIME_DIR"
    printf 'exec %q "$@"\n' "$(type -P podman)"
  } >"$desktop/bin/podman"
  chmod +x "$desktop/bin/podman"
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$desktop/config/containers"
  export PATH=$desktop/bin:$PATH
  export XDG_RUNTIME_DIR=$desktop/run XDG_STATE_HOME=$desktop/state XDG_CONFIG_HOME=$desktop/config
  log=$XDG_STATE_HOME/host-agent/nightly.log
  before=$(podman images --all --quiet --no-trunc | sort -u)
  builds ''
}

teardown() {
  [[ ! -s $desktop/pid ]] || kill "$(<"$desktop/pid")" || true
  [[ ! -s $desktop/silent.pid ]] || kill "$(<"$desktop/silent.pid")" || true
  podman rm --force --time 0 --ignore nightly-test >/dev/null
  podman images --format '{{.Repository}}:{{.Tag}}' | grep "^$repository:" | xargs -r podman rmi >/dev/null
  if [[ ! -e $desktop/bridge.pid ]] && pid=$(bridge_pid); then
    kill "$pid"
    await 10 bridge_is_gone
  fi
  desktop_stop
}

builds() { # LINE...
  printf '%s\n' "ARG BASE=$small" "FROM \${BASE}" 'USER 0' "$@" 'USER agent' >"$desktop/context/Containerfile"
}

nightly() {
  timeout 300 "$top/image/nightly" --tag "$repository:latest" --build-arg AGENT=none "$@" "$desktop/context" 3>&- 4>&-
}

id_of() { # IMAGE
  podman image inspect --format '{{.Id}}' "$1"
}

tags() {
  podman images --format '{{.Repository}}:{{.Tag}}' | sed -n "s,^$repository:,,p" | sort | tr '\n' ' '
}

# Of the image, of Podman's containers, of the files.
nothing_is_left() {
  diff <(echo "$before") <(podman images --all --quiet --no-trunc | sort -u)
  run ! grep -E 'gate|buildah' <(podman ps --all --external --format '{{.Names}} {{.Command}}')
  [ -z "$(ls "$TMPDIR")" ]
  [ ! -e "$XDG_RUNTIME_DIR/host-agent/image-nightly" ]
}

# A container registry on 127.0.0.1, over HTTP, to which podman agrees. Sets `port`.
registry() {
  registry_start "$desktop/registry"
  echo "$registry_pid" >"$desktop/pid"
  port=$registry_port
  registry_trust "$desktop/registries.conf" "$port"
}

@test "passed: tagged by its time and as latest, pushed, the last N kept and what runs" {
  local date pid status=0
  registry
  # The settings are host-agent's to read.
  printf '%s\n' '[image]' 'name = localhost/other' 'build_args = AGENT=1' >"$XDG_CONFIG_HOME/host-agent/config.ini"
  builds 'ARG WORD' 'RUN echo "$WORD" >/word' 'LABEL host-agent.variant=full'
  for date in 20250101-000000 20250102-000000 20250103-000000; do
    printf 'FROM %s\nLABEL date=%s\n' "$small" "$date" |
      podman build -q --layers=false -t "$repository:$date" - >/dev/null
  done
  podman tag "$repository:20250103-000000" "$repository:rolled-back" # and has no other name taken away
  podman create -q --name nightly-test "$repository:20250101-000000" >/dev/null
  mkdir -p "$XDG_STATE_HOME/host-agent"
  exec 9>"$XDG_STATE_HOME/host-agent/tags.lock"
  flock 9
  timeout 300 "$top/image/nightly" --tag "${repository#localhost/}" --registry "127.0.0.1:$port/e2e" --keep 2 \
    --build-arg AGENT=none --build-arg 'WORD=from here' --build-arg GO=none "$desktop/context" \
    >"$desktop/out" 2>"$desktop/err" 3>&- 4>&- 9>&- &
  pid=$!
  # Whoever else decides by the tags is done before any is set.
  await 200 grep -q 'waiting for who changes the tags' "$log"
  [ "$(tags)" = "20250101-000000 20250102-000000 20250103-000000 candidate rolled-back " ]
  # A build is at work by the end, so that what this one leaves is not removed.
  exec 8>"$XDG_STATE_HOME/host-agent/build.lock"
  flock -n 8
  exec 9>&-
  wait "$pid" || status=$?
  exec 8>&-
  cat "$desktop"/{out,err}
  [[ $status -eq 0 && ! -s $desktop/err ]]
  output=$(<"$desktop/out")
  [[ $output =~ "$repository:latest is $repository:"([0-9]{8}-[0-9]{6}) ]]
  new=${BASH_REMATCH[1]}
  [ "$(tags)" = "20250101-000000 20250103-000000 $new latest " ]
  [ "$(id_of "$repository:latest")" = "$(id_of "$repository:$new")" ]
  [ "$(curl -s "127.0.0.1:$port/v2/e2e/tags/list" | jq -r '.tags | sort | join(" ")')" = "$new latest" ]
  run -0 podman run --rm --network=none --entrypoint cat "$repository:latest" /word
  [ "$output" = "from here" ]
  # As the build arguments tell, not as the image says.
  grep -qx 'left out go' "$log"
  grep -q '^ok capability' "$log"
}

@test "not passed: latest stays, nothing is left, and the desktop says which check it was" {
  desktop_bus
  podman tag "$small" "$repository:latest"
  builds 'RUN rm /usr/bin/git'
  run -1 --separate-stderr nightly
  [[ ${#stderr_lines[@]} -eq 1 ]]
  [[ $stderr == "image/nightly: did not pass the gate: image/gate: git: "*" ($log)" ]]
  [ "$(tags)" = 'latest ' ]
  [ "$(id_of "$repository:latest")" = "$(id_of "$small")" ]
  nothing_is_left
  await 20 shows 1
  [ "$(shown summary)" = image-nightly ]
  [[ $(shown body) == "$repository:latest stays as it is: did not pass the gate: image/gate: git: "* ]]
}

# As desktop_start does it, in the place that is there.
desktop_screen() {
  unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY DISPLAY
  daemon xvfb Xvfb -displayfd 5 -screen 0 800x600x24 -nolisten tcp 5>"$desktop/display"
  await 20 test -s "$desktop/display"
  DISPLAY=:$(<"$desktop/display")
  export DISPLAY
}

desktop_bus() {
  desktop_screen
  everything
}

@test "not built, or not pushed: one line, and what passed is there" {
  podman tag "$small" "$repository:latest"
  builds 'RUN false'
  run -1 --separate-stderr nightly --quiet
  [[ -z $output && ${#stderr_lines[@]} -eq 1 && $stderr == "image/nightly: not built: image/build: "* ]]
  [ "$(id_of "$repository:latest")" = "$(id_of "$small")" ]
  nothing_is_left
  builds ''
  # Podman refuses this name at once; a registry that is dead has several tries.
  run -1 --separate-stderr nightly --registry 127.0.0.1:1/E2E:latest
  [[ ${#stderr_lines[@]} -eq 1 && $stderr == "image/nightly: not pushed to 127.0.0.1:1/E2E:2"* ]]
  # And what it was before stays, for a rollback.
  [[ $(tags) =~ ^([0-9]{8}-[0-9]{6})\ [0-9]{8}-[0-9]{6}\ latest\ $ ]]
  [ "$(id_of "$repository:${BASH_REMATCH[1]}")" = "$(id_of "$small")" ]
  [ "$(id_of "$repository:latest")" != "$(id_of "$small")" ]
}

@test "no bridge is there: one is started, has none of the locks, and keeps it until a desktop is" {
  builds 'RUN false'
  run -1 nightly --quiet
  [ ! -e "$XDG_RUNTIME_DIR/host-agent/image-nightly" ]
  await 10 bridge_pid
  flock -n "$XDG_STATE_HOME/host-agent/nightly.lock" true
  flock -n "$XDG_STATE_HOME/host-agent/build.lock" true
  bus_start
  desktop_screen
  service_start
  await 20 shows 1
  [[ $(shown body) == "$repository:latest stays as it is: not built: image/build: "* ]]
}

@test "a registry that does not go on is given up" {
  perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 9) or die;
    print $s->sockport, "\n"; close STDOUT; push @c, $s->accept while 1' >"$desktop/port" 3>&- 4>&- &
  echo $! >"$desktop/silent.pid"
  await 10 test -s "$desktop/port"
  port=$(<"$desktop/port")
  registry_trust "$desktop/registries.conf" "$port"
  HOST_AGENT_TRANSFER_SECONDS=2 run -1 --separate-stderr nightly --registry "127.0.0.1:$port/e2e"
  [[ ${#stderr_lines[@]} -eq 1 && $stderr == "image/nightly: not pushed to 127.0.0.1:$port/e2e:2"*": no end of it within 2 s ($log)" ]]
}

@test "another one that is at it for hours is told of" {
  desktop_bus
  mkdir -p "$XDG_STATE_HOME/host-agent"
  exec 9>"$XDG_STATE_HOME/host-agent/nightly.lock"
  flock 9
  touch -d '5 hours ago' "$XDG_STATE_HOME/host-agent/nightly.lock"
  run -0 nightly 9>&-
  says 'another one is at it$'
  touch -d '7 hours ago' "$XDG_STATE_HOME/host-agent/nightly.lock"
  run -1 nightly --quiet 9>&-
  says '^image/nightly: another one is at it since [0-9-]{10} [0-9:]{5}: end it'
  await 20 shows 1
  [[ $(shown body) == "$repository:latest stays as it is: another one is at it since "* ]]
  # A new one does not count from then.
  exec 9>&-
  builds 'RUN false'
  run -1 nightly --quiet
  [ $(($(date +%s) - $(stat -c %Y "$XDG_STATE_HOME/host-agent/nightly.lock"))) -lt 3600 ]
}

@test "two at once are one; a signal leaves nothing, in the build and in the gate, and is told of" {
  local step status pid
  desktop_bus
  for step in 'RUN echo started; exec sleep 1000' \
    "RUN printf '#!/bin/sh\nexec sleep 1000\n' >/usr/bin/git && chmod 755 /usr/bin/git"; do
    builds "$step"
    rm -f "$log" # of the step before
    "$top/image/nightly" --tag "$repository:latest" --build-arg AGENT=none "$desktop/context" \
      >"$desktop/out" 2>&1 3>&- 4>&- &
    pid=$! status=0
    await 60 grep -sqE '^(started|ok hooks)' "$log"
    run -0 nightly
    says 'another one is at it'
    # Another build, once this one's is over, may start from its steps: they are left to that.
    if [[ $step == *git* ]]; then
      exec 9>"$XDG_STATE_HOME/host-agent/build.lock"
      flock -n 9
      id=$(id_of "$repository:candidate")
    fi
    kill -TERM "$pid"
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    await 20 has_shown body "$repository:latest stays as it is: ended by a signal"
    [ -z "$(tags)" ]
    if [[ $step == *git* ]]; then
      exec 9>&-
      podman rmi "$id" >/dev/null
    fi
    nothing_is_left
  done
}

@test "wrong usage is one line and status 2" {
  local args
  for args in --bogus --tag '--keep 0' '--keep x' '--keep 1001' '--tag -x' '--registry a@sha256:0' '--registry x'; do
    # shellcheck disable=SC2086 # words
    run -2 nightly $args
    says '^image/nightly: '
  done
  run -0 nightly --help
}

@test "systemd has nothing to say against the units, which name a program that is there" {
  make -s -C "$top" install PREFIX="$desktop/prefix" >/dev/null
  local units=$desktop/prefix/lib/systemd/user
  run -0 systemd-analyze verify --user --man=no "$units"/host-agent-image.{service,timer}
  [ -z "$output" ]
  run -0 sed -n 's/^ExecStart="\([^"]*\)".*/\1/p' "$units/host-agent-image.service"
  [ -x "$output" ]
}
