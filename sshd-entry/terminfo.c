/* SPDX-License-Identifier: ISC */
#include "terminfo.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool terminfo_name_is_valid(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789+-._";
    size_t length = strlen(name);

    return length && length <= 64 && strspn(name, allowed) == length && name[0] != '.' &&
           name[0] != '-';
}

/* Entries stand under the first letter; on file systems that do not tell A from a, under its
 * number in hexadecimal. */
static bool directory_has(const char *directory, const char *suffix, const char *name)
{
    char letter[PATH_MAX];
    char number[PATH_MAX];
    int l = snprintf(letter, sizeof(letter), "%s%s/%c/%s", directory, suffix, name[0], name);
    int n = snprintf(number, sizeof(number), "%s%s/%02x/%s", directory, suffix,
                     (unsigned char)name[0], name);

    return (l > 0 && (size_t)l < sizeof(letter) && access(letter, R_OK) == 0) ||
           (n > 0 && (size_t)n < sizeof(number) && access(number, R_OK) == 0);
}

bool terminfo_has(const char *name, const char *home)
{
    static const char *const directories[] = {"/etc/terminfo", "/lib/terminfo",
                                              "/usr/share/terminfo", "/usr/local/share/terminfo"};

    if (!terminfo_name_is_valid(name))
        return false;
    if (home && directory_has(home, "/.terminfo", name))
        return true;
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (directory_has(directories[i], "", name))
            return true;
    return false;
}
