# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Sets `program`, the host-agent that the scripts here call: HOST_AGENT, else the one they belong to,
# else the one on PATH. Empty: there is none.
: "${here:?directory of the script}"

host_agent() {
  local path
  for path in "$here/../../../bin/host-agent" "$here/../build/release/bin/host-agent"; do
    [[ ! -x $path ]] || { readlink -f "$path" && return; }
  done
  type -P host-agent
}

# shellcheck disable=SC2034 # for the scripts
program=${HOST_AGENT-$(host_agent)}
