#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A project's own image on real rootless Podman: init, trust, up. Its base is a small part of the
# image that is there, since Podman copies what is in a new image at its first start.
# shellcheck disable=SC2016,SC2030,SC2031 # each test is a subshell; what is quoted is meant so
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
image=localhost/host-agent:latest
base=localhost/host-agent-e2e-base:latest
repository=localhost/host-agent-project
load launcher.bash

# --- Around each test -----------------------------------------------------------------------------

setup_file() {
  export work=$BATS_FILE_TMPDIR HOST_AGENT_DATADIR=$top
  mkdir -p "$work/config/host-agent"
  ln -s "${XDG_CONFIG_HOME:-$HOME/.config}/containers" "$work/config/containers"
  export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
  unset TMUX TMUX_PANE
  printf '%s\n' '[ssh]' include=no '[image]' "name=$base" >"$XDG_CONFIG_HOME/host-agent/config.ini"
  ssh-keygen -q -t ed25519 -N '' -f "$work/key"
  eval "$(ssh-agent -a "$work/agent.sock" 3>&-)" >/dev/null
  export SSH_AUTH_SOCK SSH_AGENT_PID
  ssh-add -q "$work/key"
  small_base
}

teardown_file() {
  ssh-agent -k >/dev/null
  podman rmi --force "$base" localhost/host-agent-e2e-first >/dev/null
  podman image prune --force --filter label=host-agent.e2e=project >/dev/null # of builds that failed
}

setup() {
  project=$work/e2e-shop
  state=$XDG_STATE_HOME/host-agent
  mkdir -p "$project"
}

teardown() {
  in_tmux kill-server 2>/dev/null || true
  podman tag localhost/host-agent-e2e-first "$base"
  rm -rf "$project" # so that its images go, too
  host_agent down --volumes e2e-shop 2>/dev/null || true
  images | xargs -r podman rmi
  end_bridge
  rm -rf "${XDG_STATE_HOME:?}"
}

# --- Helpers --------------------------------------------------------------------------------------

# What a Containerfile's RUN and a session of these tests need, and sshd-entry.
small_base() {
  podman build -q -t localhost/host-agent-e2e-first - >/dev/null <<END
FROM $image AS whole
USER 0
RUN install -d -m 755 /s/home /s/etc /s/bin && install -d -m 1777 /s/run/sshd-entry /s/tmp && \
    install -d -o 1000 -g 1000 /s/home/agent && cp /etc/passwd /etc/group /s/etc && \
    cp -L /bin/bash /bin/sh /bin/cat /bin/chmod /bin/grep /bin/ls /bin/sleep /bin/stat /bin/touch /s/bin && \
    for program in sshd-entry bash ls grep; do ldd "\$(command -v \$program)"; done | grep -o '/[^ )]*' | \
    sort -u | xargs -I {} cp -L --parents {} /s && cp -L --parents /usr/sbin/sshd-entry /s
FROM scratch
LABEL host-agent.e2e=project
COPY --from=whole /s/ /
ENV PATH=/bin:/usr/bin:/usr/sbin
USER agent
ENTRYPOINT ["/usr/sbin/sshd-entry"]
END
  podman tag localhost/host-agent-e2e-first "$base"
}

# newer_base [INSTRUCTION]: another image takes the base's name.
newer_base() {
  printf 'FROM localhost/host-agent-e2e-first\nUSER 0\nLABEL n=%s\n%s\nUSER agent\n' "$RANDOM$RANDOM" "${1-}" |
    podman build -q -t "$base" - >/dev/null
}

up() {
  host_agent up "$project" "$@"
}

down() {
  host_agent down "$@" e2e-shop
}

trust() {
  host_agent trust "$@" "$project"
}

# The project's Containerfile: what stands between FROM and the last USER.
containerfile() { # LINE...
  mkdir -p "$project/.host-agent"
  printf '%s\n' 'ARG BASE' 'FROM ${BASE}' 'USER root' "$@" 'USER agent' >"$project/.host-agent/Containerfile"
}

trusted() { # LINE...
  containerfile "$@"
  trust --yes >/dev/null
}

# The images of these tests' projects, newest first.
images() {
  podman images --sort created --format '{{.Repository}}:{{.Tag}}' | grep "^$repository/e2e-" || true
}

# image_is: what the sandbox runs on.
image_is() { # NAME
  [ "$(podman inspect host-agent-e2e-shop --format '{{.ImageName}}')" = "$1" ]
}

# refused PART CMD...: CMD fails with one line on stderr that has PART in it.
refused() {
  local part=$1
  shift
  run -1 --separate-stderr "$@" </dev/null
  [[ $stderr == "host-agent: "*"$part"* ]] || { echo "$stderr" && return 1; }
  [ "${#stderr_lines[@]}" -eq 1 ]
}

# The lines that `up` has written about the project's image.
lines_on_it() {
  grep -E "^host-agent: image ($repository|.*(\.host-agent|trusted))" <<<"$stderr"
}

# told PART: there is one such line, with PART in it.
told() {
  local lines
  lines=$(lines_on_it)
  [[ $lines == *"$1"* && $lines != *$'\n'* ]] || {
    printf 'wanted one line with: %s\ngot: %s\n' "$1" "$stderr" >&2
    return 1
  }
}

# waiting: the lines of an `up` that found a sandbox.
waiting() {
  grep "keeps its image" <<<"$stderr"
}

in_tmux() { # tmux's arguments
  tmux -L e2e-project -f /dev/null "$@" 3>&- 4>&-
}

screen_shows() { # TEXT
  in_tmux capture-pane -p -J -t @0 | grep -qF -- "$1"
}

# --- The main way ---------------------------------------------------------------------------------

@test "init writes a Containerfile, which is trusted, built and used as it is; and never overwrites" {
  run -0 host_agent init "$project"
  [ "$(stat -c %a:%F "$project/.host-agent/Containerfile")" = "644:regular file" ]
  run -0 grep -vE '^(#|ARG (APT|SSL|CURL|NODE)|$)' "$project/.host-agent/Containerfile"
  [ "$output" = $'ARG BASE\nFROM ${BASE}\nUSER root\nUSER agent' ]
  trust --yes
  run -0 --separate-stderr up -- 'echo in'
  [ "$output" = in ]
  told "of .host-agent, as it was trusted"
  echo '# mine' >"$project/.host-agent/Containerfile"
  refused "is there already: it stays as it is" host_agent init "$project"
  [ "$(<"$project/.host-agent/Containerfile")" = '# mine' ]
}

@test "what was trusted is built once, with what the host lends and nothing else of the project" {
  containerfile 'ARG SSL_CERT_FILE' 'RUN ls "$SSL_CERT_FILE" /mnt/apt.conf' 'RUN touch /marker' 'COPY . /copied/'
  mkdir "$project/.host-agent/dir"
  echo secret >"$project/other"
  (umask 077 && touch "$project/.host-agent/dir/private" && touch "$project/.host-agent/run" &&
    chmod +x "$project/.host-agent/run")
  trust --yes
  run -0 --separate-stderr up -- 'ls /marker; ls /copied; stat -c %a /copied/dir /copied/dir/private /copied/run'
  [ "$output" = $'/marker\nContainerfile\ndir\nrun\n755\n644\n755' ]
  [[ $stderr == *"STEP "* ]]
  told "of .host-agent, as it was trusted"
  image_is "$(images)"
  down
  run -0 --separate-stderr up -- ls /marker
  [[ $stderr != *"STEP "* ]]
}

@test "a project without a Containerfile has the plain image, and no word is lost on it" {
  mkdir "$project/.host-agent"
  touch "$project/.host-agent/notes"
  run -0 --separate-stderr up -d
  run -1 lines_on_it
  image_is "$base"
  refused "has no .host-agent/Containerfile" trust
}

@test "what was never trusted is not built: the plain image, and one line" {
  containerfile 'RUN touch /marker'
  run -0 --separate-stderr up -d
  told "image $base: without .host-agent; $project/.host-agent/Containerfile was never trusted: \`host-agent trust $project\`"
  image_is "$base"
  [ -z "$(images)" ]
}

@test "a change that was not trusted: the image of what was, and one line" {
  trusted 'RUN touch /marker'
  echo 'RUN touch /evil' >>"$project/.host-agent/Containerfile"
  run -0 --separate-stderr up -- ls /marker
  told "of what was trusted; $project/.host-agent/ has changed since: \`host-agent trust $project\`"
  run -2 up -- ls /evil
  containerfile 'RUN touch /marker'
  run -0 trust
  run -0 --separate-stderr up -d
  run -1 waiting
  # The sandbox keeps its image, and up says so.
  newer_base # of which no word is lost beside it
  trusted 'RUN touch /two'
  run -0 --separate-stderr up -d
  run -0 waiting
  [ "$output" = "host-agent: the sandbox e2e-shop keeps its image, and what is trusted of .host-agent waits: \`host-agent down e2e-shop\` and up take it" ]
  rm -r "$project/.host-agent"
  trust --yes
  run -0 --separate-stderr up -d
  run -0 waiting
  [ "$output" = "host-agent: the sandbox e2e-shop keeps its image, and nothing of .host-agent is trusted any more: \`host-agent down e2e-shop\` and up leave it out" ]
}

@test "trust shows all at first, then what changed; then it is built, and the older image goes" {
  containerfile 'RUN touch /marker'
  run -0 trust --yes
  [[ $output == "=== Containerfile: new file"$'\n@@ -0,0 +1,5 @@\n+ARG BASE\n'*"trusted: "* ]]
  up -d
  local old
  old=$(images)
  down
  containerfile 'RUN touch /marker' 'RUN touch /two'
  echo $'data\e[2J' >"$project/.host-agent/file"
  run -0 trust --yes
  [[ $output == "=== Containerfile: changed file"$'\n@@ -2,4 +2,5 @@\n FROM ${BASE}\n USER root\n RUN touch /marker\n+RUN touch /two\n USER agent\n=== file: new file\n@@ -0,0 +1,1 @@\n+data\\x1b[2J\n'* ]]
  run -0 trust # nothing has changed, so nothing is asked
  [ "$output" = "$project/.host-agent is what was trusted" ]
  run -0 up -- ls /two
  [ "$(images | wc -l)" -eq 1 ]
  [ "$(images)" != "$old" ]
}

@test "a Containerfile that is gone: the last image, until trust has forgotten it" {
  trusted 'RUN touch /marker'
  up -d
  down
  rm -r "$project/.host-agent"
  run -0 --separate-stderr up -- ls /marker
  told "of what was trusted; $project/.host-agent/Containerfile is gone"
  down
  run -0 trust --yes
  [[ $output == "=== Containerfile: removed file"*"forgotten: "* ]]
  [ -z "$(images)" ]
  run -0 up --dry-run
  [[ $output == *" $base "* ]]
}

# --- Who is asked ---------------------------------------------------------------------------------

@test "without a terminal and --yes nothing is trusted: one line" {
  containerfile 'RUN touch /marker'
  refused "--yes says that you have read" trust
  [[ $output == "=== Containerfile: new file"* ]]
  [ ! -e "$state/.trust" ]
}

@test "on a terminal trust asks: Enter is a no, y is a yes, and what was shown is what is trusted" {
  containerfile 'RUN touch /marker'
  in_tmux new-session -d -x 200 -y 50 "$bin trust '$project'; echo status \$?; cat"
  await 20 screen_shows "Trust it? [y/N]"
  screen_shows "+RUN touch /marker"
  in_tmux send-keys -t @0 Enter
  await 10 screen_shows "status 1"
  [ ! -e "$state/.trust" ]
  in_tmux respawn-pane -k -t @0 "$bin trust '$project'; echo second \$?; cat"
  await 10 screen_shows "Trust it? [y/N]"
  containerfile 'RUN touch /evil' # the agent's, while the user reads
  in_tmux send-keys -t @0 y Enter
  await 10 screen_shows "second 0"
  run -0 --separate-stderr up -- ls /marker
  told "has changed since"
}

# asked: trust, in the environment that `asks` has, on a small terminal.
asked() {
  in_tmux new-session -d -x 80 -y 24 "env -u LESS ${asks-} $bin trust '$project'; echo status \$?; cat"
}

@test "what does not fit is shown by less, and what it comes to stands beside the question" {
  local filler
  mapfile -t filler < <(seq -f '# %g' 5000)
  containerfile "${filler[@]:0:2500}" 'RUN touch /evil' "${filler[@]:2500}"
  touch "$project/.host-agent/"{a..z}
  printf '\0' >"$project/.host-agent/data"
  asks=PAGER= asked
  await 20 screen_shows "=== Containerfile: new file"
  run ! screen_shows "Trust it?"
  in_tmux send-keys -t @0 q
  await 10 screen_shows "Trust it? [y/N]"
  screen_shows "  Containerfile: new, +5005 -0 lines"
  screen_shows "  and others: "
  screen_shows "in all: 28 new, 0 changed, 0 removed: +5005 -0 lines"
  screen_shows "NOT SHOWN: 1 bytes, files: 1"
  in_tmux send-keys -t @0 s Enter
  await 10 screen_shows "=== Containerfile: new file"
  in_tmux send-keys -t @0 /evil Enter
  await 10 screen_shows "+RUN touch /evil"
  in_tmux send-keys -t @0 q
  await 10 screen_shows "Trust it? [y/N]"
  in_tmux send-keys -t @0 Enter
  await 10 screen_shows "status 1"
  [ ! -e "$state/.trust" ]
}

@test "the user's pager shows it, none of the project's does; and what was typed before the question is no answer" {
  local filler
  mapfile -t filler < <(seq -f '# %g' 100)
  containerfile "${filler[@]}" 'RUN touch /marker'
  printf '%s\n' '#!/bin/bash' "pwd >'$work/where'; cat >'$work/shown'; touch '$work/waits'" \
    "until [ -e '$work/go' ]; do sleep 0.05; done" >"$work/my pager"
  install -m 755 /dev/stdin "$project/pager" <<<"#!/bin/bash"$'\n'"touch '$work/was-run'"
  chmod 755 "$work/my pager"
  rm -f "$work/go" "$work/waits"
  asks="PAGER=\"'$work/my pager' -x\"" asked
  await 20 test -e "$work/waits"
  [ "$(<"$work/where")" = / ]
  grep -qxF '+RUN touch /marker' "$work/shown"
  in_tmux send-keys -t @0 y Enter
  await 10 screen_shows $'y'
  touch "$work/go"
  await 10 screen_shows "Trust it? [y/N]"
  in_tmux send-keys -t @0 Enter
  await 10 screen_shows "status 1"
  in_tmux respawn-pane -k -t @0 "PAGER='$project/pager' $bin trust '$project'; cat"
  await 10 screen_shows "Trust it? [y/N]"
  screen_shows "is the project's; what changed takes "
  [ ! -e "$work/was-run" ]
}

# --- What is trusted changes ----------------------------------------------------------------------

@test "what is trusted no more when it is built does not run, and a line says so" {
  trusted 'RUN touch /marker; until [ -e /mnt/go ]; do sleep 0.1; done'
  mkdir "$BATS_TEST_TMPDIR/tmp"
  TMPDIR=$BATS_TEST_TMPDIR/tmp up -d >"$BATS_TEST_TMPDIR/log" 2>&1 &
  local pid=$!
  await 60 grep -q 'until \[' "$BATS_TEST_TMPDIR/log"
  rm -r "$project/.host-agent"
  trust --yes
  touch "$(echo "$BATS_TEST_TMPDIR"/tmp/host-agent-build.*/lent)/go"
  wait "$pid"
  stderr=$(<"$BATS_TEST_TMPDIR/log")
  [ "$(lines_on_it | tail -n 1 | cut -d: -f4-)" = " not run; what it is made of is trusted no more" ]
  [ -z "$(images)" ]
  image_is "$base"
}

# --- Bad input ------------------------------------------------------------------------------------

@test "nothing in the project leads elsewhere, waits, fills the memory or reaches outside of its build" {
  local dir=$project/.host-agent
  mkdir "$work/elsewhere"
  touch "$work/elsewhere/Containerfile"
  ln -s "$work/elsewhere" "$dir"
  refused ".host-agent is a symbolic link" trust --yes
  refused ".host-agent is no directory" host_agent init "$project"
  rm "$dir"
  ln -s /etc "$dir" # into which nothing may be written, either
  refused ".host-agent is no directory" host_agent init "$project"
  rm "$dir"
  trusted 'RUN touch /marker'
  ln -s /etc/passwd "$dir/$(printf 'x\e[2Jy')"
  refused 'x\x1b[2Jy is a symbolic link' trust --yes
  run -0 --separate-stderr up -- ls /marker
  told 'of what was trusted; '"$dir"' cannot be used: x\x1b[2Jy is a symbolic link'
  rm "$dir/x"*
  mkfifo "$dir/fifo"
  refused "fifo is neither a file nor a directory" timeout 20 "$bin" trust --yes "$project"
  rm "$dir/fifo"
  truncate -s 1T "$dir/huge"
  refused "16 MiB" timeout 20 "$bin" trust --yes "$project"
  rm "$dir/huge"
  run -0 trust
  containerfile 'FROM docker.io/library/debian'
  refused "$dir/Containerfile cannot be used: line 4: FROM may be" trust --yes
  containerfile 'RUN --mount=type=cache,id=../../../../../..,target=/host touch /host/tmp/x'
  refused "$dir/Containerfile cannot be used: line 4: RUN takes no option" trust --yes
  down
  run -0 --separate-stderr up -- ls /marker
  told "of what was trusted; $dir/Containerfile cannot be used: line 4: RUN takes no option"
}

@test "wrong usage is one line and status 2" {
  local words
  for words in 'trust a b' 'trust --no' 'trust -- x' 'init a b' 'init --yes'; do
    # shellcheck disable=SC2086 # words
    run -2 --separate-stderr host_agent $words
    [ "${#stderr_lines[@]}" -eq 1 ]
  done
  refused "home directory" host_agent init ~
  refused "home directory" host_agent trust ~
}

@test "a project with host-agent's own program or data is refused, a checkout by an installed one is not" {
  ln -s "$project/data" "$work/data"
  HOST_AGENT_DATADIR=$work/data refused "would hand $project/data to the agent" up -d
  HOST_AGENT_DATADIR=$work/data refused "what host-agent runs on this host" trust --yes
  rm "$work/data"
  mkdir "$work/bin"
  cp "$bin" "$work/bin/host-agent"
  mkdir -p "$work/e2e-checkout/"{image,build/release/bin}
  run -0 env -u HOST_AGENT_DATADIR "$work/bin/host-agent" up --dry-run "$work/e2e-checkout"
  cp "$bin" "$work/e2e-checkout/build/release/bin/host-agent"
  refused "as \`make up\` does" "$work/e2e-checkout/build/release/bin/host-agent" up -d "$work/e2e-checkout"
}

# --- Bases and builds -----------------------------------------------------------------------------

@test "a newer base: the image is made anew on it; where that fails, the last one serves" {
  trusted 'RUN touch /marker && ! ls /broken'
  up -d
  local first
  first=$(images)
  down
  newer_base
  run -0 --separate-stderr up -d
  told "of .host-agent, as it was trusted"
  local second
  second=$(images)
  [[ $second != "$first" && $second != *$'\n'* ]]
  image_is "$second"
  down
  newer_base 'RUN touch /broken'
  run -0 --separate-stderr up -- ls /marker
  told "image $second: the last that could be built; the build failed, see above"
  image_is "$second"
  down
  trusted 'RUN touch /two && ls /no/such'
  run -0 --separate-stderr up -d
  told "image $base: without .host-agent; the build failed, see above" # that one is trusted no more
  image_is "$base"
}

@test "a first build that fails: the plain image, and one line" {
  trusted 'RUN ls /no/such'
  run -0 --separate-stderr up -d
  told "image $base: without .host-agent; the build failed, see above"
  image_is "$base"
  [ -z "$(images)" ]
}

@test "a forgotten USER is told: nobody could log in" {
  mkdir "$project/.host-agent"
  printf '%s\n' 'ARG BASE' 'FROM ${BASE}' 'USER root' 'RUN touch /marker' >"$project/.host-agent/Containerfile"
  trust --yes
  run -0 --separate-stderr up -- 'echo in'
  [ "$output" = in ]
  told "end it with USER agent"
  [ -z "$(images)" ]
}

@test "an interrupted build starts nothing" {
  trusted 'RUN echo "started"; exec sleep 1000'
  up -d >"$BATS_TEST_TMPDIR/log" 2>&1 &
  local pid=$! status=0
  await 60 grep -qx started "$BATS_TEST_TMPDIR/log"
  pkill -INT -P "$pid" -x host-agent || kill -INT "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq 1 ]
  [ "$(tail -n 1 "$BATS_TEST_TMPDIR/log")" = "host-agent: the build was interrupted" ]
  run -1 podman container exists host-agent-e2e-shop
}

@test "--dry-run names the project's image, and builds nothing" {
  trusted 'RUN touch /marker'
  run -0 --separate-stderr up --dry-run
  [ -z "$(images)" ]
  run -1 lines_on_it
  run -0 up --dry-run
  up -d
  [[ $output == *" $(images) "* ]]
}

@test "image prune leaves the newest image of a project, and none of one that is gone; a down of one sandbox leaves all" {
  trusted 'RUN touch /marker'
  up -d
  local used gone
  used=$(images)
  project=$work/e2e-gone
  trusted 'RUN touch /marker'
  gone=$(up --dry-run | grep -o "$repository/[^ ]*")
  podman tag "$base" "$gone" "${used%:*}:older" "$repository/e2e-never-0123456789ab:x"
  rm -r "$project"
  [ "$(images | wc -l)" -eq 4 ]
  down --volumes
  [ "$(images | wc -l)" -eq 4 ]
  host_agent image prune
  [ "$(images)" = "$used" ]
}
