#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What the host needs: as-user makes rootless Podman work, packages installs what is missing.

bats_require_minimum_version 1.5.0
top=$BATS_TEST_DIRNAME/../..
load host.bash

setup_file() {
  "$top/image/base" localhost/host-agent-base:latest
}

@test "as-user: rootless podman runs a sandbox, without a capability" {
  run --separate-stderr "$as_user" podman run --rm --network=none \
    --userns=keep-id:uid=1000,gid=1000 --cap-drop=all --security-opt=no-new-privileges \
    localhost/host-agent-base:latest \
    sh -c 'id -u; id -g; grep -h -e ^Cap -e ^NoNewPrivs /proc/1/status | tr -s "\t" " "'
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ "${lines[*]}" = "1000 1000 CapInh: 0000000000000000 CapPrm: 0000000000000000 CapEff: \
0000000000000000 CapBnd: 0000000000000000 CapAmb: 0000000000000000 NoNewPrivs: 1" ]
}

@test "as-user: is never root, and has a runtime directory of its own" {
  # shellcheck disable=SC2016 # expands in there
  run -0 "$as_user" sh -c '[ "$(id -u)" -ne 0 ] && stat -c "%u %a" "$XDG_RUNTIME_DIR"'
  [[ $output =~ ^[1-9][0-9]*\ 700$ ]]
}

@test "as-user: podman stores images as overlays and needs no D-Bus" {
  run -0 --separate-stderr "$as_user" podman info --format '{{.Store.GraphDriverName}}'
  [ "$output" = overlay ]
  [ -z "$stderr" ]
}

@test "as-user: again and again, the same mount namespace, the same containers, not a word" {
  "$as_user" podman create --name "setup-$$" localhost/host-agent-base:latest true
  for i in 1 2 3; do
    run -0 "$as_user" readlink /proc/self/ns/mnt
    says "^mnt:\[[0-9]+\]$"
    [ "$output" = "${before:=$output}" ]
    run -0 "$as_user" podman container exists "setup-$$"
    [ -z "$output" ]
  done
  "$as_user" podman rm "setup-$$"
}

@test "as-user: the exit status is the command's" {
  for status in 0 1 2 42 126 255; do
    run "-$status" "$as_user" sh -c "exit $status"
    [ -z "$output" ]
  done
  run -143 "$as_user" sh -c 'kill -TERM $$'
  run -127 "$as_user" no-such-command
  says "no such command: no-such-command"
}

@test "as-user: arguments and standard input pass through untouched" {
  local args=('a b' '*' '' $'new\nline' '$HOME' '--' '-x')
  run -0 "$as_user" -- printf '<%s>' "${args[@]}"
  [ "$output" = "$(printf '<%s>' "${args[@]}")" ]
  run -0 bash -c 'head -c 1000000 /dev/zero | "$0" wc -c' "$as_user"
  [ "$output" = 1000000 ]
}

@test "as-user: the terminal passes through" {
  run -0 script -qec "$as_user tty" /dev/null
  [[ $output == /dev/pts/* ]]
}

@test "as-user: the environment and the directory stay" {
  cd /usr
  SECRET=$'a\nb' run -0 "$as_user" sh -c 'printf "%s %s" "$PWD" "$SECRET"'
  [ "$output" = $'/usr a\nb' ]
}

@test "as-user --copy, --project: whoever is not root works where the checkout is" {
  for option in --copy --project; do
    run -0 "$as_user" "$option" "$BATS_TEST_TMPDIR" -- pwd
    [ "$output" -ef "$BATS_TEST_TMPDIR" ]
  done
}

@test "as-user: where sudo refuses, no copy of the environment stays" {
  export TMPDIR=$BATS_TEST_TMPDIR/tmp PATH=$BATS_TEST_TMPDIR/bin:$PATH
  mkdir "$TMPDIR" "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\n[ "$1" = -n ] || { ls "$TMPDIR"; exit 1; }\n' >"$BATS_TEST_TMPDIR/bin/sudo"
  chmod +x "$BATS_TEST_TMPDIR/bin/sudo"
  # Without any row in /etc/subuid there is something to do for sudo.
  run -1 unshare --user --map-current-user --mount --keep-caps sh -c \
    'mount --bind /dev/null /etc/subuid && exec "$@"' sh "$as_user" true
  says "^as-user\.[A-Za-z0-9]+$"
  [ -z "$(ls -A "$TMPDIR")" ]
}

@test "as-user: nobody's own settings for podman are changed" {
  export HOME=$BATS_TEST_TMPDIR
  unset CONTAINERS_CONF XDG_CONFIG_HOME XDG_DATA_HOME
  mkdir -p "$HOME/.config/containers"
  echo '# mine' >"$HOME/.config/containers/storage.conf"
  echo '# mine' >"$HOME/.config/containers/containers.conf"
  # shellcheck disable=SC2016 # expands in there
  run -0 "$as_user" sh -c 'echo "${CONTAINERS_CONF-none}"; cat ~/.config/containers/*'
  [ "${lines[*]}" = "none # mine # mine" ]
}

@test "as-user: an account that is new to podman gets the overlay driver" {
  export HOME=$BATS_TEST_TMPDIR
  unset XDG_CONFIG_HOME XDG_DATA_HOME STORAGE_DRIVER
  [ ! -e /etc/containers/storage.conf ] || return 0
  run -0 "$as_user" true
  grep -q 'driver = "overlay"' "$HOME/.config/containers/storage.conf"
}

@test "as-user: wrong usage is one line and status 2" {
  run -2 "$as_user"
  says "no command given"
  run -2 "$as_user" --bogus true
  says "no option '--bogus'"
  run -2 "$as_user" --copy
  says "no directory"
  run -2 "$as_user" --copy /no/such/dir true
  says "no directory '/no/such/dir'"
  run -2 "$as_user" --for-caller x true
  says "for as-user itself"
  run -0 "$as_user" --help
}

@test "make up: a directory's name may hold what make and shells split at" {
  local copy=$BATS_TEST_TMPDIR/copy
  mkdir -p "$copy/host-agent/setup"
  cp "$top/Makefile" "$copy"
  # shellcheck disable=SC2016 # expands in there
  printf '#!/bin/sh\nprintf %%s "$HOST_AGENT_DIR"\n' >"$copy/host-agent/setup/up"
  chmod +x "$copy/host-agent/setup/up"
  # shellcheck disable=SC2088 # as it was written
  for dir in "it's  \$(a) & \$\$ b" '~/x' .; do
    run -0 make --no-print-directory -C "$copy" up DIR="$dir"
    [ "$output" = "$dir" ]
  done
}

@test "make install: the unit is where systemd looks, names the program, and goes with uninstall" {
  local dest=$BATS_TEST_TMPDIR/dest unit=systemd/user/host-agent-notify.service
  installed() { # PREFIX UNIT-DIRECTORY [VARIABLE]...
    make -s --no-print-directory -C "$top" install DESTDIR="$dest" PREFIX="$1" "${@:3}"
    grep -q "^ExecStart=" "$dest$2/$unit"
    [ -x "$dest$1/bin/host-agent" ]
    [ -s "$dest$1/share/man/man5/host-agent.ini.5" ]
  }
  installed /usr/local /usr/local/lib
  grep -qx 'ExecStart="/usr/local/bin/host-agent" notify' "$dest/usr/local/lib/$unit"
  installed "$HOME/.local" "$HOME/.local/share"
  installed '' /share UNIT_DIR=/share/systemd/user RUN_PREFIX=%h/.local
  grep -qx 'ExecStart="%h/.local/bin/host-agent" notify' "$dest/share/$unit"
  make -s -C "$top" uninstall DESTDIR="$dest" PREFIX=/usr/local
  make -s -C "$top" uninstall DESTDIR="$dest" PREFIX="$HOME/.local"
  make -s -C "$top" uninstall DESTDIR="$dest" PREFIX='' UNIT_DIR=/share/systemd/user
  run -0 find "$dest" -not -type d
  [ -z "$output" ]
}

@test "make install: all can read it, whatever the umask, and who made the checkout" {
  local dest=$BATS_TEST_TMPDIR/dest copy=$BATS_TEST_TMPDIR/copy
  mkdir "$copy"
  cp -r "$top"/{Makefile,Containerfile,.containerignore,sshd-entry,host-agent,hooks,image,build} "$copy"
  chmod -R go= "$copy"
  (umask 077 && make -s -C "$copy" install DESTDIR="$dest" PREFIX=/usr)
  [ -s "$dest/usr/share/host-agent/image/build" ]
  run -0 find "$dest" -mindepth 1 \( ! -perm -444 -o -type d ! -perm -555 -o -perm /022 \)
  [ -z "$output" ]
  [ -x "$dest/usr/share/host-agent/image/build" ]
  [ ! -x "$dest/usr/share/host-agent/Containerfile" ]
}

@test "packages: nothing is missing here, and it says nothing" {
  run -0 "$top/host-agent/setup/packages" run build test
  [ -z "$output" ]
  run -0 "$top/host-agent/setup/packages"
  [ -z "$output" ]
}

@test "packages: wrong usage is one line and status 2" {
  run -2 "$top/host-agent/setup/packages" bogus
  says "no purpose 'bogus'"
  run -0 "$top/host-agent/setup/packages" --help
}

@test "packages: what cannot be installed is named, in one line" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in bash awk comm sort dpkg-query apt-get; do
    ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin/"
  done
  sed 's/^run=(/&no-such-package /' "$top/host-agent/setup/packages" >"$BATS_TEST_TMPDIR/packages"
  PATH=$BATS_TEST_TMPDIR/bin run -1 bash "$BATS_TEST_TMPDIR/packages" run
  says "missing: no-such-package: there is no sudo"
}
