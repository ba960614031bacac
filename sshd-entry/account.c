/* SPDX-License-Identifier: ISC */
#include "account.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static const char *or_else(const char *text, const char *fallback)
{
    return text && *text ? text : fallback;
}

struct account account_of_process(void)
{
    const struct passwd *entry = getpwuid(geteuid());

    return (struct account){
        .name = or_else(entry ? entry->pw_name : NULL, "agent"),
        .home = or_else(entry ? entry->pw_dir : getenv("HOME"), "/"),
        .shell = or_else(entry ? entry->pw_shell : getenv("SHELL"), "/bin/sh"),
    };
}
