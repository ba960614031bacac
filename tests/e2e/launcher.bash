# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests that run host-agent beside the user's own sandboxes share.
: "${bin:?the program under test}"
load await.bash

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
