#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The hooks as an agent runs them: they write one line into a FIFO, or give up at once.

top=$BATS_TEST_DIRNAME/../..
hooks=$top/hooks

setup() {
  fifo=$BATS_TEST_TMPDIR/fifo
  mkfifo "$fifo"
  export HOST_AGENT_FIFO=$fifo
}

# Holds the FIFO as the host does.
hold() {
  exec 8<>"$fifo"
}

line() {
  IFS= read -r -t 5 -u 8
  echo "$REPLY"
}

no_more() {
  ! read -r -t 0.1 -u 8
}

# asked JSON: what the PermissionRequest hook tells of it.
asked() {
  local output
  output=$(printf '%s' "$1" | "$hooks/permission-request" 2>&1) || return
  [ -z "$output" ] || return
  line
}

@test "stop: Completed" {
  hold
  run "$hooks/stop" </dev/null
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [ "$(line)" = Completed ]
  no_more
}

@test "permission-request: the tool and its first argument" {
  hold
  [ "$(asked '{"tool_name":"Bash","tool_input":{"command":"npm test","description":"x"}}')" = \
    "Bash: npm test" ]
  [ "$(asked '{"tool_name":"Write","tool_input":{"file_path":"/a/ü","content":"x"}}')" = \
    "Write: /a/ü" ]
  [ "$(asked '{"tool_name":"Ask","tool_input":{"questions":[{"q":1}]}}')" = 'Ask: [{"q":1}]' ]
  [ "$(asked '{"tool_name":"Plan","tool_input":{}}')" = Plan ]
  no_more
}

@test "permission-request: cut to 80 characters, not bytes" {
  local long want
  hold
  long=$(printf 'ü%.0s' {1..74})
  [ "$(asked "{\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"$long\"}}")" = "Bash: $long" ]
  want="Bash: $(printf 'ü%.0s' {1..73})…"
  [ "$(asked "{\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"$long!\"}}")" = "$want" ]
}

@test "permission-request: whatever it reads, it tells one harmless line" {
  local json told
  hold
  while IFS= read -r json; do
    told=$(asked "$json")
    [ -n "$told" ]
    [ "${#told}" -le 80 ]
    [[ $told != *[[:cntrl:]]* ]]
  done <<'END'
{"tool_name":"Bash","tool_input":{"command":"a\nb\r\tc\u0000\u001b[31m"}}
{"tool_name":"Ba\nsh","tool_input":{"command":"\n\n\n"}}
{"tool_name":"$(id)","tool_input":{"command":"`id` $HOME %s \\ -n"}}
{"tool_name":"Bash","tool_input":["a"]}
{"tool_name":"Bash","tool_input":"text"}
{"tool_name":"Bash","tool_input":null}
{"tool_name":["Bash"],"tool_input":1}
{"tool_name":"One","tool_input":{"a":"1"}}{"tool_name":"Two","tool_input":{"a":"2"}}
["a"]
{"tool_name":
nonsense

END
  no_more
}

@test "permission-request: a giant, a truncated and an endless input" {
  hold
  { printf '{"tool_name":"Write","tool_input":{"file_path":"/a","content":"' &&
    head -c 3000000 /dev/zero | tr '\0' x && printf '"}}'; } | "$hooks/permission-request"
  [ "$(line)" = "Write: /a" ]
  { printf '{"tool_name":"Write","tool_input":{"content":"' &&
    head -c 50000000 /dev/zero | tr '\0' x && printf '"}}'; } | "$hooks/permission-request"
  [ "$(line)" = "Permission needed" ]
  yes '{"tool_name":' | "$hooks/permission-request"
  [ "$(line)" = "Permission needed" ]
  mkfifo "$BATS_TEST_TMPDIR/silent"
  SECONDS=0
  "$hooks/permission-request" <>"$BATS_TEST_TMPDIR/silent"
  ((SECONDS < 8))
  [ "$(line)" = "Permission needed" ]
}

@test "permission-request: without jq it still tells that somebody is needed" {
  local tool
  hold
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh head tr dd timeout; do
    ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin"
  done
  PATH=$BATS_TEST_TMPDIR/bin "$hooks/permission-request" <<<'{"tool_name":"Bash"}' 2>/dev/null
  [ "$(line)" = "Permission needed" ]
}

@test "with no FIFO, no reader or no room they give up at once" {
  local hook
  for hook in stop permission-request; do
    SECONDS=0
    "$hooks/$hook" </dev/null # nobody has it open

    hold
    fill
    "$hooks/$hook" </dev/null
    [ "$(head -c 65536 <&8 | tr -d x | wc -c)" -eq 0 ]
    no_more
    exec 8>&-

    HOST_AGENT_FIFO=$BATS_TEST_TMPDIR/none "$hooks/$hook" </dev/null
    [ ! -e "$BATS_TEST_TMPDIR/none" ]
    ((SECONDS < 3))
  done
}

@test "what is no FIFO is left alone" {
  local hook
  echo precious >"$BATS_TEST_TMPDIR/file"
  ln -s file "$BATS_TEST_TMPDIR/link"
  for hook in stop permission-request; do
    for HOST_AGENT_FIFO in "$BATS_TEST_TMPDIR"/{file,link,.}; do
      "$hooks/$hook" </dev/null
    done
  done
  [ "$(cat "$BATS_TEST_TMPDIR/file")" = precious ]
}

@test "send: one line of PIPE_BUF bytes at most, in one piece between others" {
  local writers=() c
  hold
  "$hooks/send" "$(head -c 9000 /dev/zero | tr '\0' y)"
  [ "$(line | wc -c)" -eq 4096 ]
  "$hooks/send" $'two\nlines'
  [ "$(line)" = "two lines" ]
  "$hooks/send" "-n \\c %s"
  [ "$(line)" = "-n \\c %s" ]

  for c in {a..o}; do # 15 of 4096 bytes, which a pipe holds
    "$hooks/send" "$(head -c 9000 /dev/zero | tr '\0' "$c")" &
    writers+=($!)
  done
  wait "${writers[@]}"
  for c in {a..o}; do line; done >"$BATS_TEST_TMPDIR/lines"
  [ "$(sort "$BATS_TEST_TMPDIR/lines" | tr -s a-o | tr -d '\n')" = abcdefghijklmno ]
  [ "$(awk '{ print length }' "$BATS_TEST_TMPDIR/lines" | sort -u)" = 4095 ]
}

@test "the managed settings name hooks that exist" {
  local command
  while read -r command; do
    [ -x "$hooks/${command#/usr/local/lib/host-agent/hooks/}" ]
  done < <(jq -er '.hooks[][].hooks[].command' "$hooks/managed-settings.json")
  [ "$(jq -r '.hooks | keys_unsorted | sort | join(" ")' "$hooks/managed-settings.json")" = \
    "PermissionRequest Stop" ]
}
# Fills the FIFO to the last byte, without waiting.
fill() {
  perl -e 'use Fcntl; sysopen my $f, $ARGV[0], O_WRONLY | O_NONBLOCK or die $!;
    for my $size (4096, 1) { 1 while syswrite $f, "x" x $size }' "$fifo"
}
