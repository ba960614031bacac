/* SPDX-License-Identifier: ISC */
#include "sshfiles.h"

#include "base/paths.h"
#include "base/readfile.h"
#include "base/writefile.h"
#include "hostlog.h"
#include "sandbox/sandbox.h"

#include <string.h>

#define KEY_MAX 256
#define NOTE "# Made anew by host-agent whenever a sandbox starts or ends.\n"

/* One argument of ssh_config(5), where % starts a token. */
static char *quote(const char *path)
{
    GString *text = g_string_new("\"");

    for (; *path; path++) {
        if (strchr("\"\\", *path))
            g_string_append_c(text, '\\');
        if (*path == '%')
            g_string_append_c(text, '%');
        g_string_append_c(text, *path);
    }
    g_string_append_c(text, '"');
    return g_string_free(text, FALSE);
}

static void add(GPtrArray *options, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GPtrArray *options, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(options, g_strdup_vprintf(format, args));
    va_end(args);
}

/* HostName is a number, since `localhost` may lead to ::1 first, where anybody's listener may be.
 */
char **sshfiles_options(const SshHost *host, const char *known_hosts, const char *identity)
{
    GPtrArray *options = g_ptr_array_new();
    g_autofree char *hosts_file = quote(known_hosts);

    add(options, "HostName 127.0.0.1");
    add(options, "Port %d", host->port);
    add(options, "HostKeyAlias %s.sandbox", host->name);
    add(options, "UserKnownHostsFile %s", hosts_file);
    add(options, "GlobalKnownHostsFile /dev/null");
    add(options, "StrictHostKeyChecking yes");
    add(options, "CheckHostIP no");
    add(options, "ForwardAgent yes");
    /* What the user's own `Host *` may say. */
    add(options, "ProxyJump none");
    add(options, "ProxyCommand none");
    add(options, "RemoteCommand none");
    add(options, "ControlMaster no");
    add(options, "ControlPath none");
    add(options, "SendEnv COLORTERM LANG LC_* TERM_PROGRAM TERM_PROGRAM_VERSION TZ");
    if (identity) {
        g_autofree char *file = quote(identity);
        add(options, "IdentityFile %s", file);
    }
    g_ptr_array_add(options, NULL);
    return (char **)g_ptr_array_free(options, FALSE);
}

char *sshfiles_known_hosts(const SshHost *hosts, size_t count)
{
    GString *text = g_string_new(NOTE);

    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, "%s.sandbox %s\n", hosts[i].name, hosts[i].key);
    return g_string_free(text, FALSE);
}

static void append_block(GString *text, char **options)
{
    for (; *options; options++)
        g_string_append_printf(text, "    %s\n", *options);
}

/* The second block is for a plain `ssh -p PORT localhost`: ssh_config(5) can match a port by a
 * command alone. Every shell, fish too, has this one. The user name is left to the client there,
 * since sshd-entry admits the user's own. */
char *sshfiles_config(const SshHost *hosts, size_t count, const char *known_hosts,
                      const char *identity)
{
    GString *text = g_string_new(NOTE);

    for (size_t i = 0; i < count; i++) {
        g_auto(GStrv) options = sshfiles_options(&hosts[i], known_hosts, identity);
        g_string_append_printf(text, "\nHost %s.sandbox\n    User agent\n", hosts[i].name);
        append_block(text, options);
        g_string_append_printf(text,
                               "\nMatch originalhost localhost,127.0.0.1 exec \"test %%p = %d\"\n",
                               hosts[i].port);
        append_block(text, options);
    }
    return g_string_free(text, FALSE);
}

static char *state_file(const char *leaf)
{
    g_autofree char *dir = paths_state_dir();

    return g_build_filename(dir, leaf, NULL);
}

char *sshfiles_known_hosts_path(void)
{
    return state_file("known_hosts");
}

char *sshfiles_config_path(void)
{
    return state_file("ssh_config");
}

char *sshfiles_key(const char *name)
{
    g_autofree char *path = paths_state(name, "host_key");
    g_autofree char *text = NULL;

    if (!readfile(path, KEY_MAX, &text, NULL, NULL))
        return NULL;
    g_strchomp(text);
    return hostlog_key_valid(text) ? g_steal_pointer(&text) : NULL;
}

gboolean sshfiles_remember(const char *name, const char *key, GError **error)
{
    g_autofree char *path = paths_state(name, "host_key");

    return writefile(path, key, 0600, error);
}

gboolean sshfiles_refresh(GPtrArray *sandboxes, const char *identity, GError **error)
{
    g_autoptr(GArray) hosts = g_array_new(FALSE, FALSE, sizeof(SshHost));
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *dir = paths_state_dir();
    g_autofree char *known_hosts = sshfiles_known_hosts_path();
    g_autofree char *config = sshfiles_config_path();

    for (guint i = 0; i < sandboxes->len; i++) {
        const Sandbox *sandbox = sandboxes->pdata[i];
        char *key = sandbox->running ? sshfiles_key(sandbox->name) : NULL;
        if (!key)
            continue;
        g_ptr_array_add(keys, key);
        const SshHost host = {sandbox->name, sandbox->port, key};
        g_array_append_val(hosts, host);
    }
    const SshHost *all = (const SshHost *)(void *)hosts->data;
    g_autofree char *known_hosts_text = sshfiles_known_hosts(all, hosts->len);
    g_autofree char *config_text = sshfiles_config(all, hosts->len, known_hosts, identity);
    return paths_make_private(dir, error) &&
           writefile(known_hosts, known_hosts_text, 0600, error) &&
           writefile(config, config_text, 0600, error);
}
