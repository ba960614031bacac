/* SPDX-License-Identifier: ISC */
#include "name.h"

#include <string.h>

#define ALNUM G_CSET_a_2_z G_CSET_DIGITS

/* Files of ours that stand beside the sandboxes' directories. */
static const char *const reserved[] = {
    "lock",       "notify.lock",    "notify.log",     "known_hosts",        "ssh_config",
    "id_ed25519", "id_ed25519.pub", "id_ed25519.new", "id_ed25519.new.pub", "no-include",
    NULL};

gboolean name_valid(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= NAME_MAX_LENGTH && strchr(ALNUM, name[0]) &&
           strspn(name, ALNUM "_.-") == length && !strstr(name, "..") &&
           !g_strv_contains(reserved, name);
}

/* Characters that a name cannot hold become one dash, none at either end. */
char *name_from_path(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    GString *name = g_string_new(NULL);

    for (const char *p = base; *p && name->len < NAME_MAX_LENGTH; p++) {
        char c = g_ascii_tolower(*p);
        if (strchr(ALNUM, c))
            g_string_append_c(name, c);
        else if (name->len > 0 && g_ascii_isalnum(name->str[name->len - 1]))
            g_string_append_c(name, strchr("_.", c) ? c : '-');
    }
    while (name->len > 0 && !g_ascii_isalnum(name->str[name->len - 1]))
        g_string_truncate(name, name->len - 1);
    if (name->len == 0)
        g_string_assign(name, "sandbox");
    if (g_strv_contains(reserved, name->str))
        g_string_append(name, "-box");
    return g_string_free(name, FALSE);
}

char *name_numbered(const char *base, unsigned number)
{
    g_autofree char *suffix = number < 2 ? g_strdup("") : g_strdup_printf("-%u", number);
    int keep = NAME_MAX_LENGTH - (int)strlen(suffix);

    return g_strdup_printf("%.*s%s", keep, base, suffix);
}
