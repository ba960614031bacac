#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The image of a sandbox: it is built without a registry, and holds what it should.

bats_require_minimum_version 1.5.0
top=$BATS_TEST_DIRNAME/../..
load host.bash
load net.bash
slim=localhost/image-test-slim:latest # stays for the file: others start from its layers

setup_file() {
  "$top/image/build" --tag "$image"
}

teardown_file() {
  podman rmi --ignore $slim >/dev/null 2>&1 || true
}

setup() {
  context=$BATS_TEST_TMPDIR/context
  mkdir "$context"
  base=localhost/host-agent-base:latest
}

teardown() {
  release
  [[ ! -s $BATS_TEST_TMPDIR/pids ]] || xargs kill <"$BATS_TEST_TMPDIR/pids" || true
  podman rmi --ignore localhost/image-test:latest >/dev/null 2>&1 || true
}

containerfile() { # LINE...
  printf '%s\n' 'ARG BASE=localhost/host-agent-base:latest' 'FROM ${BASE}' "$@" \
    >"$context/Containerfile"
}

# A step of a build, which waits for release().
held='RUN echo started; until [ -e /mnt/go ]; do sleep 0.1; done'

release() {
  local lent
  for lent in "$BATS_TEST_TMPDIR"/tmp/host-agent-build.*/lent; do
    [[ ! -d $lent ]] || touch "$lent/go"
  done
}

leaves_nothing() {
  [ -z "$(podman ps --all --external --format '{{.Command}}' | grep buildah)" ]
  [ -z "$(find "$TMPDIR" -mindepth 1 -maxdepth 1 -print)" ]
}

# with NAME VALUE: the image has that label.
with() {
  [ "$(podman image inspect "${3-$image}" --format "{{index .Labels \"$1\"}}")" = "$2" ] ||
    { echo "label $1 of ${3-$image} is not '$2'" && return 1; }
}

# small TAG [BUILD ARGUMENT]...: an image on layers that are there already.
small() {
  local argument args=()
  for argument in "${@:2}"; do args+=(--build-arg "$argument"); done
  "$top/image/build" --tag "$1" --build-arg VARIANT=slim --build-arg JUST=none --build-arg UV=none \
    "${args[@]}"
}

# npm_package FILE PATH TEXT: a package as npm packs it, with one program at PATH.
npm_package() {
  local dir
  dir=$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")
  mkdir -p "$dir/package/$(dirname "$2")"
  printf '%s\n' "$3" >"$dir/package/$2"
  chmod 4755 "$dir/package/$2"
  tar --create --gzip --file "$BATS_TEST_TMPDIR/$1" --directory "$dir" package
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

# --- What it says of itself -----------------------------------------------------------------------

@test "its labels tell what is inside, as the programs themselves do" {
  local name command created
  for name in agent:claude go:'go version' just:just libssh:'sshd-entry --version'; do
    command=${name#*:}
    [[ $command == *' '* ]] || command+=' --version'
    is_left_out "${command%% *}" && continue
    # shellcheck disable=SC2086 # words
    run -0 in_image $command
    [[ $output == *"$(podman image inspect "$image" --format \
      "{{index .Labels \"host-agent.version.${name%%:*}\"}}")"* ]]
    [ -n "$(podman image inspect "$image" --format "{{index .Labels \"host-agent.version.${name%%:*}\"}}")" ]
  done
  run -0 in_image cat /etc/debian_version
  with host-agent.version.base "debian $output"
  with host-agent.variant full
  with host-agent.version.codex ''
  with org.opencontainers.image.version "$(sed -n 's/^VERSION := //p' "$top/Makefile")"
  with org.opencontainers.image.base.name localhost/host-agent-base:latest
  created=$(podman image inspect "$image" --format '{{.Created.Unix}}')
  with org.opencontainers.image.created "$(date -u -d "@$created" +%Y-%m-%dT%H:%M:%SZ)"
  (($(date +%s) - created < 7 * 24 * 60 * 60))
}

@test "its SBOM is SPDX 2.3, and names each package once" {
  local sbom=/usr/local/lib/host-agent/sbom.spdx.json
  in_image jq -e '.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0"
    and .SPDXID == "SPDXRef-DOCUMENT" and (.name | length > 0)
    and (.documentNamespace | test("^https://[^#]+$"))
    and (.creationInfo.created | test("^[0-9-]{10}T[0-9:]{8}Z$"))
    and (.creationInfo.creators | all(test("^(Tool|Organization|Person): ")))' $sbom
  in_image jq -e '[.packages[] | select((.SPDXID | test("^SPDXRef-[A-Za-z0-9.-]+$") | not)
    or (.name | length == 0) or (.versionInfo | length == 0) or .downloadLocation != "NOASSERTION"
    or .filesAnalyzed)] == []' $sbom
  in_image jq -e '[.packages[].SPDXID] | length == (unique | length)' $sbom
  in_image jq -e '([.packages[].SPDXID] + [.SPDXID]) as $ids | .relationships
    | length == ($ids | length - 1) and all(.spdxElementId | IN($ids[]))
      and all(.relatedSpdxElement | IN($ids[]))' $sbom
  run -0 in_image bash -c "diff <(jq -r '.packages[] | select(.SPDXID | startswith(\"SPDXRef-deb-\"))
    | \"\(.name) \(.versionInfo)\"' $sbom | sort) <(dpkg-query -W -f '\${Package} \${Version}\\n' | sort)"
  run -0 in_image jq -r '.packages[] | select(.SPDXID | startswith("SPDXRef-tool-")) | .name' $sbom
  [[ $output == *claude-code* && $output == *libssh* ]]
}

@test "built again from what is there, it is the same image" {
  local before
  before=$(podman image inspect "$image" --format '{{.Id}}')
  run -0 "$top/image/build" --tag "$image"
  [ "$before" = "$(podman image inspect "$image" --format '{{.Id}}')" ]
}

@test "slim: no Go, no editor; the rest, on the very same layers" {
  small $slim AGENT=none
  with host-agent.variant slim $slim
  with host-agent.version.go '' $slim
  with host-agent.version.agent '' $slim
  run -0 sandboxed --entrypoint bash $slim -c '
    for tool in go nvim vim nano git tmux jq rg curl; do ! command -v $tool; done >/dev/null
    type -P go nvim claude; type -P git tmux jq rg curl | wc -l'
  [ "$output" = 5 ]
  # The base, the scripts and the packages that both have.
  layers() { podman image inspect "$1" --format '{{range .RootFS.Layers}}{{println .}}{{end}}' | head -n 3; }
  [ "$(layers $slim)" = "$(layers "$image")" ]
}

@test "the packages of a variant: slim is core, full has the editor" {
  run -0 "$top/image/packages" --print core full
  [[ $'\n'$output$'\n' == *$'\n'neovim$'\n'* && $'\n'$output$'\n' == *$'\n'tmux$'\n'* ]]
  core=$("$top/image/packages" --print core)
  run -0 "$top/image/packages" --print core slim
  [ "$output" = "$core" ]
  [[ $core != *neovim* && $core != *golang* ]]
  run -2 "$top/image/packages" --print fat
  says "knows no set 'fat'"
}

# --- Where agents come from -----------------------------------------------------------------------

@test "the agent from a file; others beside it, each with its hook, nothing of theirs setuid" {
  local script='#!/bin/sh' vendor=vendor/machine
  npm_package claude.tgz claude "$script"$'\necho "7.7.7 (Claude Code)"'
  npm_package codex.tgz $vendor/bin/codex "$script"$'\necho codex-cli 8.8.8'
  npm_package opencode.tgz bin/opencode "$script"$'\necho 9.9.9'
  small localhost/image-test "AGENT_FROM=$BATS_TEST_TMPDIR/claude.tgz" \
    "AGENTS=codex@$BATS_TEST_TMPDIR/codex.tgz,opencode@$BATS_TEST_TMPDIR/opencode.tgz"
  with host-agent.version.agent 7.7.7 localhost/image-test
  with host-agent.version.codex 8.8.8 localhost/image-test
  with host-agent.version.opencode 9.9.9 localhost/image-test
  # Of where the files lie on the host, nothing.
  run -0 podman history --no-trunc --format '{{.CreatedBy}}' localhost/image-test
  [[ $output == *codex@codex.tgz* && $output != *"$BATS_TEST_TMPDIR"* ]]
  run -0 sandboxed --entrypoint bash localhost/image-test -c 'claude && codex && opencode'
  run -0 podman run --rm --network=none --user 0 --entrypoint bash localhost/image-test -c '
    find / -xdev -perm /6000 ! -type d; find /usr/local /etc/codex /etc/opencode ! -user 0'
  [ -z "$output" ]
  run -0 sandboxed --entrypoint sh localhost/image-test -c '
    sed -n "s/^notify = \[\"\(.*\)\"\]/\1/p" /etc/codex/config.toml
    jq -r ".plugin[]" /etc/opencode/opencode.json'
  [ "${#lines[@]}" -eq 2 ]
  in_image test -x "${lines[0]}"
  in_image test -r "${lines[1]}"
}

@test "Gemini's settings name hooks that are there" {
  run -0 jq -er '.hooks[][].hooks[].command' "$top/hooks/gemini.json"
  [ "${#lines[@]}" -eq 3 ]
  for hook in "${lines[@]}"; do
    in_image test -x "${hook%% *}"
    [[ ${hook#* } =~ ^(Stop|Notification|UserPromptSubmit)$ ]]
  done
}

@test "an agent that cannot be had, or does not run, is a failure with a word" {
  run -1 "$top/image/build" --tag localhost/image-test --build-arg AGENT_FROM=/no/such/file
  [[ $output == *"cannot read '/no/such/file'"* ]]
  npm_config_registry=http://127.0.0.1:1/ HOST_AGENT_PACKAGE_MINUTES=0 XDG_CACHE_HOME=$BATS_TEST_TMPDIR \
    run -1 "$top/image/build" --tag localhost/image-test --build-arg AGENTS=codex
  [[ $output == *"npm cannot get @openai/codex@latest"* ]]
  run -2 "$top/image/build" --tag localhost/image-test --build-arg AGENT_FROM=moon
  says "AGENT_FROM=moon"
  run -2 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none --build-arg AGENTS=copilot
  says "'copilot' is not codex, gemini or opencode"
  npm_package broken.tgz bin/opencode '#!/bin/false'
  run -1 small localhost/image-test AGENT=none "AGENTS=opencode@$BATS_TEST_TMPDIR/broken.tgz"
  [[ $output == *"opencode does not run on this base"* ]]
  run -1 podman image exists localhost/image-test
}

# --- How it is built ------------------------------------------------------------------------------

@test "a base that no registry offers: one of our own" {
  containerfile 'RUN . /etc/os-release && echo "on $ID"'
  run -0 "$top/image/build" --tag localhost/image-test --base localhost:1/no/such "$context"
  [[ $output == *"no registry offers localhost:1/no/such here"* && $output == *"on "* ]]
}

@test "a base by its id: that one, and where it is gone no other" {
  local id
  id=$(podman image inspect "$base" --format '{{.Id}}')
  containerfile 'RUN echo "on it"'
  run -0 "$top/image/build" --no-cache --tag localhost/image-test --build-arg AGENT=none --base "$id" "$context"
  [[ $output == *"on it"* && $output != *'no registry'* ]]
  podman rmi localhost/image-test
  run -1 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none --base "${id//[0-9]/f}" "$context"
  says "^image/build: the base ${id//[0-9]/f} is not here any more$"
  run -1 podman image exists localhost/image-test
}

@test "build arguments and a file elsewhere get through" {
  containerfile 'ARG WORD' 'RUN echo "the word is $WORD"'
  mv "$context/Containerfile" "$BATS_TEST_TMPDIR/other"
  run -0 "$top/image/build" --file "$BATS_TEST_TMPDIR/other" --tag localhost/image-test \
    --build-arg WORD=$$ --build-arg AGENT=none "$context"
  [[ $output == *"the word is $$"* ]]
}

# unreachable_base TAG ID: the base, whose sources, of both kinds, name a host that is not there.
unreachable_base() {
  podman build -q -t "$1" - <<END
FROM $base
RUN . /etc/os-release && cd /etc/apt && rm -rf sources.list* && mkdir sources.list.d \\
 && echo "deb http://no.such.host.invalid/debian \$VERSION_CODENAME main" >sources.list \\
 && printf '%s\\n' 'Types: deb' 'URIs: http://no.such.host.invalid/security' \\
      "Suites: \$VERSION_CODENAME-security" 'Components: main' >sources.list.d/own.sources \\
 && sed -i 's/^ID=.*/ID=$2/' /etc/os-release
END
}

@test "the host's mirror serves a base that is pulled, of its distribution; its own sources stay" {
  local tag=localhost/image-test-pulled:latest archive
  archive=$("$top/image/mirror" | cut -d' ' -f2)
  # shellcheck disable=SC1091
  unreachable_base "$tag" "$(. /etc/os-release && echo "$ID")"
  cp "$top/image/packages" "$top/image/tool" "$context"
  containerfile 'ARG APT_CONFIG' 'COPY packages tool /usr/lib/test/' 'RUN /usr/lib/test/packages just=require'
  HOST_AGENT_MIRROR=$archive run -0 "$top/image/build" --base "$tag" --tag localhost/image-test \
    --build-arg AGENT=none "$context"
  run -0 sandboxed localhost/image-test just --version
  run -0 sandboxed localhost/image-test sh -c 'cat /etc/apt/sources.list /etc/apt/sources.list.d/*; ls /tmp'
  [ "$(grep -c no.such.host.invalid <<<"$output")" -eq 2 ]
  [[ $output != *"$archive"* ]]
  # Not of another distribution.
  unreachable_base "$tag" strange
  containerfile 'COPY packages tool /usr/lib/test/' 'RUN /usr/lib/test/packages core'
  HOST_AGENT_MIRROR=$archive run -1 "$top/image/build" --base "$tag" --tag localhost/image-test \
    --build-arg AGENT=none "$context"
  [ "$(grep -c "^packages: the host's mirror is of .*, this is strange: from where its own sources say" <<<"$output")" -eq 1 ]
  # One that the build cannot reach is not waited for.
  podman tag "$base" "$tag"
  containerfile 'COPY packages tool /usr/lib/test/' 'RUN /usr/lib/test/packages just=require'
  HOST_AGENT_MIRROR=http://127.0.0.1:1/ run -0 "$top/image/build" --base "$tag" --tag localhost/image-test \
    --build-arg AGENT=none "$context"
  [[ $output == *"packages: the host's mirror has no "* ]]
  podman rmi "$tag" >/dev/null
}

@test "the host's mirror, as apt's sources of either kind name it; the distribution's own host is none" {
  local suite row tag=localhost/image-test-pulled:latest
  # shellcheck disable=SC1091
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  export APT_CONFIG=$BATS_TEST_TMPDIR/apt.conf
  mkdir "$BATS_TEST_TMPDIR/parts" "$BATS_TEST_TMPDIR/lists"
  printf 'Dir::Etc::SourceList "%s/list"; Dir::Etc::SourceParts "%s/parts"; Dir::State::Lists "%s/lists";\n' \
    "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" >"$APT_CONFIG"
  # apt tells of what it has downloaded.
  for row in "mirror.test_debian_dists_$suite" "mirror.test_security_dists_$suite-security" \
    "user:word@mirror.test_debian_dists_$suite" "mirror2.test_debian_dists_$suite" "mirror2.test_s_dists_$suite-security" \
    "deb.debian.org_debian_dists_$suite" "deb.debian.org_security_dists_$suite-security"; do
    touch "$BATS_TEST_TMPDIR/lists/${row}_main_binary-$(dpkg --print-architecture)_Packages"
  done
  touch "$BATS_TEST_TMPDIR/lists/stranger.test_deb_dists_${suite}_stable_binary-$(dpkg --print-architecture)_Packages"
  podman tag "$base" "$tag"
  containerfile 'RUN echo "lent: $(cat /mnt/mirror)"'
  lends() { "$top/image/build" --no-cache --base "$tag" --tag localhost/image-test --build-arg AGENT=none "$context"; }
  printf '%s\n' "deb http://stranger.test/deb $suite stable" "deb http://mirror.test/debian $suite main" \
    "deb http://mirror.test/security $suite-security main" >"$BATS_TEST_TMPDIR/list"
  run -0 "$top/image/mirror"
  says "^(debian|ubuntu) http://mirror.test/debian/ http://mirror.test/security/$"
  run -0 lends
  [[ $output == *"lent: "*" http://mirror.test/debian/ http://mirror.test/security/"* ]]
  mv "$BATS_TEST_TMPDIR/list" "$BATS_TEST_TMPDIR/old"
  printf '%s\n' 'Types: deb' 'URIs: http://mirror2.test/debian' "Suites: $suite $suite-updates" 'Components: main' '' \
    'Types: deb' 'URIs: http://mirror2.test/s' "Suites: $suite-security" 'Components: main' >"$BATS_TEST_TMPDIR/parts/a.sources"
  run -0 "$top/image/mirror"
  says "^(debian|ubuntu) http://mirror2.test/debian/ http://mirror2.test/s/$"
  rm "$BATS_TEST_TMPDIR/parts/a.sources"
  run -1 "$top/image/mirror"
  says "no http mirror of '$suite' in the host's apt sources"
  sed 's,mirror.test,deb.debian.org,' "$BATS_TEST_TMPDIR/old" >"$BATS_TEST_TMPDIR/list"
  run -0 lends
  [[ $output != *"lent: "[a-z]* ]]
  sed 's,mirror.test,user:word@mirror.test,' "$BATS_TEST_TMPDIR/old" >"$BATS_TEST_TMPDIR/list"
  run -1 "$top/image/mirror"
  says 'has a password in it'
  podman rmi "$tag" >/dev/null
}

@test "what the Containerfile starts from literally is pulled anew, too, by --no-cache" {
  local number tag
  registry_start "$BATS_TEST_TMPDIR/registry"
  registry_trust "$BATS_TEST_TMPDIR/registries.conf" "$registry_port"
  tag=127.0.0.1:$registry_port/literal:1
  printf '%s\n' "from $tag as one" 'FROM one' >"$context/Containerfile"
  for number in 1 2; do
    printf 'FROM scratch\nLABEL number=%s\nENV A=1\n' $number | podman build -q -t "$tag" -
    podman push -q "$tag"
  done
  # The old one is here.
  printf 'FROM scratch\nLABEL number=1\nENV A=1\n' | podman build -q -t "$tag" -
  run "$top/image/build" --no-cache --tag localhost/image-test --build-arg AGENT=none "$context"
  kill "$registry_pid"
  echo "$output"
  with number 2 localhost/image-test
  # And where no registry has it, the one that is here will do.
  run -0 "$top/image/build" --no-cache --tag localhost/image-test --build-arg AGENT=none "$context"
  [[ $output == *"no registry offers a newer $tag here: taking the one that is"* ]]
  podman rmi --force "$tag"
}

@test "a registry that stops in the middle of an image is given up; the one that is here will do" {
  local tag
  export HOST_AGENT_PULL_SECONDS=99 HOST_AGENT_TRANSFER_SECONDS=2
  registry_start "$BATS_TEST_TMPDIR/registry"
  echo "$registry_pid" >"$BATS_TEST_TMPDIR/pids"
  "$top/tests/tools/registry-proxy" "$registry_port" hold /no/such >"$BATS_TEST_TMPDIR/port" 3>&- 4>&- &
  echo $! >>"$BATS_TEST_TMPDIR/pids"
  await 10 test -s "$BATS_TEST_TMPDIR/port"
  registry_trust "$BATS_TEST_TMPDIR/registries.conf" "$registry_port" "$(<"$BATS_TEST_TMPDIR/port")"
  head -c 100000 /dev/urandom >"$context/file"
  printf 'FROM scratch\nCOPY file /\n' >"$context/Containerfile"
  tag=127.0.0.1:$registry_port/stalled:1
  podman build -q -t "$tag" "$context"
  podman push -q "$tag"
  podman rmi "$tag"
  tag=127.0.0.1:$(<"$BATS_TEST_TMPDIR/port")/stalled:1
  echo "FROM $tag" >"$context/Containerfile"
  run -1 timeout 120 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  [ "${lines[-1]}" = "image/build: $tag is not here, and its registry does not go on" ]
  printf 'FROM scratch\nENV A=1\n' | podman build -q -t "$tag" -
  run -0 timeout 120 "$top/image/build" --no-cache --tag localhost/image-test --build-arg AGENT=none "$context"
  [[ $output == *"$tag was not got within 2 s: given up"*"no registry offers a newer $tag here: taking the one that is"* ]]
  podman rmi --force "$tag"
}

@test "the host's CA bundle is there in the build, and not afterwards" {
  containerfile 'ARG SSL_CERT_FILE' 'RUN grep -c BEGIN "$SSL_CERT_FILE" && echo bundled'
  run -0 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  [[ $output == *bundled* ]]
  run -0 sandboxed localhost/image-test sh -c 'ls -A /mnt; env'
  [[ $output != *ca.crt* ]]
}

@test "the host's proxies hold in the build, for apt too, and not afterwards" {
  containerfile 'ARG APT_CONFIG' 'RUN echo "by $http_proxy"; apt-config dump Acquire::http::Proxy'
  echo 'Acquire::http::Proxy "http://proxy.test:3128";' >"$BATS_TEST_TMPDIR/apt.conf"
  http_proxy=http://proxy.test:3129 APT_CONFIG=$BATS_TEST_TMPDIR/apt.conf \
    run -0 "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  [[ $output == *"by http://proxy.test:3129"* ]]
  [[ $output == *'Acquire::http::Proxy "http://proxy.test:3128"'* ]]
  run -0 podman run --rm --network=none --http-proxy=false localhost/image-test sh -c 'env; apt-config dump'
  [[ $output != *proxy.test* ]]
}

@test "the label names the commit of the context, not of what lies around it" {
  containerfile 'RUN true'
  (cd "$context" && git init -q && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x)
  "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context"
  with org.opencontainers.image.revision "$(git -C "$context" rev-parse HEAD)" localhost/image-test
  mkdir "$context/in"
  mv "$context/Containerfile" "$context/in"
  "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context/in"
  with org.opencontainers.image.revision '' localhost/image-test
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

# What connects is not answered. Sets `silent`, the port; $dir/connected and $dir/closed come to be.
silent_server() {
  rm -f "$dir"/{port,connected,closed}
  perl -MIO::Socket::INET -e '
    sub made { open my $f, ">", "$ARGV[0]/$_[0]" or die; print $f $_[1] // "x" }
    my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 9) or die;
    made("port", $s->sockport);
    my $c = $s->accept; made("connected");
    1 while sysread $c, my $b, 4096;
    made("closed")' "$dir" 3>&- &
  server=$!
  await 10 test -s "$dir/port"
  silent=$(<"$dir/port")
}

@test "a signal is heard at once in each long step, and ends all of it: registry, npm, mmdebstrap" {
  local dir=$BATS_TEST_TMPDIR/silent row pid status begun
  export TMPDIR=$BATS_TEST_TMPDIR/tmp XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
  mkdir "$TMPDIR" "$dir"
  # mmdebstrap's root is another id.
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$TMPDIR"
  containerfile 'RUN true'
  for row in 'HOST_AGENT_PULL_SECONDS=9999 build --tag T --base 127.0.0.1:PORT/x --build-arg AGENT=none' \
    'npm_config_registry=http://127.0.0.1:PORT build --tag T' \
    'HOST_AGENT_MIRROR=http://127.0.0.1:PORT base --force T'; do
    silent_server
    row=${row//PORT/$silent} row=${row/ T/ localhost/image-test}
    read -ra row <<<"$row"
    [[ ${row[1]} == base ]] || row+=("$context")
    env "${row[0]}" "$top/image/${row[1]}" "${row[@]:2}" 3>&- 4>&- &
    pid=$! status=0
    await 20 test -e "$dir/connected"
    begun=$SECONDS
    kill -TERM "$pid"
    wait "$pid" || status=$?
    echo "${row[*]}: $status after $((SECONDS - begun)) s"
    [[ $status -eq 130 && $((SECONDS - begun)) -le 60 ]] # its server never answers
    await 5 test -e "$dir/closed"
    leaves_nothing
    [ -z "$(find "$XDG_CACHE_HOME" -name '.fetch*' 2>/dev/null)" ]
    run -1 podman image exists localhost/image-test
  done
}

@test "one build at a time: a second one waits, hears a signal, and need not build what is there by then" {
  local lock=${XDG_STATE_HOME:-$HOME/.local/state}/host-agent/build.lock first waiting status=0
  local log=$BATS_TEST_TMPDIR/log
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
  containerfile "$held; : $RANDOM$RANDOM" # no step that is there
  "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context" >"$log" 2>&1 3>&- 4>&- &
  first=$!
  await 60 grep -q ^started "$log"
  run ! flock -n "$lock" true
  # And no child has it, which may live on.
  run -0 bash -c 'find /proc/[0-9]*/fd -lname "$1" -printf "%h\n" 2>/dev/null; true' - "$lock"
  [ "$output" = "/proc/$first/fd" ]
  "$top/image/build" --tag localhost/image-test "$context" 2>"$log.2" 3>&- 4>&- &
  waiting=$!
  await 10 test -s "$log.2"
  kill -TERM "$waiting"
  wait "$waiting" || status=$?
  [ "$status" -eq 130 ]
  "$top/image/build" --tag localhost/image-test --if-missing "$context" >"$log.3" 2>&1 3>&- 4>&- &
  waiting=$!
  await 10 test -s "$log.3"
  release
  wait "$waiting"
  run -0 cat "$log.3"
  [[ ${#lines[@]} -eq 2 && ${lines[0]} == *"another build is at work: waiting for its end" ]]
  [[ ${lines[1]} == "image/build: localhost/image-test:latest is here already" ]]
  wait "$first"
  flock -n "$lock" true
}

@test "what another tool has at work is nobody's to remove" {
  local log=$BATS_TEST_TMPDIR/log ours theirs status=0
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
  containerfile "$held; false"
  "$top/image/build" --tag localhost/image-test --build-arg AGENT=none "$context" >"$log" 2>&1 3>&- 4>&- &
  ours=$!
  await 60 grep -q ^started "$log"
  # As `buildah from` leaves one, and no process.
  printf 'FROM %s\nRUN echo begun; exec sleep 1013\n' "$base" | podman build - >"$log.2" 2>&1 3>&- 4>&- &
  theirs=$!
  await 60 grep -q ^begun "$log.2"
  kill -KILL "$theirs"
  release
  wait "$ours" || status=$?
  [ "$status" -eq 1 ]
  pkill -KILL --uid "$UID" --full 'sleep 1013' # PID 1 of its container hears nothing else
  run -0 bash -c "podman ps --all --external --format '{{.ID}} {{.Command}}' | grep ' buildah\$'"
  [ "${#lines[@]}" -eq 1 ]
  podman rm --force "${output%% *}"
  podman unshare rm -rf "$TMPDIR" # what it leaves is of other ids
}

@test "standard input is left to who called" {
  containerfile 'RUN cat'
  run -0 bash -c '{ "$@" >/dev/null 2>&1 && cat; } <<<mine' - "$top/image/build" \
    --tag localhost/image-test --build-arg AGENT=none "$context"
  [ "$output" = mine ]
}

@test "of the images of the compiler's stage the newest stays" {
  "$top/image/build" --tag "$image"
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
  for script in build base mirror agent-package tool packages agents sbom; do
    run -0 "$top/image/$script" --help
  done
}
