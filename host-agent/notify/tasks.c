/* SPDX-License-Identifier: ISC */
#include "tasks.h"

#include "message/event.h"

#include <string.h>

typedef struct {
    char *sandbox;
    char *session; /* "": the sandbox names none */
    gint64 since;
} Task;

struct Tasks {
    GPtrArray *list; /* Task, the oldest first */
};

static void task_free(gpointer data)
{
    Task *task = data;

    g_free(task->sandbox);
    g_free(task->session);
    g_free(task);
}

Tasks *tasks_new(void)
{
    Tasks *tasks = g_new0(Tasks, 1);

    tasks->list = g_ptr_array_new_with_free_func(task_free);
    return tasks;
}

void tasks_free(Tasks *tasks)
{
    if (!tasks)
        return;
    g_ptr_array_unref(tasks->list);
    g_free(tasks);
}

/* NULL where there is none. */
static Task *find(const Tasks *tasks, const char *sandbox, const char *session, guint *index)
{
    for (*index = 0; *index < tasks->list->len; ++*index) {
        Task *task = tasks->list->pdata[*index];
        if (strcmp(task->sandbox, sandbox) == 0 && strcmp(task->session, session) == 0)
            return task;
    }
    return NULL;
}

static void forget(Tasks *tasks, const char *sandbox, const char *session)
{
    guint index;

    if (find(tasks, sandbox, session, &index))
        g_ptr_array_remove_index(tasks->list, index);
}

/* Makes room for one more of SANDBOX. */
static void shrink(Tasks *tasks, const char *sandbox)
{
    guint count = 0, oldest = 0;

    for (guint i = tasks->list->len; i-- > 0;) {
        if (strcmp(((Task *)tasks->list->pdata[i])->sandbox, sandbox) == 0) {
            oldest = i;
            count++;
        }
    }
    if (count >= TASKS_MAX_SANDBOX)
        g_ptr_array_remove_index(tasks->list, oldest);
    else if (tasks->list->len >= TASKS_MAX)
        g_ptr_array_remove_index(tasks->list, 0);
}

static void start(Tasks *tasks, const char *sandbox, const char *session, gint64 now)
{
    Task *task = g_new0(Task, 1);

    task->sandbox = g_strdup(sandbox);
    task->session = g_strdup(session);
    task->since = now;
    forget(tasks, sandbox, session);
    shrink(tasks, sandbox);
    g_ptr_array_add(tasks->list, task);
}

/* What goes on in the background wakes the agent once more: then the task has not ended yet. */
static gint64 end(Tasks *tasks, const char *sandbox, const char *session, gboolean goes_on,
                  gint64 now)
{
    guint index;
    const Task *task = find(tasks, sandbox, session, &index);
    gint64 took = task ? MAX(-1, now - task->since) : -1;

    if (task && !goes_on)
        g_ptr_array_remove_index(tasks->list, index);
    return took;
}

gint64 tasks_note(Tasks *tasks, const char *sandbox, const Message *message, gint64 now)
{
    const char *session = message->session ? message->session : "";

    switch (event_of(message)) {
    case EVENT_PROMPT:
        start(tasks, sandbox, session, now);
        return -1;
    case EVENT_STOP:
    case EVENT_STOP_FAILURE:
        return end(tasks, sandbox, session, message->background > 0, now);
    case EVENT_SESSION_END:
        forget(tasks, sandbox, session);
        return -1;
    default:
        return -1;
    }
}
