/* SPDX-License-Identifier: ISC */
#include "configkey.h"

#include "base/imageref.h"

#include <string.h>

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
static gboolean is_image(const char *value)
{
    return g_ascii_isalnum(*value) &&
           !value[strspn(value, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._/:@-")];
}

/* Podman may look for a base by its short name. */
static char *set_base(const Key *key, Config *config, const char *value, const char *home)
{
    (void)home;
    if (*value && !is_image(value))
        return g_strdup("an image name such as docker.io/library/debian:13");
    return set_string(key, config, *value ? g_strdup(value) : NULL);
}

static char *set_image(const Key *key, Config *config, const char *value, const char *home)
{
    (void)home;
    if (*value && !is_image(value))
        return g_strdup("an image name such as localhost/host-agent:latest");
    return set_string(key, config, *value ? imageref_full(value) : NULL);
}

static char *set_registry(const Key *key, Config *config, const char *value, const char *home)
{
    (void)home;
    if (*value && (!is_image(value) || !imageref_has_host(value)))
        return g_strdup("an image name that begins with the registry's host, such as "
                        "registry.example.org/host-agent:latest");
    return set_string(key, config, *value ? imageref_full(value) : NULL);
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

/* Words, quoted as for a shell; none runs it. */
static char *set_command(const Key *key, Config *config, const char *value, const char *home)
{
    g_auto(GStrv) words = NULL;

    (void)home;
    if (*value && !g_shell_parse_argv(value, NULL, &words, NULL))
        return g_strdup("a command, whose quotes match");
    return set_string(key, config, *value ? g_strdup(value) : NULL);
}

static char *set_icon(const Key *key, Config *config, const char *value, const char *home)
{
    if (*value == '\0' || *value == '/' || *value == '~')
        return set_path(key, config, value, home);
    if (!g_ascii_isalnum(*value) ||
        value[strspn(value, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-")])
        return g_strdup("the name of an icon such as dialog-information, or an absolute path");
    return set_string(key, config, g_strdup(value));
}

static char *set_urgency(const Key *key, Config *config, const char *value, const char *home)
{
    char *wanted = set_choice(key, config, value, home);

    if (!wanted)
        *FIELD(config, key, int) += EVENT_OFF; /* the first choice */
    return wanted;
}

/* HH:MM as minutes of the day; -1 when it is none. */
static int minutes_of(const char *text)
{
    int minutes = 0;

    for (int i = 0; i < 5; i++) {
        if (i == 2 ? text[i] != ':' : !g_ascii_isdigit(text[i]))
            return -1;
    }
    minutes = (text[0] - '0') * 600 + (text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
    return text[3] < '6' && minutes < 24 * 60 ? minutes : -1;
}

static char *set_quiet(const Key *key, Config *config, const char *value, const char *home)
{
    ConfigNotify *notify = &config->notify;

    (void)key, (void)home;
    notify->quiet_from = notify->quiet_to = -1;
    if (*value == '\0')
        return NULL;
    if (strlen(value) == strlen("HH:MM-HH:MM") && value[5] == '-') {
        notify->quiet_from = minutes_of(value);
        notify->quiet_to = minutes_of(value + 6);
    }
    if (notify->quiet_from >= 0 && notify->quiet_to >= 0 && notify->quiet_from != notify->quiet_to)
        return NULL;
    return g_strdup("a time from HH:MM-HH:MM such as 22:00-07:30");
}

const char *const configkey_networks[] = {"open", "none", NULL};
static const char *const home_choices[] = {"project", "shared", "ephemeral", NULL};
static const char *const include_choices[] = {"ask", "yes", "no", NULL};
static const char *const boolean_choices[] = {"no", "yes", NULL};
static const char *const urgency_choices[] = {"off", "low", "normal", "critical", NULL};
const char *const configkey_terminals[] = {
    [0] = "no",
    [TERMINAL_OSC] = "osc",
    [TERMINAL_BELL] = "bell",
    [TERMINAL_OSC | TERMINAL_BELL] = "osc,bell",
    [(TERMINAL_OSC | TERMINAL_BELL) + 1] = NULL,
};

#define AT(member) offsetof(Config, member)
#define URGENCY(name, event)                                                          \
    {                                                                                 \
        "notify", name, set_urgency, AT(notify.urgency[event]), urgency_choices, 0, 0 \
    }
static const Key keys[] = {
    {"sandbox", "port", set_number, AT(port), NULL, 1024, 65535},
    {"sandbox", "network", set_choice, AT(network), configkey_networks, 0, 0},
    {"sandbox", "home", set_choice, AT(home), home_choices, 0, 0},
    {"sandbox", "authorized_keys", set_path, AT(authorized_keys), NULL, 0, 0},
    {"sandbox", "accept_env", set_env, AT(accept_env), NULL, 0, 0},
    {"image", "name", set_image, AT(image), NULL, 0, 0},
    {"image", "registry", set_registry, AT(registry), NULL, 0, 0},
    {"image", "pull_timeout", set_number, AT(pull_timeout), NULL, 1, 3600},
    {"image", "keep", set_number, AT(keep), NULL, 1, 1000},
    {"image", "base", set_base, AT(base), NULL, 0, 0},
    {"image", "containerfile", set_path, AT(containerfile), NULL, 0, 0},
    {"image", "build_args", add_build_arg, AT(build_args), NULL, 0, 0},
    {"ssh", "include", set_choice, AT(include), include_choices, 0, 0},
    {"notify", "rate", set_number, AT(notify.rate), NULL, 1, 1000},
    {"notify", "quiet", set_quiet, 0, NULL, 0, 0},
    {"notify", "min_duration", set_number, AT(notify.min_duration), NULL, 0, 86400},
    {"notify", "answer_timeout", set_number, AT(notify.answer_timeout), NULL, 0, 580},
    {"notify", "raise", set_command, AT(notify.raise), NULL, 0, 0},
    {"notify", "sound", set_choice, AT(notify.sound), boolean_choices, 0, 0},
    {"notify", "icon", set_icon, AT(notify.icon), NULL, 0, 0},
    {"notify", "terminal", set_choice, AT(notify.terminal), configkey_terminals, 0, 0},
    URGENCY("stop", EVENT_STOP),
    URGENCY("stop_failure", EVENT_STOP_FAILURE),
    URGENCY("subagent_stop", EVENT_SUBAGENT_STOP),
    URGENCY("notification", EVENT_NOTIFICATION),
    URGENCY("permission_request", EVENT_PERMISSION_REQUEST),
    URGENCY("terminal_message", EVENT_TERMINAL),
    URGENCY("message", EVENT_MESSAGE),
    URGENCY("other", EVENT_OTHER),
};
G_STATIC_ASSERT(G_N_ELEMENTS(keys) <= CONFIGKEY_MAX);

char *configkey_set(Config *config, gboolean seen[CONFIGKEY_MAX], const char *section,
                    const char *name, const char *value, const char *home)
{
    gboolean known_section = FALSE;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const Key *key = &keys[i];
        if (strcmp(key->section, section) != 0)
            continue;
        known_section = TRUE;
        if (strcmp(key->name, name) != 0)
            continue;
        if (seen[i] && key->set != add_build_arg)
            return g_strdup_printf("%s is given twice: keep one", name);
        seen[i] = TRUE;
        g_autofree char *wanted = key->set(key, config, value, home);
        return wanted ? g_strdup_printf("%s = %s is not %s", name, value, wanted) : NULL;
    }
    if (known_section)
        return g_strdup_printf("unknown key %s in [%s]: host-agent.ini(5) lists the keys", name,
                               section);
    return g_strdup_printf("unknown section [%s]: host-agent.ini(5) lists the sections", section);
}
