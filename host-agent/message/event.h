/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_EVENT_H
#define HOST_AGENT_EVENT_H

#include "message.h"

/* What a message is about, as far as it makes a difference on the desktop. Pure. */

/* A message that is shown, if the settings do not say otherwise: [notify] has a key for each. */
typedef enum {
    EVENT_STOP,
    EVENT_STOP_FAILURE,
    EVENT_SUBAGENT_STOP,
    EVENT_NOTIFICATION,
    EVENT_PERMISSION_REQUEST,
    EVENT_TERMINAL,
    EVENT_MESSAGE, /* plain text */
    EVENT_OTHER,   /* another agent's word */
    EVENT_SHOWN,   /* how many of these there are */
    /* These are never shown: they tell how a session is doing. */
    EVENT_PROMPT = EVENT_SHOWN, /* it works from now on */
    EVENT_SESSION_END,
} Event;

typedef struct {
    int urgency;       /* where the settings say nothing; EVENT_OFF: not shown */
    const char *words; /* where the message has none; NULL: then there is nothing to show */
    const char *icon;  /* of the Icon Naming Specification */
    const char *sound; /* of the Sound Naming Specification */
} EventLook;

enum { EVENT_OFF = -1 };

Event event_of(const Message *message);

const EventLook *event_look(Event event); /* of one that is shown */

#endif
