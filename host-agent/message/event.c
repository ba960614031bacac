/* SPDX-License-Identifier: ISC */
#include "event.h"

#include <string.h>

/* Claude Code's own names; a Terminal's message is a program's OSC 9, OSC 777 or BEL. */
static const struct {
    const char *name;
    Event event;
} names[] = {
    {"Stop", EVENT_STOP},
    {"StopFailure", EVENT_STOP_FAILURE},
    {"SubagentStop", EVENT_SUBAGENT_STOP},
    {"Notification", EVENT_NOTIFICATION},
    {"PermissionRequest", EVENT_PERMISSION_REQUEST},
    {"Terminal", EVENT_TERMINAL},
    {"UserPromptSubmit", EVENT_PROMPT},
    {"SessionEnd", EVENT_SESSION_END},
};

static const EventLook looks[EVENT_SHOWN] = {
    [EVENT_STOP] = {MESSAGE_CRITICAL, "Completed", "dialog-information", "complete"},
    [EVENT_STOP_FAILURE] = {MESSAGE_CRITICAL, "Stopped by an error", "dialog-error",
                            "dialog-error"},
    [EVENT_SUBAGENT_STOP] = {EVENT_OFF, "A subagent completed", "dialog-information", "complete"},
    [EVENT_NOTIFICATION] = {MESSAGE_CRITICAL, "Waits for you", "dialog-information",
                            "message-new-instant"},
    [EVENT_PERMISSION_REQUEST] = {MESSAGE_CRITICAL, "Permission needed", "dialog-question",
                                  "dialog-question"},
    [EVENT_TERMINAL] = {MESSAGE_NORMAL, "The terminal's bell rang", "utilities-terminal",
                        "bell-terminal"},
    [EVENT_MESSAGE] = {MESSAGE_CRITICAL, NULL, "dialog-information", "message-new-instant"},
    [EVENT_OTHER] = {MESSAGE_NORMAL, NULL, "dialog-information", "message-new-instant"},
};

Event event_of(const Message *message)
{
    if (!message->event)
        return EVENT_MESSAGE;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].name, message->event) == 0)
            return names[i].event;
    }
    return EVENT_OTHER;
}

const EventLook *event_look(Event event)
{
    return &looks[event];
}
