# SPDX-License-Identifier: ISC
# shellcheck shell=bash

# await SECONDS CMD...: until CMD succeeds. The seconds are what it takes at most where nothing else runs;
# a minute more is for a machine that has much to do, which shall make no test fail.
await() {
  local deadline=$((SECONDS + $1 + 60))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || { echo "waited in vain for: $*" >&2 && return 1; }
    command -p sleep 0.02 # on any PATH; and no process substitution, which would set the caller's $!
  done
}
