# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests of the host's setup and of the image share. They run as the unprivileged user, in
# the state that as-user makes.
: "${top:?the checkout}"

# shellcheck disable=SC2034 # for the tests
as_user=$top/host-agent/setup/as-user
image=${HOST_AGENT_IMAGE:-localhost/host-agent:latest}

# sandboxed [PODMAN OPTION]... IMAGE CMD...: runs with just what a sandbox has, and no network.
sandboxed() {
  podman run --rm --network=none --userns=keep-id:uid=1000,gid=1000 --cap-drop=all \
    --security-opt=no-new-privileges "$@"
}

# in_image CMD...: the same, in the image; CMD instead of sshd-entry.
in_image() {
  sandboxed --entrypoint "$1" "$image" "${@:2}"
}

# says PATTERN: the command that was run wrote one line, which matches the regular expression.
says() {
  # shellcheck disable=SC2154 # bats sets them
  [[ ${#lines[@]} -eq 1 && $output =~ $1 ]] || {
    printf 'wanted one line like: %s\ngot: %s\n' "$1" "$output" >&2
    return 1
  }
}
