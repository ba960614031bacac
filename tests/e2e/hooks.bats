#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The hooks as an agent runs them: they write one line into a FIFO, or give up at once. `ask` asks
# a server that answers as the host does, or worse.

bats_require_minimum_version 1.5.0
top=$BATS_TEST_DIRNAME/../..
nl=$'\n'

setup() {
  hooks=$BATS_TEST_TMPDIR/hooks
  cp -r "$top/hooks" "$hooks"
  cp "$top/build/asan/bin/ask" "$hooks/ask"
  fifo=$BATS_TEST_TMPDIR/fifo
  mkfifo "$fifo"
  export HOST_AGENT_FIFO=$fifo HOST_AGENT_ASK=$BATS_TEST_TMPDIR/ask
  unset SSH_CONNECTION
}

teardown() {
  [[ -z ${server-} ]] || answers_end
}

# Holds the FIFO as the host does.
hold() {
  exec 8<>"$fifo"
}

line() {
  IFS= read -r -t 60 -u 8
  echo "$REPLY"
}

no_more() {
  ! read -r -t 0.1 -u 8
}

# Fills the FIFO to the last byte, without waiting.
fill() {
  perl -e 'use Fcntl; sysopen my $f, $ARGV[0], O_WRONLY | O_NONBLOCK or die $!;
    for my $size (4096, 1) { 1 while syswrite $f, "x" x $size }' "$fifo"
}

# told EVENT JSON: the line that Claude Code's hook makes of it.
told() {
  local output
  output=$(printf '%s' "$2" | "$hooks/event" "$1" 2>&1) || return
  [ -z "$output" ] || return
  line
}

# told_text EVENT JSON: its text.
told_text() {
  told "$@" | jq -er .text
}

# asked COMMAND: the text that tells of Bash's COMMAND.
asked() {
  told_text PermissionRequest "$(jq -n --arg c "$1" '{tool_name: "Bash", tool_input: {command: $c}}')"
}

# answers STEP...: a host (see the tool) that answers each question so.
answers() {
  "$top/tests/tools/answers" "$HOST_AGENT_ASK" "$BATS_TEST_TMPDIR/asked" "$@" 8>&- 3>&- &
  server=$!
  until [[ -S $HOST_AGENT_ASK ]]; do sleep 0.02; done
}

answers_end() {
  kill "$server"
  wait "$server" || true
  server=''
}

# Ends that host, and forgets what it was asked.
no_answers() {
  answers_end
  rm -f "$HOST_AGENT_ASK" "$BATS_TEST_TMPDIR/asked"
}

# --- What each event tells ------------------------------------------------------------------------

@test "Stop: who, where, and what goes on" {
  hold
  [ "$(told Stop '{"session_id":"a-1","cwd":"/work","hook_event_name":"Stop"}')" = \
    '{"event":"Stop","session":"a-1","cwd":"/work"}' ]
  [ "$(told Stop '{"session_id":"a-1","cwd":"/w","background_tasks":[{"id":"x"},{"id":"y"}]}')" = \
    '{"event":"Stop","session":"a-1","cwd":"/w","background":2}' ]
  [ "$(told Stop '{"background_tasks":[],"last_assistant_message":"Done."}')" = '{"event":"Stop"}' ]
  SSH_CONNECTION='127.0.0.1 54321 127.0.0.1 2222'
  export SSH_CONNECTION
  [ "$(told Stop '{}')" = '{"event":"Stop","client":54321}' ]
  SSH_CONNECTION='* * 1 2'
  [ "$(told Stop '{}')" = '{"event":"Stop"}' ]
  no_more
}

@test "StopFailure: what failed, and what the agent says of it" {
  hold
  [ "$(told StopFailure '{"session_id":"a","error":"rate_limit","error_details":"429: later"}')" = \
    '{"event":"StopFailure","session":"a","text":"Rate limit: 429: later"}' ]
  [ "$(told_text StopFailure '{"error":"overloaded","last_assistant_message":"API Error: 529"}')" = \
    "Overloaded: API Error: 529" ]
  [ "$(told_text StopFailure '{"error":"authentication_failed"}')" = "Authentication failed" ]
  [ "$(told_text StopFailure '{"error":"of tomorrow","error_details":7}')" = Failed ]
  [ "$(told_text StopFailure '{"error":{"a":1}}')" = Failed ]
  no_more
}

@test "SubagentStop: its own key, so that it replaces nothing of the session's" {
  hold
  [ "$(told SubagentStop '{"session_id":"a","agent_id":"b7","agent_type":"Explore",
    "last_assistant_message":"Found\nit"}')" = \
    '{"event":"SubagentStop","session":"a","key":"b7","text":"Explore: Found it"}' ]
  [ "$(told SubagentStop '{"agent_id":"b 7"}')" = '{"event":"SubagentStop"}' ]
  no_more
}

@test "Notification: but not what PermissionRequest has told" {
  hold
  [ "$(told Notification '{"message":"waiting","title":"T","notification_type":"idle_prompt"}')" = \
    '{"event":"Notification","title":"T","text":"waiting"}' ]
  "$hooks/event" Notification <<<'{"message":"m","notification_type":"permission_prompt"}'
  # Gemini CLI's
  [ "$(told_text Notification '{"message":"Confirm","notification_type":"ToolPermission",
    "details":{"type":"exec","command":"ls"}}')" = "Confirm: ls" ]
  no_more
}

@test "UserPromptSubmit and SessionEnd: that they happened, nothing of what was typed" {
  hold
  [ "$(told UserPromptSubmit '{"session_id":"a","cwd":"/w","prompt":"secret"}')" = \
    '{"event":"UserPromptSubmit","session":"a","cwd":"/w"}' ]
  [ "$(told SessionEnd '{"session_id":"a","reason":"other"}')" = \
    '{"event":"SessionEnd","session":"a"}' ]
  no_more
}

@test "PermissionRequest: the tool and its first argument" {
  hold
  [ "$(told PermissionRequest '{"session_id":"a","tool_name":"Bash",
    "tool_input":{"command":"npm test","description":"x"}}')" = \
    '{"event":"PermissionRequest","session":"a","text":"Bash: npm test"}' ]
  request() { told_text PermissionRequest "{\"tool_name\":\"$1\",\"tool_input\":$2}"; }
  [ "$(request Write '{"file_path":"/a/ü","content":"x"}')" = "Write: /a/ü" ]
  [ "$(request Ask '{"questions":[{"q":1}]}')" = 'Ask: [{"q":1}]' ]
  [ "$(request Plan '{}')" = Plan ]
  [ "$(asked "one${nl}two${nl}   three")" = "Bash: one ⏎ two ⏎ three" ]
  no_more
}

@test "PermissionRequest: cut to 80 characters, not bytes" {
  local long want
  hold
  long=$(printf 'ü%.0s' {1..74})
  [ "$(asked "$long")" = "Bash: $long" ]
  want="Bash: $(printf 'ü%.0s' {1..73})…"
  [ "$(asked "$long!")" = "$want" ]
}

@test "codex: its notify program's argument is the end of a turn" {
  hold
  run -0 "$hooks/codex" '{"type":"agent-turn-complete","thread-id":"t-1","turn-id":"2","cwd":"/w",
    "input-messages":["secret"],"last-assistant-message":"Done."}'
  [ -z "$output" ]
  [ "$(line)" = '{"event":"Stop","session":"t-1","cwd":"/w"}' ]
  run -0 "$hooks/codex"
  [ "$(line)" = '{"event":"Stop"}' ]
  no_more
}

# --- Whatever they read ---------------------------------------------------------------------------

@test "whatever it reads, it tells one harmless line of JSON" {
  local events=(Stop StopFailure SubagentStop Notification PermissionRequest UserPromptSubmit)
  local told=$BATS_TEST_TMPDIR/told event json
  hold
  while IFS= read -r json; do
    for event in "${events[@]}"; do
      told "$event" "$json" >>"$told"
    done
  done <<'EOF'
{"tool_name":"Bash","tool_input":{"command":"a\nb\r\tc\u0000\u001b[31m"}}
{"tool_name":"Ba\nsh","tool_input":{"command":"\n\n\n"},"message":"a\u0000\nb","title":"\u001b]0;x\u0007"}
{"tool_name":"$(id)","tool_input":{"command":"`id` $HOME %s \\ -n"},"message":"$(id)"}
{"session_id":"a\n","cwd":"/a\nb","agent_id":"../x","background_tasks":{"a":1}}
{"session_id":["a"],"cwd":{"a":1},"agent_id":7,"background_tasks":"many","title":7,"message":[]}
{"tool_name":"Bash","tool_input":["a"]}
{"tool_name":"Bash","tool_input":"text"}
{"tool_name":"Bash","tool_input":null}
{"tool_name":["Bash"],"tool_input":1}
{"tool_name":"One","tool_input":{"a":"1"}}{"tool_name":"Two","tool_input":{"a":"2"}}
["a"]
{"tool_name":
nonsense

EOF
  no_more
  [ "$(jq -r .event "$told" | paste -sd ' ')" = "$(yes "${events[*]}" | head -n 14 | paste -sd ' ')" ]
  run ! grep '[[:cntrl:]]' "$told"
  [ "$(jq -s '[.[][] | strings | select(test("\\p{Cc}"))] | length' "$told")" -eq 0 ]
  [ "$(jq -s 'map(.text // "" | length) | max' "$told")" -le 80 ]
}

@test "its longest line is JSON still, and of 4096 bytes at most" {
  local long json told event
  hold
  # A character of four bytes; what JSON escapes; a path of the longest that is told.
  for long in '\ud83e\udd80' '\"' '\u0001x' '\u007f\\x'; do
    json=$(jq -cn --argjson c "\"$long\"" '($c * 2000) as $x | {error: $x, error_details: $x,
      last_assistant_message: $x, message: $x, title: $x, agent_type: $x, agent_id: ("a" * 64),
      session_id: ("b" * 64), cwd: ("/" + "\\" * 510), tool_name: $x, tool_input: {a: $x}}')
    for event in StopFailure SubagentStop Notification PermissionRequest; do
      told=$(told $event "$json")
      [ "$(LC_ALL=C && echo ${#told})" -lt 4096 ]
      [ "$(jq -r .session <<<"$told" | wc -c)" -eq 65 ]
    done
  done
  [ "$(told Stop "$(jq -n '{cwd: ("/" + "x" * 1022)}')")" = '{"event":"Stop"}' ]
  [ "$(told Stop "$(jq -n '{cwd: ("/" + "\\" * 511)}')")" = '{"event":"Stop"}' ]
  no_more
}

@test "a giant, a truncated, a binary and an endless input" {
  hold
  { printf '{"tool_name":"Write","tool_input":{"file_path":"/a","content":"' &&
    head -c 3000000 /dev/zero | tr '\0' x && printf '"}}'; } | "$hooks/event" PermissionRequest
  [ "$(line)" = '{"event":"PermissionRequest","text":"Write: /a"}' ]
  { printf '{"tool_name":"Write","tool_input":{"content":"' &&
    head -c 50000000 /dev/zero | tr '\0' x && printf '"}}'; } | "$hooks/event" PermissionRequest
  [ "$(line)" = '{"event":"PermissionRequest","text":"Permission needed"}' ]
  head -c 100000 /dev/urandom | "$hooks/event" Stop
  [ "$(line)" = '{"event":"Stop"}' ]
  printf '{"message":"a\377\300\200b"}' | "$hooks/event" Notification
  [[ $(line | iconv -f UTF-8 -t UTF-8) == '{"event":"Notification","text":"a'*'b"}' ]]
  yes '{"tool_name":' | "$hooks/event" Stop
  [ "$(line)" = '{"event":"Stop"}' ]
  mkfifo "$BATS_TEST_TMPDIR/silent"
  SECONDS=0
  "$hooks/event" UserPromptSubmit <>"$BATS_TEST_TMPDIR/silent"
  ((SECONDS < 60))
  [ "$(line)" = '{"event":"UserPromptSubmit"}' ]
  no_more
}

@test "without jq it still tells what happened" {
  local tool
  hold
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh head tr dd timeout; do
    ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin"
  done
  PATH=$BATS_TEST_TMPDIR/bin "$hooks/event" PermissionRequest <<<'{"tool_name":"Bash"}' 2>/dev/null
  [ "$(line)" = '{"event":"PermissionRequest"}' ]
}

@test "with no FIFO, no reader or no room they give up at once" {
  local hook words
  for hook in 'event Stop' 'event PermissionRequest' 'send x'; do
    read -ra words <<<"$hooks/$hook"
    SECONDS=0
    "${words[@]}" </dev/null # nobody has it open

    hold
    fill
    "${words[@]}" </dev/null
    [ "$(head -c 65536 <&8 | tr -d x | wc -c)" -eq 0 ]
    no_more
    exec 8>&-

    HOST_AGENT_FIFO=$BATS_TEST_TMPDIR/none "${words[@]}" </dev/null
    [ ! -e "$BATS_TEST_TMPDIR/none" ]
    ((SECONDS < 60))
  done
}

@test "what is no FIFO is left alone" {
  local hook words
  echo precious >"$BATS_TEST_TMPDIR/file"
  ln -s file "$BATS_TEST_TMPDIR/link"
  for hook in 'event Stop' 'send x'; do
    read -ra words <<<"$hooks/$hook"
    for HOST_AGENT_FIFO in "$BATS_TEST_TMPDIR"/{file,link,.}; do
      "${words[@]}" </dev/null
    done
  done
  [ "$(cat "$BATS_TEST_TMPDIR/file")" = precious ]
}

@test "send: one line of PIPE_BUF bytes at most, in one piece between others" {
  local writers=() c json
  hold
  "$hooks/send" "$(head -c 9000 /dev/zero | tr '\0' y)"
  [ "$(line | wc -c)" -eq 4096 ]
  "$hooks/send" $'two\nlines\e[0m'
  [ "$(line)" = "two lines [0m" ]
  "$hooks/send" "-n \\c %s \$HOME \`id\`"
  [ "$(line)" = "-n \\c %s \$HOME \`id\`" ]
  for c in 10 4080; do
    json="{\"text\":\"$(head -c $c /dev/zero | tr '\0' x)\"}"
    "$hooks/send" "$json"
    [ "$(line)" = "$json" ]
  done

  for c in {a..o}; do # 15 of 4096 bytes, which a pipe holds
    "$hooks/send" "$(head -c 9000 /dev/zero | tr '\0' "$c")" &
    writers+=($!)
  done
  wait "${writers[@]}"
  for c in {a..o}; do line; done >"$BATS_TEST_TMPDIR/lines"
  [ "$(sort "$BATS_TEST_TMPDIR/lines" | tr -s a-o | tr -d '\n')" = abcdefghijklmno ]
  [ "$(awk '{ print length }' "$BATS_TEST_TMPDIR/lines" | sort -u)" = 4095 ]
}

# --- Asking ---------------------------------------------------------------------------------------

@test "ask: prints the answer to its very line" {
  local answer
  for answer in allow deny; do
    answers 'wait 10' $answer
    run -0 "$hooks/ask" '{"event":"PermissionRequest"}'
    [ "$output" = $answer ]
    [ "$(cat "$BATS_TEST_TMPDIR/asked")" = '{"event":"PermissionRequest"}' ]
    no_answers
  done
}

@test "ask: the question is one write" {
  answers 'wait 10' allow
  # A leak is looked for by ptrace, which strace has.
  ASAN_OPTIONS=detect_leaks=0 run -0 strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=sendto,write -e signal=none \
    "$hooks/ask" "$(head -c 4095 /dev/zero | tr '\0' x)"
  [ "$(grep -c '^sendto(' "$BATS_TEST_TMPDIR/trace")" -eq 1 ]
  grep -qE '^sendto\(.* = 4096$' "$BATS_TEST_TMPDIR/trace"
}

@test "ask: 2 when nobody takes the question, 1 when nobody answers it" {
  local step
  run -2 "$hooks/ask" x
  : >"$HOST_AGENT_ASK"
  run -2 "$hooks/ask" x
  answers
  answers_end
  run -2 "$hooks/ask" x # the name is there, nobody listens
  HOST_AGENT_ASK=/$(head -c 200 /dev/zero | tr '\0' x) run -2 "$hooks/ask" x

  answers
  run -2 "$hooks/ask" x
  no_answers
  for step in allow wait 'wait ' 'wait x' 'wait -1' 'wait 1 2' 'wait 1234567' '' =1000000; do
    answers "$step" allow -
    run -2 "$hooks/ask" x
    [ -z "$output" ]
    no_answers
  done
  for step in Allow 'allow ' allowed yes '' $'allo\nw' $'\e[0mallow' =1000000; do
    answers 'wait 10' "$step" allow -
    run -1 "$hooks/ask" x
    [ -z "$output" ]
    no_answers
  done
  answers 'wait 10'
  run -1 "$hooks/ask" x
  [ -z "$output" ]
}

@test "ask: waits 2 seconds for the host's word, and 2 more than that for the answer" {
  local took
  answers -
  SECONDS=0
  run -2 "$hooks/ask" x
  took=$SECONDS
  ((took >= 1 && took < 60))
  no_answers
  answers 'wait 1' -
  SECONDS=0
  run -1 "$hooks/ask" x
  took=$SECONDS
  ((took >= 2 && took < 60))
}

@test "ask: a full backlog makes nobody wait" {
  local status=0
  perl -MIO::Socket::UNIX -e '
    my $server = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die $!;
    my @held = map { IO::Socket::UNIX->new(Peer => $ARGV[0]) } 1, 2;
    exec @ARGV[1, 2] if !fork;
    wait;
    exit $? >> 8' "$HOST_AGENT_ASK" "$hooks/ask" x 8>&- &
  SECONDS=0
  wait $! || status=$?
  ((status == 2 && SECONDS < 60))
}

@test "ask: wrong usage is no question" {
  answers 'wait 10' allow
  run -2 "$hooks/ask"
  run -2 "$hooks/ask" ''
  run -2 "$hooks/ask" "a${nl}b"
  run -2 "$hooks/ask" "$(head -c 4096 /dev/zero | tr '\0' x)"
  [ ! -s "$BATS_TEST_TMPDIR/asked" ]
  run -0 "$hooks/ask" "$(head -c 4095 /dev/zero | tr '\0' x)"
  [ "$(wc -c <"$BATS_TEST_TMPDIR/asked")" -eq 4096 ]
}

@test "ask: the question is withdrawn with the script that asked" {
  answers 'wait 100' -
  setsid "$hooks/event" PermissionRequest 8>&- \
    <<<'{"tool_name":"Bash","tool_input":{"command":"ls"}}' &
  until [[ -s $BATS_TEST_TMPDIR/asked ]]; do sleep 0.02; done
  kill -KILL $!
  SECONDS=0
  until grep -qx closed "$BATS_TEST_TMPDIR/asked"; do
    ((SECONDS < 60))
    sleep 0.02
  done
}

permission() { # TOOL INPUT
  "$hooks/event" PermissionRequest <<<"{\"tool_name\":\"$1\",\"tool_input\":$2}"
}

@test "PermissionRequest: the answer is Claude Code's decision, and the FIFO is not told too" {
  hold
  answers 'wait 10' allow
  run -0 permission Bash '{"command":"npm test","description":"Run them"}'
  [ "$(jq -c . <<<"$output")" = '{"hookSpecificOutput":{"hookEventName":"PermissionRequest","decision":{"behavior":"allow"}}}' ]
  [ "$(jq -r .text "$BATS_TEST_TMPDIR/asked")" = "Bash: npm test" ]
  no_answers
  answers 'wait 10' deny
  run -0 permission Bash '{"command":"npm test"}'
  [ "$(jq -r '.hookSpecificOutput.decision | .behavior, .message' <<<"$output")" = \
    "deny${nl}Denied from the desktop" ]
  no_answers
  answers 'wait 10'
  run -0 permission Bash '{"command":"npm test"}'
  [ -z "$output" ]
  no_more
}

@test "PermissionRequest: what the host does not take goes to the FIFO" {
  hold
  answers
  run -0 permission Bash '{"command":"npm test"}'
  [ -z "$output" ]
  [ "$(line | jq -r .text)" = "Bash: npm test" ]
  no_answers
  rm "$hooks/ask"
  answers 'wait 10' allow
  run -0 permission Bash '{"command":"npm test"}'
  [ -z "$output" ]
  [ "$(line | jq -r .text)" = "Bash: npm test" ]
  no_more
}

@test "PermissionRequest: only what can be read as a whole is asked" {
  local long tool input shown
  hold
  answers 'wait 10' allow
  long=$(head -c 195 /dev/zero | tr '\0' x)
  # Allowed, as it is shown.
  while IFS='|' read -r tool input shown; do
    run -0 permission "$tool" "$input"
    [[ $output == *'"allow"'* ]]
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/asked" | jq -r .text)" = "$shown" ]
  done <<EOF
Bash|{"command":"a \\n\\t b\\n\\nc"}|Bash: a ⏎ b ⏎ c
Bash|{"command":"${long:1}"}|Bash: ${long:1}
Bash|{"command":"ls","run_in_background":true}|Bash: ls · run_in_background: true
Write|{"file_path":"/ü","content":"x\\ny"}|Write: /ü · content: x ⏎ y
EOF
  no_more
  # Told only.
  : >"$BATS_TEST_TMPDIR/asked"
  while IFS='|' read -r tool input; do
    run -0 permission "$tool" "$input"
    [ -z "$output" ]
    line
  done <<EOF
Bash|{"command":"$long"}
Write|{"file_path":"/a","content":"$long"}
Bash|{"command":"ls ⏎ ls"}
Bash|{"command":"ls \\u202e ls"}
Bash|{"command":"ls\\u200bls"}
Bash|{"command":"ls\\u00a0ls"}
Bash|{"command":"ls\\u3000ls"}
Bash|{"command":"ls\\u2800ls"}
Bash|{"command":"ls\\u3164ls"}
Bash|{"command":"ls\\u2028ls"}
Bash|{"command":"ls\\rls"}
Bash|{"command":"ls\\u0000ls"}
Bash|{"command":"ls\\u001b[8mls"}
Bash|{"command":"ls\\ufe0fls"}
Bash|{"command":"ls\\udb40\\udc41ls"}
Bash|{}
Bash|["ls"]
Bash|"ls"
AskUserQuestion|{"questions":"Which?"}
ExitPlanMode|{"plan":"All"}
EOF
  no_more
  [ ! -s "$BATS_TEST_TMPDIR/asked" ]
}

# --- The settings ---------------------------------------------------------------------------------

@test "the managed settings name each event's hook, with time to wait for an answer" {
  local event
  while read -r event command argument timeout; do
    [ -x "$hooks/${command#/usr/local/lib/host-agent/hooks/}" ]
    [ "$event" = "$argument" ]
    [ "$timeout" -eq "$([ "$event" = PermissionRequest ] && echo 600 || echo 10)" ]
  done < <(jq -er '.hooks | to_entries[] | .key as $e | .value[].hooks[] | "\($e) \(.command) \(.timeout)"' \
    "$hooks/managed-settings.json")
  [ "$(jq -r '.hooks | keys_unsorted | sort | join(" ")' "$hooks/managed-settings.json")" = \
    "Notification PermissionRequest SessionEnd Stop StopFailure SubagentStop UserPromptSubmit" ]
}
