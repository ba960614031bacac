/* SPDX-License-Identifier: ISC */
#include "remote.h"

#include "base/imageref.h"
#include "base/jsontext.h"
#include "base/run.h"

#include <string.h>

enum { NESTING_MAX = 2048 }; /* brackets: json-glib goes one call deeper for each */
enum { WORDS_MAX = 400 };    /* bytes of an error */

/* How Podman 4.3 ends where the manifest is that of an OCI image and of no list: it quotes the
 * whole of it before. Others print it. */
#define QUOTE "parsing manifest blob \""
#define QUOTE_END "\" as a \""
#define SINGLE "single image"

#define SHA256 "sha256:"

void remote_free(Remote *remote)
{
    if (!remote)
        return;
    g_free(remote->id);
    g_ptr_array_unref(remote->digests);
    g_free(remote);
}

static char *unquoted(const char *text)
{
    const char *quote = strstr(text, QUOTE);
    const char *end = quote ? g_strrstr(quote, QUOTE_END) : NULL;

    if (!end)
        return g_strdup(text);
    quote += strlen(QUOTE);
    g_autofree char *inside = end > quote ? g_strndup(quote, (gsize)(end - quote)) : g_strdup("");
    return g_strcompress(inside);
}

static gboolean is_flat(const char *text)
{
    int brackets = 0;

    for (; *text; text++)
        brackets += *text == '{' || *text == '[';
    return brackets <= NESTING_MAX;
}

static gboolean is_digest(const char *text)
{
    return g_str_has_prefix(text, SHA256) && imageref_is_sha256(text + strlen(SHA256));
}

static void take_config(Remote *remote, JsonObject *manifest)
{
    JsonObject *image = jsontext_object(manifest, "config");
    const char *digest = image ? jsontext_string(image, "digest") : "";

    if (is_digest(digest))
        remote->id = g_strdup(digest + strlen(SHA256));
}

static void take_list(Remote *remote, JsonObject *manifest)
{
    JsonArray *array = jsontext_array(manifest, "manifests");

    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);
        const char *digest = JSON_NODE_HOLDS_OBJECT(element)
                                 ? jsontext_string(json_node_get_object(element), "digest")
                                 : "";
        if (is_digest(digest))
            g_ptr_array_add(remote->digests, g_strdup(digest));
    }
}

static gint64 created_of(JsonObject *manifest, gint64 now)
{
    JsonObject *annotations = jsontext_object(manifest, "annotations");

    return annotations ? imageinfo_seconds(jsontext_string(annotations, IMAGEINFO_CREATED), now)
                       : 0;
}

Remote *remote_parse(const char *text, gint64 now)
{
    g_autofree char *json = unquoted(text);
    g_autoptr(JsonObject) manifest = is_flat(json) ? jsontext_parse(json, -1) : NULL;
    Remote *remote = g_new0(Remote, 1);

    remote->digests = g_ptr_array_new_with_free_func(g_free);
    if (manifest) {
        take_config(remote, manifest);
        take_list(remote, manifest);
        remote->created = created_of(manifest, now);
    }
    return remote;
}

gboolean remote_is(const Remote *remote, const ImageInfo *info)
{
    if (remote->id && strcmp(remote->id, info->id) == 0)
        return TRUE;
    for (guint i = 0; i < remote->digests->len; i++) {
        if (g_ptr_array_find_with_equal_func(info->digests, remote->digests->pdata[i], g_str_equal,
                                             NULL))
            return TRUE;
    }
    return FALSE;
}

char *remote_advice(const char *message, const char *host)
{
    static const struct {
        const char *sign, *advice; /* the latter with the host's name in it */
    } rows[] = {
        {"unauthorized", "`podman login %s` first"},
        {"authentication required", "`podman login %s` first"},
        {"denied", "`podman login %s` as somebody who may"},
        {"x509:", "its CA belongs into ~/.config/containers/certs.d/%s/"},
        {"HTTP response to HTTPS client",
         "a registry without TLS is `insecure` in registries.conf"},
        {"no space left", "make room: `host-agent image prune`"},
        {"manifest unknown", "`host-agent image push` puts one there"},
        {"connection refused", "is it up? [image] registry names it"},
        {"no such host", "[image] registry names it"},
        {"no answer within", "[image] pull_timeout sets the time"},
        {"unexpected EOF", "the next up tries again"},
        {"connection reset", "the next up tries again"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!strstr(message, rows[i].sign))
            continue;
        const char *place = strstr(rows[i].advice, "%s");
        if (!place)
            return g_strdup(rows[i].advice);
        g_autofree char *before = g_strndup(rows[i].advice, (gsize)(place - rows[i].advice));
        return g_strconcat(before, host, place + 2, NULL);
    }
    return NULL;
}

void remote_advise(GError **error, const char *name)
{
    if (!error || !*error)
        return;
    g_autofree char *host = imageref_host(name);
    g_autofree char *message = g_steal_pointer(&(*error)->message);
    g_autofree char *advice = remote_advice(message, host);
    size_t length = strlen(message);
    if (length > WORDS_MAX)
        length = (size_t)(g_utf8_find_prev_char(message, message + WORDS_MAX) - message);
    (*error)->message =
        g_strdup_printf("%.*s%s%s%s", (int)length, message, message[length] ? "..." : "",
                        advice ? ": " : "", advice ? advice : "");
}

Remote *remote_ask(const char *name, unsigned seconds, GError **error)
{
    const char *const argv[] = {"podman", "manifest", "inspect", name, NULL};
    g_autofree char *manifest = NULL;
    g_autoptr(GError) failed = NULL;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    if (run_capture(argv, seconds, REMOTE_MANIFEST_MAX, &manifest, &failed))
        return remote_parse(manifest, now);
    if (strstr(failed->message, SINGLE))
        return remote_parse(failed->message, now);
    g_propagate_error(error, g_steal_pointer(&failed));
    remote_advise(error, name);
    return NULL;
}
