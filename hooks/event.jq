# SPDX-License-Identifier: ISC
# An event as Claude Code tells its hooks, raw on stdin, as a line of host-agent-message(5); none for
# what the host was told already. A PermissionRequest that can be read as a whole has a second line,
# with all of it. --arg event, client: the hook's name; a port, or "".
# A line's length is bounded by its parts: 400 characters of text, 80 of title, 1024 bytes of path.

def string: if type == "string" then . else null end;
def text: if type == "string" then . else tojson end;
def word: if type == "string" and test("\\A[A-Za-z0-9_.-]{1,64}\\z") then . else null end;
def port: if test("\\A[1-9][0-9]{0,4}\\z") then tonumber else null end;
def path:
  if type == "string" and startswith("/") and (tojson | utf8bytelength) <= 1024
    and (test("\\p{Cc}") | not)
  then . else null end;
# Cut before gsub, which takes its time.
def line($max):
  .[:$max * 4] | gsub("[\\p{Cc}\\s]+"; " ") | if length > $max then .[:$max - 1] + "…" else . end;
def joined: map(select(type == "string" and . != "")) | join(": ");

def failures: {
  authentication_failed: "Authentication failed",
  oauth_org_not_allowed: "Organization not allowed",
  account_on_hold: "Account on hold",
  verification_required: "Verification required",
  billing_error: "Billing problem",
  rate_limit: "Rate limit",
  overloaded: "Overloaded",
  invalid_request: "Invalid request",
  model_not_found: "Model not found",
  server_error: "Server error",
  max_output_tokens: "Answer too long",
  cloud_credential_error: "Cloud credentials failed"
};
def failure:
  [failures[.error | string // ""] // "Failed", .error_details // .last_assistant_message] | joined;

def newlines: gsub("[ \\t]*\\n[ \\t\\n]*"; " ⏎ ");
def first_argument: if type == "object" then to_entries[0].value else . end;
def request:
  (.tool_name | string) as $tool
  | (.tool_input | first_argument)
  | if $tool == null then "Permission needed" elif . == null then $tool
    else "\($tool): \(text[:400] | newlines)" end;

# All that is asked for, unless it is more than a yes answers, or longer than a notification shows.
# Bash's description is not run.
def whole_request:
  (.tool_name | strings) as $tool
  | select($tool | IN("AskUserQuestion", "ExitPlanMode") | not)
  | .tool_input | objects
  | if $tool == "Bash" then del(.description) else . end
  | to_entries
  | select(length > 0)
  | "\($tool): \(.[0].value | text)" + (.[1:] | map(" · \(.key): \(.value | text)") | join(""))
  | select(length <= 200);
# Not what no eye sees, or takes for something else: blanks other than ASCII's, what turns the
# direction of writing, fillers, variation selectors.
def readable:
  select(gsub("[ \\t\\n]"; "")
    | test("[\\p{C}\\p{Z}⏎\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
    | not);

def about:
  { event: ($event | word // "other"), session: (.session_id // ."thread-id" | word), cwd: (.cwd | path),
    client: ($client | port) };
def message:
  if $event == "Stop" then { background: ([.background_tasks[]?] | length) }
  elif $event == "StopFailure" then { text: (failure | line(400)) }
  elif $event == "SubagentStop" then
    { key: (.agent_id | word), text: ([.agent_type, .last_assistant_message] | joined | line(400)) }
  elif $event == "Notification" then
    { title: (.title | string // "" | line(80)),
      text: ([.message, (.details | objects | .command)] | joined | line(400)) }
  elif $event == "PermissionRequest" then { text: (request | line(80)) }
  else {} end;
def print: with_entries(select(.value | IN(null, "", 0) | not)) | tojson;

((try fromjson catch null) | if type == "object" then . else {} end)
| select($event != "Notification" or .notification_type != "permission_prompt")
| (about + message | print),
  (select($event == "PermissionRequest")
   | about + { text: (whole_request | readable | newlines) } | print)
