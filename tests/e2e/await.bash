# SPDX-License-Identifier: ISC
# shellcheck shell=bash

# await SECONDS CMD...: until CMD succeeds.
await() {
  local deadline=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || { echo "waited in vain for: $*" >&2 && return 1; }
    command -p sleep 0.02 # on any PATH; and no process substitution, which would set the caller's $!
  done
}
