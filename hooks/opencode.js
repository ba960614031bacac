// SPDX-License-Identifier: ISC
// A plugin of opencode: tells the host what happens, host-agent-message(5). It never waits, and no
// error of its own reaches opencode.
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const LINE_MAX = 4095
const send = fileURLToPath(new URL("./send", import.meta.url))
const client = Number(process.env.SSH_CONNECTION?.split(" ")[1]) || undefined

// A session is idle again after it failed, and may say so twice.
const working = new Set()
const helpers = new Set()

// What each event tells; undefined: nothing.
const messages = {
  "session.created": ({ info }) => {
    if (info.parentID) helpers.add(info.id)
  },
  "session.status": ({ sessionID, status }) => {
    if (status.type !== "busy" || working.has(sessionID)) return
    working.add(sessionID)
    if (!helpers.has(sessionID)) return { event: "UserPromptSubmit" }
  },
  "session.idle": ({ sessionID }) => {
    if (working.delete(sessionID)) return { event: helpers.has(sessionID) ? "SubagentStop" : "Stop" }
  },
  "session.error": ({ sessionID, error }) => {
    working.delete(sessionID)
    return { event: "StopFailure", text: error?.data?.message ?? error?.name ?? "Failed" }
  },
  "permission.asked": ({ permission, patterns }) => ({
    event: "PermissionRequest",
    text: [permission, ...(patterns ?? [])].join(" "),
  }),
}

function print(message) {
  const text = message.text && [...String(message.text).slice(0, 800)].slice(0, 400).join("")
  const line = JSON.stringify({ ...message, text: text?.toWellFormed() })
  return Buffer.byteLength(line) <= LINE_MAX ? line : JSON.stringify({ event: message.event })
}

export const HostAgent = async ({ directory }) => ({
  event: async ({ event }) => {
    const message = messages[event.type]?.(event.properties)
    if (!message) return
    const line = print({ ...message, session: event.properties.sessionID, cwd: directory, client })
    spawn(send, [line], { stdio: "ignore" }).on("error", () => {})
  },
})
