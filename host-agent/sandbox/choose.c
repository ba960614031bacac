/* SPDX-License-Identifier: ISC */
#include "choose.h"

#include "base/fail.h"

#include <stdlib.h>

static Sandbox *around_here(GPtrArray *list)
{
    char *here = realpath(".", NULL);
    Sandbox *sandbox = here ? sandbox_around(list, here) : NULL;

    free(here);
    return sandbox;
}

Sandbox *choose_named(GPtrArray *list, const char *name, GError **error)
{
    Sandbox *sandbox = sandbox_named(list, name);

    if (!sandbox)
        fail(error, "no sandbox is named %s: `host-agent ls` lists them", name);
    return sandbox;
}

Sandbox *choose_here(GPtrArray *list, GError **error)
{
    Sandbox *sandbox = around_here(list);

    if (!sandbox)
        fail(error, "the current directory has no sandbox: name one of those that `host-agent ls` "
                    "lists");
    return sandbox;
}

static Sandbox *only_one(GPtrArray *list, GError **error)
{
    if (list->len == 1)
        return list->pdata[0];
    if (list->len == 0)
        fail(error, "no sandbox is up: `host-agent up` starts one");
    else
        fail(error,
             "the current directory has no sandbox, and %u others are up: name one of those "
             "that `host-agent ls` lists",
             list->len);
    return NULL;
}

Sandbox *choose_running(GPtrArray *list, const char *name, GError **error)
{
    Sandbox *sandbox = name ? choose_named(list, name, error) : around_here(list);

    if (!sandbox && !name)
        sandbox = only_one(list, error);
    if (!sandbox || sandbox->running)
        return sandbox;
    fail(error, "the sandbox %s is %s: `host-agent up %s` starts it anew", sandbox->name,
         sandbox->state, sandbox->project);
    return NULL;
}
