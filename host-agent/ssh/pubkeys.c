/* SPDX-License-Identifier: ISC */
#include "pubkeys.h"

#include <string.h>

#define BASE64_MAX 8192 /* an RSA key of 16384 bits is 2764 characters long */
#define KEYS_MAX 256

static const char *const types[] = {
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};

static gboolean is_base64(const char *text, gsize length)
{
    gsize padding = 0;

    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    if (length == 0 || length > BASE64_MAX || length % 4 != 0)
        return FALSE;
    for (gsize i = 0; i < length - padding; i++) {
        if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/')
            return FALSE;
    }
    return TRUE;
}

gboolean pubkeys_blob_valid(const char *type, const char *blob, gsize length)
{
    gsize type_length = strlen(type), size;

    if (!is_base64(blob, length))
        return FALSE;
    g_autofree char *text = g_strndup(blob, length);
    g_autofree guchar *raw = g_base64_decode(text, &size);
    /* A string in SSH: four bytes of length, big endian, then the bytes. */
    return size > 4 + type_length && raw[0] == 0 && raw[1] == 0 && raw[2] == 0 &&
           raw[3] == type_length && memcmp(raw + 4, type, type_length) == 0;
}

static const char *known_type(const char *text, gsize length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strlen(types[i]) == length && memcmp(types[i], text, length) == 0)
            return types[i];
    }
    return NULL;
}

static gsize span(const char *text, gsize length, gboolean blanks)
{
    gsize i = 0;

    while (i < length && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r') == blanks)
        i++;
    return i;
}

static void add_line(GPtrArray *keys, const char *line, gsize length)
{
    gsize skip = span(line, length, TRUE);
    line += skip, length -= skip;
    gsize word = span(line, length, FALSE);
    const char *type = known_type(line, word);
    if (!type)
        return;
    line += word, length -= word;
    skip = span(line, length, TRUE);
    line += skip, length -= skip;
    word = span(line, length, FALSE);
    if (!pubkeys_blob_valid(type, line, word) || keys->len >= KEYS_MAX)
        return;

    g_autofree char *key = g_strdup_printf("%s %.*s", type, (int)word, line);
    if (!g_ptr_array_find_with_equal_func(keys, key, g_str_equal, NULL))
        g_ptr_array_add(keys, g_steal_pointer(&key));
}

void pubkeys_add(GPtrArray *keys, const char *text, gsize length)
{
    const char *end = text + length;

    while (text < end) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        const char *stop = newline ? newline : end;
        add_line(keys, text, (gsize)(stop - text));
        text = newline ? newline + 1 : end;
    }
}

GPtrArray *pubkeys_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static gboolean line_has_key(GPtrArray *keys, const char *line, gsize length)
{
    gsize at = span(line, length, TRUE);

    if (at < length && line[at] == '#')
        return FALSE;
    while (at < length && keys->len == 0) {
        add_line(keys, line + at, length - at);
        at += span(line + at, length - at, FALSE);
        at += span(line + at, length - at, TRUE);
    }
    return keys->len > 0;
}

gboolean pubkeys_any(const char *text, gsize length)
{
    g_autoptr(GPtrArray) keys = pubkeys_new();
    const char *end = text + length;

    while (text < end) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        const char *stop = newline ? newline : end;
        if (line_has_key(keys, text, (gsize)(stop - text)))
            return TRUE;
        text = newline ? newline + 1 : end;
    }
    return FALSE;
}
