# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests that run host-agent beside the user's own sandboxes share.
: "${bin:?the program under test}"
load await.bash

# What host-agent keeps while it runs, its bridge too, is in DIR: apart from the user's own, and from what other
# suites start meanwhile. Podman, by a wrapper on PATH, sees the real place.
runtime_apart() { # DIR
  mkdir -m 700 "$1"
  mkdir "$1/bin"
  printf '#!/bin/sh\nXDG_RUNTIME_DIR="%s" exec "%s" "$@"\n' "$XDG_RUNTIME_DIR" "$(type -P podman)" >"$1/bin/podman"
  chmod +x "$1/bin/podman"
  export PATH=$1/bin:$PATH XDG_RUNTIME_DIR=$1
}

# Without bats' own descriptors, which the bridge would hold open.
host_agent() {
  "$bin" "$@" 3>&- 4>&-
}

field() { # SANDBOX FIELD
  host_agent ls --json | jq -r --arg name "$1" ".[] | select(.name == \$name) | .$2"
}

# The bridge that an `up` of these tests has started: its environment tells.
end_bridge() {
  local environment pid
  for environment in $(grep -lsz "^XDG_STATE_HOME=$XDG_STATE_HOME\$" /proc/[0-9]*/environ || true); do
    pid=${environment//[!0-9]/}
    [[ $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) == "$(readlink -f "$bin") notify " ]] || continue
    kill "$pid" || true
  done
}
