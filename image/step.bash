# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the scripts here run for long. A signal to the script ends it at once, with all its children;
# then clean_up, which the script defines, takes away the rest. `grace` is how many seconds a step has
# for its own end: fewer than whoever runs the script gives that.
: "${grace:?seconds}"

# timeout(1) makes it a process group of its own, and passes the signal on to all of that. The status is
# 124 where it took longer than SECONDS; 0 are no limit.
within() { # SECONDS PROGRAM [ARG]...
  local status=0
  timeout -k "$grace" "$@" </dev/null 8>&- 9>&- &
  wait "$!" || status=$?
  return "$status"
}

step() { # PROGRAM [ARG]...
  within 0 "$@"
}

# What a registry may take for an image, either way: one that has stopped in the middle of it would
# keep our locks for ever.
# shellcheck disable=SC2034 # for the scripts
readonly transfer_seconds=${HOST_AGENT_TRANSFER_SECONDS:-3600}

# By the shell's list of jobs: a signal may come before any line after the `&`.
stop_step() {
  local pids
  mapfile -t pids < <(jobs -pr)
  ((${#pids[@]} == 0)) || { kill "${pids[@]}" && wait; } 2>/dev/null || true
}

# A second signal must not end what the first one began.
trap 'trap "" INT TERM HUP; stop_step; clean_up' EXIT
trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP

# --- Locks are descriptors 8 and 9. No child gets them: one that lives on would hold them, too.

podman() {
  command podman "$@" 8>&- 9>&-
}

# wait_for DESCRIPTOR CMD...: until the lock is ours; CMD is run where that takes longer.
wait_for() {
  flock -n "$1" && return
  "${@:2}"
  timeout 0 flock "$1" &
  wait "$!"
}
