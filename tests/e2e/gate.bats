#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The gate: a good image passes; one that is broken, for each check, is told by that check's name.
# shellcheck disable=SC2016,SC2154 # what is quoted is meant so; bats sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
top=$(readlink -f "$BATS_TEST_DIRNAME/../..")
bin=${HOST_AGENT:-$top/build/release/bin/host-agent}
podman=$(type -P podman)
broken=localhost/host-agent-e2e:broken
load host.bash
load smallimage.bash
load await.bash

setup_file() {
  small_image
}

setup() {
  export TMPDIR=$BATS_TEST_TMPDIR/tmp XDG_STATE_HOME=$BATS_TEST_TMPDIR/state HOST_AGENT=$bin
  mkdir "$TMPDIR"
}

teardown() {
  nothing_is_left
  podman rmi --ignore "$broken" >/dev/null 2>&1
}

gate() {
  timeout 600 "$top/image/gate" "$@" 3>&- 4>&-
}

nothing_is_left() {
  [ -z "$(podman ps --all --quiet --filter name=host-agent-gate)" ]
  [ -z "$(podman volume ls --quiet --filter name=gate)" ]
  [ -z "$(find "$TMPDIR" "$XDG_RUNTIME_DIR" -maxdepth 2 -name '*gate*')" ]
  [ ! -e "$XDG_STATE_HOME" ]
}

# breaks LINE...: of a Containerfile.
breaks() {
  printf '%s\n' "FROM $small" 'USER 0' "$@" 'USER agent' | podman build -q --layers=false -t "$broken" -
}

# fails_at CHECK [PATTERN] [IMAGE]: all before it are passed, and one line says why this one is not.
fails_at() {
  run --separate-stderr gate "${3-$broken}"
  echo "$status: $output: $stderr"
  [ "$status" -eq 1 ]
  [[ ${#stderr_lines[@]} -eq 1 && $stderr =~ ^image/gate:\ $1:\ .*${2-} ]]
  [[ $'\n'$output != *$'\n'"ok $1"* ]]
}

# A podman before the real one on PATH; SCRIPT may change its arguments.
podman_first() { # SCRIPT
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/bash\n%s\nexec %q "$@"\n' "$1" "$podman" >"$BATS_TEST_TMPDIR/bin/podman"
  chmod +x "$BATS_TEST_TMPDIR/bin/podman"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

without() { # PODMAN-OPTION
  podman_first "args=(); for arg; do [[ \$arg == $1 ]] || args+=(\"\$arg\"); done; set -- \"\${args[@]}\""
}

# --- What passes ------------------------------------------------------------------------------------

@test "the image of this checkout passes, each check by its name" {
  run -0 --separate-stderr gate --strict "$image"
  [ -z "$stderr" ]
  checks=$(sed -E 's/^(ok|left out) //' <<<"$output")
  [ "${checks//$'\n'/ }" = \
    "boots ssh pid-1 agent hooks git tmux nvim go uv just ssh-audit setuid capability" ]
  for tool in boots ssh pid-1 agent hooks git tmux nvim go ssh-audit setuid capability; do
    [[ $'\n'$output$'\n' == *$'\n'"ok $tool"$'\n'* ]]
  done
}

@test "a host without host-agent or ssh-audit: the same flags, and what is not checked is said" {
  mkdir "$BATS_TEST_TMPDIR/project"
  podman_first '[[ $1 != run ]] || printf "%s\n" "$@" >"$BATS_TEST_TMPDIR/flags"'
  # All of PATH but ssh-audit.
  mkdir "$BATS_TEST_TMPDIR/all"
  find -L /usr/bin /usr/sbin -maxdepth 1 -type f ! -name ssh-audit \
    -exec ln -s -t "$BATS_TEST_TMPDIR/all" {} + 2>/dev/null || true
  PATH=$BATS_TEST_TMPDIR/bin:$BATS_TEST_TMPDIR/all HOST_AGENT='' run -0 --separate-stderr gate "$small"
  [[ ${lines[0]} == "skipped listening socket: "* ]]
  [[ $output == *"skipped ssh-audit: not on this host"*"ok capability" ]]
  [ -z "$stderr" ]
  # What the image says it does not have has not failed.
  [ "$(grep '^left out' <<<"$output" | tr '\n' ,)" = \
    "left out agent,left out nvim,left out go,left out uv,left out just," ]
  run -0 --separate-stderr "$bin" up --dry-run "$BATS_TEST_TMPDIR/project"
  grep -oE -- '--(detach|pull|cap|security|userns|sdnotify)[^ ]*' <<<"$output" >"$BATS_TEST_TMPDIR/wanted"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/wanted")" -eq 6 ]
  run ! grep -vxF -f "$BATS_TEST_TMPDIR/flags" "$BATS_TEST_TMPDIR/wanted"
  PATH=$BATS_TEST_TMPDIR/bin:$BATS_TEST_TMPDIR/all run --separate-stderr gate --strict "$small"
  [[ $status -eq 1 && $stderr == "image/gate: ssh-audit: not on this host"* ]]
}

# --- What does not ----------------------------------------------------------------------------------

@test "boots: a PID 1 that ends" {
  breaks "RUN printf '#!/bin/sh\necho no key >&2; exit 3\n' >/usr/sbin/sshd-entry"
  fails_at boots 'no key'
  HOST_AGENT='' fails_at boots
}

@test "ssh: a login that gets no shell" {
  breaks 'RUN sed -i s,/bin/bash,/bin/false, /etc/passwd'
  fails_at ssh
}

@test "pid-1: another program, with sshd-entry behind it" {
  breaks "RUN cd /usr/sbin && mv sshd-entry real && printf \
    '#!/bin/sh\nsh -c \"LISTEN_PID=\\\\\$\\\\\$ exec /usr/sbin/real \\\\\"\\\\\$@\\\\\"\" sh \"\$@\"\nexit 0\n' \
    >sshd-entry && chmod 755 sshd-entry"
  fails_at pid-1 'PID 1 is /usr/bin/dash'
}

@test "pid-1: a podman that grants capabilities, or new privileges" {
  without --cap-drop=all
  fails_at pid-1 CapBnd "$small"
  without --security-opt=no-new-privileges
  fails_at pid-1 'without no-new-privileges' "$small"
}

@test "agent: it is not there; nor is another one that the image names" {
  breaks 'LABEL host-agent.version.agent=1.0'
  fails_at agent 'claude --version.*not found'
  breaks 'LABEL host-agent.version.codex=1.0'
  fails_at agent 'codex --version.*not found'
}

@test "hooks: one that does nothing; settings that name none" {
  breaks "RUN printf '#!/bin/sh\ncat >/dev/null\n' >/usr/local/lib/host-agent/hooks/event"
  fails_at hooks 'told nothing'
  breaks "RUN jq 'del(.hooks.Stop)' /etc/claude-code/managed-settings.json >/s && mv /s /etc/claude-code/managed-settings.json && chmod 644 /etc/claude-code/*"
  fails_at hooks "no hook for 'Stop'"
}

# Their programs are stand-ins; what is run is what their configuration names.
@test "hooks: another agent whose configuration names what does nothing, or no event" {
  local hooks=/usr/local/lib/host-agent/hooks agents
  agents="cd /usr/local/bin && printf '#!/bin/sh\necho 1.0\n' >codex && cp codex gemini && cp codex opencode \
    && chmod 755 * && cd /etc && mkdir codex gemini-cli opencode && cp $hooks/codex.toml codex/config.toml \
    && cp $hooks/gemini.json gemini-cli/settings.json && cp $hooks/opencode.json opencode"
  breaks 'LABEL host-agent.version.codex=1.0' "RUN $agents && sed -i s,$hooks/codex,/bin/true, codex/config.toml"
  fails_at hooks 'codex.s hooks told nothing of Stop'
  breaks 'LABEL host-agent.version.gemini=1.0' "RUN $agents && sed -i 's/event Stop/event Other/' gemini-cli/settings.json"
  fails_at hooks "gemini has no hook for 'Stop'"
  # The two before it are heard.
  breaks 'LABEL host-agent.version.codex=1.0 host-agent.version.gemini=1.0 host-agent.version.opencode=1.0' "RUN $agents"
  fails_at hooks "opencode has no hook for 'Stop'"
}

@test "git: it is not there" {
  breaks 'RUN rm /usr/bin/git'
  fails_at git 'not found'
}

@test "tmux: half of it is there" {
  breaks 'RUN truncate -s 100K /usr/bin/tmux'
  fails_at tmux
}

@test "nvim: half of it is there" {
  breaks 'LABEL host-agent.variant=full' 'RUN truncate -s 100K /usr/bin/nvim'
  fails_at nvim
}

@test "go, uv, just: not there, and the image does not say so" {
  # slim may have it, where it was asked for.
  breaks 'LABEL host-agent.version.go=1.0'
  fails_at go 'go version.*not found'
  breaks 'LABEL host-agent.version.uv=1.0' 'RUN rm -f /usr/local/lib/host-agent/left-out'
  fails_at uv 'uv --version.*not found'
  breaks 'LABEL host-agent.version.just=1.0'
  fails_at just 'just --version.*not found'
}

# In the list for clients without strict key exchange; what follows the shorter name is its end.
@test "ssh-audit: a weak cipher" {
  local end
  printf -v end '\\x00%.0s' {1..13}
  breaks "RUN LC_ALL=C sed -i 's/,aes128-gcm@openssh.com\\x00/,aes256-cbc$end/' /usr/sbin/sshd-entry"
  fails_at ssh-audit aes256-cbc
}

@test "setuid: a file" {
  breaks 'RUN chmod g+s /usr/bin/git'
  fails_at setuid /usr/bin/git
}

@test "capability: one that sshd-entry has by its file" {
  container=$(podman create "$small")
  # What setcap(8) writes: version 2, cap_net_bind_service permitted.
  podman unshare sh -c 'exec /usr/bin/python3 -c "import os, struct, sys
os.setxattr(sys.argv[1], \"security.capability\", struct.pack(\"<5I\", 0x02000000, 1 << 10, 0, 0, 0))" \
    "$(podman mount "$1")/usr/sbin/sshd-entry"' sh "$container"
  podman commit -q "$container" "$broken"
  podman rm "$container"
  fails_at capability
}

# --- Its ends -----------------------------------------------------------------------------------------

@test "a program that hangs: for so long and no longer, and a signal ends it at once" {
  breaks "RUN printf '#!/bin/sh\nexec sleep 1000\n' >/usr/bin/git"
  HOST_AGENT_GATE_SECONDS=2 fails_at git 'no answer within 2 s'
  "$top/image/gate" "$broken" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 4>&- &
  local pid=$! status=0
  await 60 grep -q 'ok hooks' "$BATS_TEST_TMPDIR/out"
  kill -TERM "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq 130 ]
  run ! grep -vE '^(ok|left out) ' "$BATS_TEST_TMPDIR/out"
}

@test "no image, and wrong usage, are one line" {
  run -1 gate localhost/no/such
  says "no image 'localhost/no/such' here"
  for args in '' --bogus "$small $small"; do
    # shellcheck disable=SC2086 # words
    run -2 gate $args
    says '^image/gate: '
  done
  run -0 gate --help
}
