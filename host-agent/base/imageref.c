/* SPDX-License-Identifier: ISC */
#include "imageref.h"

#include <string.h>

/* A colon before the last slash is a port's. */
static size_t repository_length(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *rest = slash ? slash : name;

    return (size_t)(rest - name) + strcspn(rest, ":@");
}

gboolean imageref_has_host(const char *name)
{
    size_t length = strcspn(name, "/");

    return name[length] == '/' &&
           (strcspn(name, ".:") < length || g_str_has_prefix(name, "localhost/"));
}

char *imageref_full(const char *name)
{
    const char *host = imageref_has_host(name) ? "" : "localhost/";
    const char *tag = name[repository_length(name)] ? "" : ":latest";

    return g_strconcat(host, name, tag, NULL);
}

char *imageref_repository(const char *name)
{
    return g_strndup(name, repository_length(name));
}

char *imageref_with_tag(const char *name, const char *tag)
{
    g_autofree char *repository = imageref_repository(name);

    return g_strconcat(repository, ":", tag, NULL);
}

const char *imageref_tag(const char *name)
{
    const char *end = name + repository_length(name);

    return *end == ':' ? end + 1 : "";
}

char *imageref_host(const char *name)
{
    return g_strndup(name, strcspn(name, "/"));
}

char *imageref_date(gint64 seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

    return time ? g_date_time_format(time, "%Y%m%d-%H%M%S") : g_strdup("19700101-000000");
}

gboolean imageref_is_date(const char *tag)
{
    for (int i = 0; i < 15; i++) {
        if (i == 8 ? tag[i] != '-' : !g_ascii_isdigit(tag[i]))
            return FALSE;
    }
    return tag[15] == '\0';
}

gboolean imageref_is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, G_CSET_DIGITS "abcdef") == 64;
}
