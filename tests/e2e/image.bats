#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The image of a sandbox: it is built without a registry, and holds what it should.

bats_require_minimum_version 1.5.0
top=$BATS_TEST_DIRNAME/../..
load host.bash

setup_file() {
  "$top/image/build" --tag "$image"
}

setup() {
  context=$BATS_TEST_TMPDIR/context
  mkdir "$context"
  base=localhost/host-agent-base:latest
}

teardown() {
  podman rmi --ignore localhost/image-test:latest >/dev/null 2>&1 || true
}

containerfile() { # LINE...
  printf '%s\n' 'ARG BASE=localhost/host-agent-base:latest' 'FROM ${BASE}' "$@" \
    >"$context/Containerfile"
}

leaves_nothing() {
  [ -z "$(podman ps --all --external --format '{{.Command}}' | grep buildah)" ]
  [ -z "$(find "$TMPDIR" -mindepth 1 -maxdepth 1 -print)" ]
}

is_left_out() {
  in_image grep -qx "$1" /usr/local/lib/host-agent/left-out
}

# --- What it holds --------------------------------------------------------------------------------

@test "sshd-entry is what it starts, as agent" {
  run -0 podman image inspect "$image" --format \
    '{{.Config.Entrypoint}} {{.Config.User}} {{.Config.StopSignal}} {{.Config.ExposedPorts}}'
  [[ $output =~ ^\[/usr/sbin/sshd-entry\]\ agent\ (SIGTERM|15)\ map\[2222/tcp:\{\}\]$ ]]
  run -0 in_image sshd-entry --version
  [[ ${lines[0]} =~ ^sshd-entry\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  [[ ${lines[1]} =~ ^libssh\ [0-9.]+,\ with\ terminal\ modes ]]
}

@test "every tool runs" {
  local row
  for row in 'claude --version' 'git --version' 'tmux -V' 'nvim --version' 'jq --version' \
    'rg --version' 'go version' 'uv --version' 'just --version' 'ssh -V' 'curl --version' \
    'less --version' 'ps --version' 'bash --version' 'rsync --version'; do
    is_left_out "${row%% *}" && continue
    # shellcheck disable=SC2086 # a command and its arguments
    run -0 in_image $row
    [ -n "$output" ]
  done
}

@test "what may be left out is known, and the agent is not" {
  run -0 in_image sh -c 'cat /usr/local/lib/host-agent/left-out 2>/dev/null || true'
  for tool in $output; do
    [[ $tool =~ ^(uv|just)$ ]]
  done
}

@test "a login shell with an empty environment finds every tool" {
  local tools=(claude git tmux nvim jq rg go uv just ssh curl)
  run in_image env -i HOME=/home/agent bash -lc "command -v ${tools[*]}"
  for tool in "${tools[@]}"; do
    [[ $output =~ /$tool($|$'\n') ]] || is_left_out "$tool"
  done
}

@test "a login shell speaks UTF-8" {
  run -0 in_image env -i HOME=/home/agent bash -lc 'locale charmap'
  [ "$output" = UTF-8 ]
}

@test "sftp-server is where sshd-entry looks for it" {
  in_image test -x /usr/lib/openssh/sftp-server
}

@test "the usual terminals are known" {
  for term in xterm-256color tmux-256color screen-256color alacritty xterm-kitty foot; do
    run -0 in_image infocmp "$term"
  done
}

@test "no file is setuid or setgid" {
  run -0 podman run --rm --network=none --user 0 --entrypoint find "$image" \
    / -xdev -perm /6000 ! -type d
  [ -z "$output" ]
}

@test "the user is agent, uid and gid 1000, the only one with a login" {
  run -0 in_image id
  [ "$output" = "uid=1000(agent) gid=1000(agent) groups=1000(agent)" ]
  run -0 in_image awk -F: '$3 >= 1000 && $3 < 60000 { print $1, $6, $7 }' /etc/passwd
  [ "$output" = "agent /home/agent /bin/bash" ]
}

@test "a new home volume belongs to agent, with the directories that mounts go into" {
  local volume=image-test-$$ directories=(.cache .config .local/share .local/state)
  run sandboxed --volume "$volume:/home/agent" --workdir /home/agent --entrypoint bash "$image" \
    -c 'stat -c "%n %U %G" . "$@" && touch x "${@/%//x}"' - "${directories[@]}"
  podman volume rm "$volume"
  [ "$status" -eq 0 ]
  [ "$output" = "$(printf '%s agent agent\n' . "${directories[@]}")" ]
}

@test "/run/sshd-entry is there for whoever PID 1 is" {
  run -0 in_image stat -c '%a %u' /run/sshd-entry
  [ "$output" = "1777 0" ]
}

@test "Claude Code's managed settings are in place, and every hook they name runs" {
  run -0 in_image jq -er '.hooks[][].hooks[].command' /etc/claude-code/managed-settings.json
  for hook in "${lines[@]}"; do
    in_image test -x "${hook%% *}"
  done
  run -0 in_image stat -c '%a %u' /etc/claude-code/managed-settings.json
  [ "$output" = "644 0" ]
}

@test "nothing of the build or of the host stays behind" {
  run -0 podman image inspect "$image" --format '{{.Config.Env}}'
  [[ $output != *_CERT* && $output != *_CA_* && $output != *APT_CONFIG* && $output != *proxy* ]]
  run -0 in_image find /mnt /var/lib/apt/lists /tmp -mindepth 1
  [ -z "$output" ]
}

# --- How it is built ------------------------------------------------------------------------------

@test "a base that no registry offers: one of our own" {
  containerfile 'RUN . /etc/os-release && echo "on $ID"'
  run -0 "$top/image/build" --tag localhost/image-test --base localhost:1/no/such "$context"
  [[ $output == *"no registry offers localhost:1/no/such here"* && $output == *"on "* ]]
}

@test "build arguments and a file elsewhere get through" {
  containerfile 'ARG WORD' 'RUN echo "the word is $WORD"'
  mv "$context/Containerfile" "$BATS_TEST_TMPDIR/other"
  run -0 "$top/image/build" --file "$BATS_TEST_TMPDIR/other" --tag localhost/image-test \
    --build-arg WORD=$$ --build-arg AGENT=none "$context"
  [[ $output == *"the word is $$"* ]]
}

@test "the host's CA bundle is there in the build, and not afterwards" {
  containerfile 'ARG SSL_CERT_FILE' 'RUN grep -c BEGIN "$SSL_CERT_FILE" && echo bundled'
  run -0 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  [[ $output == *bundled* ]]
  run -0 sandboxed localhost/image-test sh -c 'ls -A /mnt; env'
  [[ $output != *ca.crt* ]]
}

@test "a read-only context is enough, and is not written to" {
  containerfile 'COPY file /'
  touch "$context/file"
  chmod a-w "$context" "$context"/*
  run -0 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  [ "$(ls -A "$context")" = $'Containerfile\nfile' ]
  chmod u+w "$context"
}

@test "a build that fails leaves the image that was there, and nothing else" {
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
  podman tag "$base" localhost/image-test
  before=$(podman image inspect localhost/image-test --format '{{.Id}}')
  containerfile 'RUN false'
  run -1 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  [[ ${lines[-1]} =~ ^image/build:\ podman\ build\ failed ]]
  [ "$before" = "$(podman image inspect localhost/image-test --format '{{.Id}}')" ]
  leaves_nothing
}

@test "a build that is interrupted leaves nothing" {
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
  mkfifo "$BATS_TEST_TMPDIR/log"
  containerfile 'RUN echo started; exec sleep 1000'
  "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context" \
    >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
  local pid=$! status=0
  exec 9<"$BATS_TEST_TMPDIR/log"
  while read -t 60 -r -u 9; do
    [[ $REPLY != started ]] || break
  done
  kill -TERM "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq 130 ]
  leaves_nothing
  run pgrep --uid "$UID" --full 'sleep 1000'
  [ -z "$output" ]
  run -1 podman image exists localhost/image-test
}

@test "standard input is left to who called" {
  containerfile 'RUN cat'
  run -0 bash -c '{ "$@" >/dev/null 2>&1 && cat; } <<<mine' - "$top/image/build" \
    --tag localhost/image-test --build-arg AGENT=none "$context"
  [ "$output" = mine ]
}

@test "of the images of the compiler's stage the newest stays" {
  [ "$(podman images --quiet --filter label=host-agent.stage=build | wc -l)" -le 1 ]
}

@test "a young base is kept; another release is not mistaken for it" {
  run -0 "$top/image/base" "$base"
  [ -z "$output" ]
  HOST_AGENT_SUITE=no-such-suite run -1 "$top/image/base" "$base"
  [[ ${#lines[@]} -eq 2 && ${lines[1]} =~ ^image/base:\ mmdebstrap\ failed ]]
  run -0 "$top/image/base" "$base"
  [ -z "$output" ]
}

@test "a mirror that does not answer is one line" {
  HOST_AGENT_MIRROR=http://127.0.0.1:1/ run -1 "$top/image/base" --force localhost/image-test
  [[ ${#lines[@]} -eq 2 && ${lines[1]} =~ ^image/base:\ mmdebstrap\ failed.*127.0.0.1 ]]
  run -1 podman image exists localhost/image-test
}

@test "the agent's package: the old one serves where the registry is dead" {
  local dir=$BATS_TEST_TMPDIR/agent arch=x64
  [ "$(uname -m)" = x86_64 ] || arch=arm64
  mkdir "$dir"
  touch "$dir/anthropic-ai-claude-code-linux-$arch-1.2.3.tgz"
  npm_config_registry=http://127.0.0.1:1/ run -0 "$top/image/agent-package" "$dir"
  says "^$dir/anthropic-ai-claude-code-linux-$arch-1.2.3.tgz$"
  touch -d '2 days ago' "$dir"/*
  npm_config_registry=http://127.0.0.1:1/ run -0 --separate-stderr "$top/image/agent-package" "$dir"
  says "^$dir/anthropic-ai-claude-code-linux-$arch-1.2.3.tgz$"
  rm "$dir"/*
  npm_config_registry=http://127.0.0.1:1/ run -1 --separate-stderr "$top/image/agent-package" "$dir"
  [ -z "$output" ]
  [ -z "$(ls -A "$dir")" ]
}

@test "a tool that cannot be had: left out with a word, or a failure where it is required" {
  tool() {
    podman run --rm --network=none --volume "$top/image/tool:/opt/tool:ro" "$base" /opt/tool "$@"
  }
  run -0 tool uv auto
  says "^tool: left out uv"
  run -1 tool uv require
  says "^tool: cannot get uv"
  run -1 tool go 9.9
  says "^tool: cannot get go"
  run -0 tool uv none
  [ -z "$output" ]
  run -2 tool uv perhaps
  says "uv=perhaps"
  run -2 tool bogus auto
  says "knows no 'bogus'"
}

@test "wrong usage is one line and status 2" {
  local args
  for args in --bogus --tag "--build-arg X" "--build-arg BASE=x" /no/such/dir; do
    # shellcheck disable=SC2086 # words
    run -2 "$top/image/build" $args
    says "^image/build: "
  done
  run -1 "$top/image/build" --file /no/such/file
  says "cannot read '/no/such/file'"
  run -2 "$top/image/base" --bogus
  says "^image/base: no option"
  run -2 "$top/image/agent-package"
  says "give the directory"
  for script in build base agent-package tool; do
    run -0 "$top/image/$script" --help
  done
}
