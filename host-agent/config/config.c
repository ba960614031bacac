/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/fail.h"
#include "base/listen.h"
#include "base/paths.h"
#include "base/readfile.h"
#include "configkey.h"

#include <gio/gio.h>
#include <ini.h>
#include <string.h>

#define FILE_MAX 65536
#define LINE_MAX_INI 198 /* inih's buffer of 200 holds the newline and the NUL too */

typedef struct {
    const char *next, *end;
    int line;
    gboolean seen[CONFIGKEY_MAX];
    const char *file;
    const char *home;
    Config *config;
    char *problem; /* of the first bad line */
    int problem_line;
} Parser;

static int problem(Parser *parser, char *text)
{
    if (parser->problem)
        g_free(text);
    else
        parser->problem = text, parser->problem_line = parser->line;
    return 0;
}

/* inih's handler: 1 good, 0 bad. An indented line comes as the same key once more. */
static int take_value(void *user, const char *section, const char *name, const char *value)
{
    Parser *parser = user;
    char *wrong = configkey_set(parser->config, parser->seen, section, name, value, parser->home);

    return wrong ? problem(parser, wrong) : 1;
}

/* inih's reader, as fgets(). Ours, because inih tells the handler no line number, and would cut an
 * over-long line in two, of which the rest may read as another key. */
static char *read_line(char *buffer, int size, void *stream)
{
    Parser *parser = stream;

    if (parser->next == parser->end)
        return NULL;
    const char *newline = memchr(parser->next, '\n', (size_t)(parser->end - parser->next));
    const char *end = newline ? newline + 1 : parser->end;
    size_t length = (size_t)(end - parser->next);
    parser->line++;
    if (length > LINE_MAX_INI || length >= (size_t)size) {
        problem(parser, g_strdup_printf("the line is longer than %d bytes", LINE_MAX_INI - 1));
        return NULL;
    }
    memcpy(buffer, parser->next, length);
    buffer[length] = '\0';
    parser->next = end;
    return buffer;
}

Config *config_default(void)
{
    Config *config = g_new0(Config, 1);

    config->image = g_strdup("localhost/host-agent:latest");
    config->pull_timeout = 10;
    config->keep = 3;
    config->port = LISTEN_FIRST_PORT;
    config->notify = (ConfigNotify){.rate = 5, .quiet_from = -1, .quiet_to = -1, .sound = TRUE};
    for (int i = 0; i < EVENT_SHOWN; i++)
        config->notify.urgency[i] = event_look(i)->urgency;
    return config;
}

/* The first bad line is told, whether inih found it or we did. */
static gboolean parse_all(Parser *parser, GError **error)
{
    int bad_line = ini_parse_stream(read_line, parser, take_value, parser);
    g_autofree char *text = parser->problem;

    if (bad_line > 0 && (!text || bad_line < parser->problem_line))
        return fail(error, "%s:%d: neither [section] nor key = value", parser->file, bad_line);
    if (text)
        return fail(error, "%s:%d: %s", parser->file, parser->problem_line, text);
    return parser->config->image || fail(error, "%s: [image] name must not be empty", parser->file);
}

Config *config_parse(const char *text, gsize length, const char *file, const char *home,
                     GError **error)
{
    if (!g_utf8_validate_len(text, length, NULL)) {
        fail(error, "%s: not a text in UTF-8", file);
        return NULL;
    }
    Config *config = config_default();
    Parser parser = {
        .next = text, .end = text + length, .file = file, .home = home, .config = config};
    if (parse_all(&parser, error))
        return config;
    config_free(config);
    return NULL;
}

Config *config_load(GError **error)
{
    g_autofree char *file = paths_config_file();
    g_autofree char *text = NULL;
    g_autoptr(GError) local = NULL;
    gsize length = 0;

    if (!readfile_own(file, FILE_MAX, &text, &length, &local)) {
        if (g_error_matches(local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
            return config_default();
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    return config_parse(text, length, file, g_get_home_dir(), error);
}

const char *config_network(const Config *config)
{
    return configkey_networks[config->network];
}

const char *config_terminal(const Config *config)
{
    return config->notify.terminal ? configkey_terminals[config->notify.terminal] : NULL;
}

void config_free(Config *config)
{
    if (!config)
        return;
    g_free(config->authorized_keys);
    g_free(config->accept_env);
    g_free(config->image);
    g_free(config->registry);
    g_free(config->base);
    g_free(config->containerfile);
    g_strfreev(config->build_args);
    g_free(config->notify.raise);
    g_free(config->notify.icon);
    g_free(config);
}
