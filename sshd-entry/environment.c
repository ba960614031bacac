/* SPDX-License-Identifier: ISC */
#include "environment.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool name_is_valid(const char *name, size_t length)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char later[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

    return length && strspn(name, first) && strspn(name, later) >= length;
}

static char **find(const struct environment *env, const char *name, size_t length)
{
    for (size_t i = 0; i < env->count; i++) {
        char *const *entry = &env->entries[i];
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return (char **)entry;
    }
    return NULL;
}

static int grow(struct environment *env)
{
    if (env->count + 1 < env->capacity)
        return 0;
    size_t capacity = env->capacity ? 2 * env->capacity : 32;
    char **entries = realloc(env->entries, capacity * sizeof(*entries));
    if (!entries)
        return -1;
    env->entries = entries;
    env->capacity = capacity;
    return 0;
}

int environment_put(struct environment *env, const char *entry)
{
    const char *equals = strchr(entry, '=');
    size_t length = equals ? (size_t)(equals - entry) : 0;
    if (!name_is_valid(entry, length))
        return -1;

    char **old = find(env, entry, length);
    if (!old && grow(env) < 0)
        return -1;

    char *copy = strdup(entry);
    if (!copy)
        return -1;
    if (old) {
        free(*old);
        *old = copy;
    } else {
        env->entries[env->count++] = copy;
        env->entries[env->count] = NULL;
    }
    return 0;
}

int environment_set(struct environment *env, const char *name, const char *value)
{
    char *entry = NULL;

    if (asprintf(&entry, "%s=%s", name, value) < 0)
        return -1;
    /* A name with '=' in it would set another variable than it says. */
    int rc = strchr(name, '=') ? -1 : environment_put(env, entry);
    free(entry);
    return rc;
}

const char *environment_get(const struct environment *env, const char *name)
{
    size_t length = strlen(name);
    char **entry = find(env, name, length);
    return entry ? *entry + length + 1 : NULL;
}

void environment_free(struct environment *env)
{
    for (size_t i = 0; i < env->count; i++)
        free(env->entries[i]);
    free(env->entries);
    *env = (struct environment){0};
}

bool environment_admits(const char *patterns, const char *name, const char *value)
{
    static const char separators[] = ", \t";

    if (!name_is_valid(name, strlen(name)) || strlen(value) > ENVIRONMENT_VALUE_MAX)
        return false;

    for (const char *p = patterns + strspn(patterns, separators); *p;) {
        char pattern[128];
        size_t length = strcspn(p, separators);
        if (length < sizeof(pattern)) {
            memcpy(pattern, p, length);
            pattern[length] = '\0';
            if (fnmatch(pattern, name, 0) == 0)
                return true;
        }
        p += length;
        p += strspn(p, separators);
    }
    return false;
}
