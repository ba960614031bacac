/* SPDX-License-Identifier: ISC */
#include "keys.h"

#include "base/fail.h"
#include "base/host.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "base/run.h"
#include "base/writefile.h"
#include "pubkeys.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define CONFIGURED_MAX ((gsize)1024 * 1024)
#define PUB_MAX 16384
#define AGENT_MAX 65536
enum { AGENT_SECONDS = 5 }; /* one that asks its user first is not waited for */

static char *own_key(void)
{
    g_autofree char *dir = paths_state_dir();

    return g_build_filename(dir, "id_ed25519", NULL);
}

char *keys_identity(const Config *config)
{
    g_autofree char *key = own_key();

    if (config->authorized_keys || !g_file_test(key, G_FILE_TEST_EXISTS))
        return NULL;
    return g_steal_pointer(&key);
}

static void add_agent(GPtrArray *keys)
{
    const char *const argv[] = {"ssh-add", "-L", NULL};
    g_autofree char *text = NULL;

    if (g_getenv("SSH_AUTH_SOCK") && run_capture(argv, AGENT_SECONDS, AGENT_MAX, &text, NULL))
        pubkeys_add(keys, text, strlen(text));
}

static void add_pub_files(GPtrArray *keys)
{
    g_autofree char *home = host_home();
    g_autofree char *ssh = g_build_filename(home, ".ssh", NULL);
    g_autoptr(GDir) dir = g_dir_open(ssh, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(ssh, name, NULL);
        g_autofree char *text = NULL;
        gsize length;
        if (g_str_has_suffix(name, ".pub") && readfile(path, PUB_MAX, &text, &length, NULL))
            pubkeys_add(keys, text, length);
    }
}

/* Under another name first, so that what an interrupted ssh-keygen leaves is never taken for a
 * key. */
static gboolean make_own(const char *key, GError **error)
{
    g_autofree char *fresh = g_strconcat(key, ".new", NULL);
    g_autofree char *fresh_pub = g_strconcat(fresh, ".pub", NULL);
    const char *const argv[] = {"ssh-keygen", "-q",         "-t", "ed25519", "-N", "",
                                "-C",         "host-agent", "-f", fresh,     NULL};

    g_unlink(fresh);
    g_unlink(fresh_pub);
    if (!run_capture(argv, RUN_PROMPT, 0, NULL, error))
        return FALSE;
    g_unlink(fresh_pub);
    if (g_rename(fresh, key) < 0) {
        g_unlink(fresh);
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot make the key %s", key);
        return FALSE;
    }
    fprintf(stderr,
            "host-agent: no public key in your ssh-agent or ~/.ssh: made a key pair of its own, "
            "%s\n",
            key);
    return TRUE;
}

static gboolean add_own(GPtrArray *keys, GError **error)
{
    g_autofree char *key = own_key();
    g_autofree char *text = NULL;
    const char *const argv[] = {"ssh-keygen", "-y", "-f", key, NULL};

    if (!g_file_test(key, G_FILE_TEST_EXISTS)) {
        if (keys->len > 0)
            return TRUE;
        if (!make_own(key, error))
            return FALSE;
    }
    if (!run_capture(argv, RUN_PROMPT, PUB_MAX, &text, error))
        return FALSE;
    pubkeys_add(keys, text, strlen(text));
    return TRUE;
}

static char *offered(GError **error)
{
    g_autoptr(GPtrArray) keys = pubkeys_new();

    add_agent(keys);
    add_pub_files(keys);
    if (!add_own(keys, error))
        return NULL;
    GString *text = g_string_new("# Made anew by each `host-agent up`.\n");
    for (guint i = 0; i < keys->len; i++)
        g_string_append_printf(text, "%s\n", (const char *)keys->pdata[i]);
    return g_string_free(text, FALSE);
}

static char *configured(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!readfile(path, CONFIGURED_MAX, &text, &length, error)) {
        g_prefix_error(error, "[sandbox] authorized_keys: ");
        return NULL;
    }
    if (!pubkeys_any(text, length)) {
        fail(error,
             "[sandbox] authorized_keys: %s has no key, so nobody could log in: add one, or take "
             "the setting out",
             path);
        return NULL;
    }
    return g_steal_pointer(&text);
}

gboolean keys_write(const Config *config, const char *sandbox, GError **error)
{
    g_autofree char *dir = paths_state(sandbox, "etc");
    g_autofree char *path = g_build_filename(dir, "authorized_keys", NULL);

    if (!paths_make_private(dir, error))
        return FALSE;
    g_autofree char *text =
        config->authorized_keys ? configured(config->authorized_keys, error) : offered(error);
    return text && writefile(path, text, 0600, error);
}
