/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_CONFIG_H
#define HOST_AGENT_CONFIG_H

#include "message/event.h"

#include <glib.h>

/* The settings in force: host-agent.ini(5) names each key. Strings are NULL where not set. */
typedef enum { NETWORK_OPEN, NETWORK_NONE } ConfigNetwork;
typedef enum { HOME_PROJECT, HOME_SHARED, HOME_EPHEMERAL } ConfigHome;
typedef enum { INCLUDE_ASK, INCLUDE_YES, INCLUDE_NO } ConfigInclude;
typedef enum { TERMINAL_OSC = 1, TERMINAL_BELL = 2 } ConfigTerminal; /* flags */

typedef struct {
    int rate;                 /* messages a second, of a sandbox */
    int quiet_from;           /* minutes of the day; -1: no quiet hours */
    int quiet_to;             /* the first minute that is not quiet any more */
    int min_duration;         /* seconds */
    int answer_timeout;       /* seconds; 0: no answers */
    char *raise;              /* a command, as g_shell_parse_argv() takes it */
    int sound;                /* boolean */
    char *icon;               /* a name, or an absolute path */
    int terminal;             /* ConfigTerminal */
    int urgency[EVENT_SHOWN]; /* MessageUrgency, or EVENT_OFF */
} ConfigNotify;

typedef struct {
    int port; /* the first to try */
    int network;
    int home;
    char *authorized_keys;
    char *accept_env;
    char *image;
    char *registry;
    int pull_timeout; /* seconds */
    int keep;         /* dated images */
    char *base;
    char *containerfile;
    char **build_args; /* K=V each; NULL: none */
    int include;
    ConfigNotify notify;
} Config;

/* The user's own configuration file, or the defaults where there is none. */
Config *config_load(GError **error);

Config *config_default(void);

/* Parses TEXT; FILE is its name for the errors ("FILE:LINE: ..."), `~/` stands for HOME. */
Config *config_parse(const char *text, gsize length, const char *file, const char *home,
                     GError **error);

/* As the file spells it: the network; which of a terminal's sequences become messages, NULL: none.
 */
const char *config_network(const Config *config);
const char *config_terminal(const Config *config);

void config_free(Config *config); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

#endif
