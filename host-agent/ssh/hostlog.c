/* SPDX-License-Identifier: ISC */
#include "hostlog.h"

#include "base/printable.h"
#include "pubkeys.h"

#include <string.h>

#define KEY_TYPE "ssh-ed25519"
#define ANNOUNCEMENT "sshd-entry: host key "
#define ED25519_BASE64 68 /* of 4 + 11 + 4 + 32 bytes: no padding */

/* The text of one whole line on standard error, in place; NULL for anything else. */
static char *stderr_text(char *line)
{
    char *stream = strchr(line, ' ');

    if (!stream || !g_str_has_prefix(stream, " stderr F "))
        return NULL;
    return stream + strlen(" stderr F ");
}

gboolean hostlog_key_valid(const char *key)
{
    const char *blob = key + strlen(KEY_TYPE " ");

    return g_str_has_prefix(key, KEY_TYPE " ") && strlen(blob) == ED25519_BASE64 &&
           pubkeys_blob_valid(KEY_TYPE, blob, ED25519_BASE64);
}

char *hostlog_key(const char *log)
{
    g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
    guint count = g_strv_length(lines);

    /* What follows the last newline is still being written. */
    for (guint i = 0; i + 1 < count; i++) {
        const char *text = stderr_text(lines[i]);
        if (!text || !g_str_has_prefix(text, ANNOUNCEMENT))
            continue;
        const char *key = text + strlen(ANNOUNCEMENT);
        return hostlog_key_valid(key) ? g_strdup(key) : NULL;
    }
    return NULL;
}

char *hostlog_last(const char *log, unsigned lines)
{
    g_auto(GStrv) all = g_strsplit(log, "\n", -1);
    g_autoptr(GPtrArray) last = g_ptr_array_new_with_free_func(g_free);

    for (guint i = g_strv_length(all); i-- > 0 && last->len < lines;) {
        const char *text = stderr_text(all[i]);
        if (text && *text)
            g_ptr_array_insert(last, 0, printable(text));
    }
    g_ptr_array_add(last, NULL);
    return g_strjoinv("; ", (char **)last->pdata);
}
