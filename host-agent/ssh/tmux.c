/* SPDX-License-Identifier: ISC */
#include "tmux.h"

#include "base/run.h"

#include <string.h>

enum { SECONDS = 5, ANSWER_MAX = 4096 };

static char *ask(const char *const *argv)
{
    char *answer = NULL;

    if (!run_capture(argv, SECONDS, ANSWER_MAX, &answer, NULL))
        return NULL;
    g_strchomp(answer);
    return answer;
}

void tmux_rename(TmuxWindow *window, const char *name)
{
    const char *pane = g_getenv("TMUX_PANE");
    g_autofree char *answer = NULL;

    *window = (TmuxWindow){0};
    if (!g_getenv("TMUX") || !pane)
        return;
    const char *const describe[] = {
        "tmux", "display-message", "-p", "-t", pane, "#{window_id} #{window_name}", NULL};
    answer = ask(describe);
    char *blank = answer ? strchr(answer, ' ') : NULL;
    if (!blank)
        return;
    *blank = '\0';
    const char *const option[] = {"tmux", "show-options",     "-wqv", "-t",
                                  answer, "automatic-rename", NULL};
    const char *const rename[] = {"tmux", "rename-window", "-t", answer, "--", name, NULL};
    char *automatic = ask(option);
    if (!automatic || !run_capture(rename, SECONDS, 0, NULL, NULL)) {
        g_free(automatic);
        return;
    }
    window->name = g_strdup(blank + 1);
    window->window = g_steal_pointer(&answer);
    window->automatic = automatic;
}

/* The name first, since naming a window sets its automatic-rename to off. */
void tmux_restore(TmuxWindow *window)
{
    if (window->window) {
        const char *const rename[] = {"tmux", "rename-window", "-t", window->window,
                                      "--",   window->name,    NULL};
        const char *const set[] = {
            "tmux", "set-option", "-w", "-t", window->window, "automatic-rename", window->automatic,
            NULL};
        const char *const unset[] = {"tmux",         "set-option",       "-wu", "-t",
                                     window->window, "automatic-rename", NULL};
        run_capture(rename, SECONDS, 0, NULL, NULL);
        run_capture(*window->automatic ? set : unset, SECONDS, 0, NULL, NULL);
    }
    g_clear_pointer(&window->window, g_free);
    g_clear_pointer(&window->name, g_free);
    g_clear_pointer(&window->automatic, g_free);
}
