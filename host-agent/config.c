/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "fail.h"
#include "listen.h"
#include "paths.h"
#include "readfile.h"

#include <gio/gio.h>
#include <ini.h>
#include <string.h>

#define FILE_MAX 65536
#define LINE_MAX_INI 198 /* inih's buffer of 200 holds the newline and the NUL too */

typedef struct Key Key;
typedef char *Check(const Key *key, Config *config, const char *value, const char *home);

struct Key {
    const char *section;
    const char *name;
    Check *set; /* returns NULL, or what the value should have been (a new string) */
    size_t offset;
    const char *const *choices; /* set_choice */
    int min, max;               /* set_number */
};

typedef struct {
    const char *next, *end;
    int line;
    gboolean seen[32]; /* by row of the table */
    const char *file;
    const char *home;
    Config *config;
    char *problem; /* of the first bad line */
    int problem_line;
} Parser;

#define FIELD(config, key, type) ((type *)((char *)(config) + (key)->offset))

static char *set_number(const Key *key, Config *config, const char *value, const char *home)
{
    gint64 number;

    (void)home;
    if (!g_ascii_string_to_signed(value, 10, key->min, key->max, &number, NULL))
        return g_strdup_printf("a whole number from %d to %d", key->min, key->max);
    *FIELD(config, key, int) = (int)number;
    return NULL;
}

static char *set_choice(const Key *key, Config *config, const char *value, const char *home)
{
    (void)home;
    for (int i = 0; key->choices[i]; i++) {
        if (strcmp(key->choices[i], value) == 0) {
            *FIELD(config, key, int) = i;
            return NULL;
        }
    }
    g_autofree char *words = g_strjoinv(", ", (char **)key->choices);
    return g_strdup_printf("one of %s", words);
}

static char *set_string(const Key *key, Config *config, char *value)
{
    char **field = FIELD(config, key, char *);

    g_free(*field);
    *field = value;
    return NULL;
}

static char *set_path(const Key *key, Config *config, const char *value, const char *home)
{
    if (*value == '\0')
        return set_string(key, config, NULL);
    if (g_str_has_prefix(value, "~/"))
        return set_string(key, config, g_build_filename(home, value + 2, NULL));
    if (!g_path_is_absolute(value))
        return g_strdup("an absolute path, or one that starts with ~/");
    return set_string(key, config, g_strdup(value));
}

/* Goes to podman's command line: must not look like an option. */
static char *set_image(const Key *key, Config *config, const char *value, const char *home)
{
    (void)home;
    if (*value == '\0')
        return set_string(key, config, NULL);
    if (!g_ascii_isalnum(*value) ||
        value[strspn(value, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._/:@-")])
        return g_strdup("an image name such as registry.example.org/host-agent:latest");
    return set_string(key, config, g_strdup(value));
}

/* sshd-entry takes the names separated by commas; a * stands for any rest. */
static char *set_env(const Key *key, Config *config, const char *value, const char *home)
{
    (void)home;
    if (value[strspn(value, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_*?, ")])
        return g_strdup("names of variables separated by commas, such as LANG,LC_*");
    return set_string(key, config, *value ? g_strdup(value) : NULL);
}

static char *add_build_arg(const Key *key, Config *config, const char *value, const char *home)
{
    char ***field = FIELD(config, key, char **);
    size_t name = strspn(value, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_");

    (void)home;
    if (name == 0 || value[name] != '=')
        return g_strdup("NAME=VALUE, one a line, further lines indented");
    guint count = *field ? g_strv_length(*field) : 0;
    *field = g_renew(char *, *field, count + 2);
    (*field)[count] = g_strdup(value);
    (*field)[count + 1] = NULL;
    return NULL;
}

static const char *const network_choices[] = {"open", "none", NULL};
static const char *const home_choices[] = {"project", "shared", "ephemeral", NULL};
static const char *const include_choices[] = {"ask", "yes", "no", NULL};

#define AT(member) offsetof(Config, member)
static const Key keys[] = {
    {"sandbox", "port", set_number, AT(port), NULL, 1024, 65535},
    {"sandbox", "network", set_choice, AT(network), network_choices, 0, 0},
    {"sandbox", "home", set_choice, AT(home), home_choices, 0, 0},
    {"sandbox", "authorized_keys", set_path, AT(authorized_keys), NULL, 0, 0},
    {"sandbox", "accept_env", set_env, AT(accept_env), NULL, 0, 0},
    {"image", "name", set_image, AT(image), NULL, 0, 0},
    {"image", "registry", set_image, AT(registry), NULL, 0, 0},
    {"image", "pull_timeout", set_number, AT(pull_timeout), NULL, 1, 3600},
    {"image", "base", set_image, AT(base), NULL, 0, 0},
    {"image", "containerfile", set_path, AT(containerfile), NULL, 0, 0},
    {"image", "build_args", add_build_arg, AT(build_args), NULL, 0, 0},
    {"ssh", "include", set_choice, AT(include), include_choices, 0, 0},
};
G_STATIC_ASSERT(G_N_ELEMENTS(keys) <= G_N_ELEMENTS(((Parser *)NULL)->seen));

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
    gboolean known_section = FALSE;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const Key *key = &keys[i];
        if (strcmp(key->section, section) != 0)
            continue;
        known_section = TRUE;
        if (strcmp(key->name, name) != 0)
            continue;
        if (parser->seen[i] && key->set != add_build_arg)
            return problem(parser, g_strdup_printf("%s is given twice: keep one", name));
        parser->seen[i] = TRUE;
        g_autofree char *wanted = key->set(key, parser->config, value, parser->home);
        return wanted ? problem(parser, g_strdup_printf("%s = %s is not %s", name, value, wanted))
                      : 1;
    }
    if (known_section)
        return problem(parser, g_strdup_printf("unknown key %s in [%s]: host-agent.ini(5) lists "
                                               "the keys",
                                               name, section));
    return problem(parser, g_strdup_printf("unknown section [%s]: host-agent.ini(5) lists the "
                                           "sections",
                                           section));
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
    config->port = LISTEN_FIRST_PORT;
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
    return network_choices[config->network];
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
    g_free(config);
}
