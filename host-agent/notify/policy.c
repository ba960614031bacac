/* SPDX-License-Identifier: ISC */
#include "policy.h"

gboolean policy_is_sign(const Message *message)
{
    return event_of(message) >= EVENT_SHOWN;
}

static char *goes_on(const char *text, guint tasks)
{
    const char *plural = tasks == 1 ? " goes" : "s go";

    return text ? g_strdup_printf("%s (%u task%s on)", text, tasks, plural)
                : g_strdup_printf("Stopped, %u task%s on", tasks, plural);
}

char *policy_text(const Message *message)
{
    Event event = event_of(message);

    if (event >= EVENT_SHOWN)
        return NULL;
    if (event == EVENT_STOP && message->background > 0)
        return goes_on(message->text, message->background);
    if (message->text)
        return g_strdup(message->text);
    /* A title alone is shown as the summary. */
    const char *words = event_look(event)->words;
    return words || message->title ? g_strdup(words ? words : "") : NULL;
}

/* Does the message tell of a task that was too short to be worth a word? An error always is. */
static gboolean is_brief(const ConfigNotify *notify, Event event, gint64 took)
{
    return event == EVENT_STOP && took >= 0 && took < (gint64)notify->min_duration * 1000;
}

Policy policy_for(const ConfigNotify *notify, const Message *message, gint64 took)
{
    Event event = event_of(message);
    Policy policy = {0};

    if (event >= EVENT_SHOWN || notify->urgency[event] == EVENT_OFF ||
        is_brief(notify, event, took))
        return policy;
    policy.text = policy_text(message);
    policy.show = policy.text != NULL;
    policy.urgency = notify->urgency[event];
    if (message->urgency != MESSAGE_UNSAID)
        policy.urgency = MIN(policy.urgency, message->urgency);
    policy.icon = g_strdup(notify->icon ? notify->icon : event_look(event)->icon);
    policy.sound = notify->sound ? event_look(event)->sound : NULL;
    return policy;
}

void policy_clear(Policy *policy)
{
    g_clear_pointer(&policy->text, g_free);
    g_clear_pointer(&policy->icon, g_free);
}

gboolean policy_shows(const ConfigNotify *notify, const Message *message, gint64 took)
{
    g_auto(Policy) policy = policy_for(notify, message, took);

    return policy.show;
}
