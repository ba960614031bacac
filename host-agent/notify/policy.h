/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_POLICY_H
#define HOST_AGENT_POLICY_H

#include "config/config.h"

/* What the settings make of a message. Pure. */

typedef struct {
    gboolean show;
    int urgency;       /* MessageUrgency */
    char *text;        /* what to show; the policy's own */
    char *icon;        /* a name or an absolute path; the policy's own */
    const char *sound; /* a name of the Sound Naming Specification, constant; NULL: none */
} Policy;

/* MESSAGE is the end of a task that took TOOK ms; -1: not known. Its own urgency may lower what the
 * settings say, and never raise it: a sandbox cannot make itself louder. */
Policy policy_for(const ConfigNotify *notify, const Message *message, gint64 took);

void policy_clear(Policy *policy);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Policy, policy_clear)

gboolean policy_shows(const ConfigNotify *notify, const Message *message, gint64 took);

/* Is MESSAGE a sign of how a session is doing, which is never shown? */
gboolean policy_is_sign(const Message *message);

/* The message's own text, or else words for its event, and that tasks go on where they do. NULL
 * when there is nothing to show. Free with g_free(). */
char *policy_text(const Message *message);

#endif
