/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension.h"
#include "log.h"

enum kind {
    KIND_LOGIN,
    KIND_STRING,
    KIND_NUMBER,
    KIND_SIZE,
    KIND_CHOICE,
    KIND_WORDS,
    KIND_HELP,
    KIND_VERSION,
};

struct row {
    const char *name;
    const char *argument; /* NULL: takes none; of a choice or words these, in their values' order */
    enum kind kind;
    size_t offset; /* of the member that it sets */
    unsigned min, max;
    const char *help;
};

#define SETS(member) offsetof(struct options, member)

static const struct row rows[] = {
    {"login", "NAME", KIND_LOGIN, 0, 0, 0, "one more name that may log in (besides agent)"},
    {"workdir", "DIR", KIND_STRING, SETS(workdir), 0, 0, "where sessions start"},
    {"authorized-keys", "FILE", KIND_STRING, SETS(authorized_keys), 0, 0, "who may log in"},
    {"host-key", "FILE", KIND_STRING, SETS(host_key), 0, 0, "made there if it is not"},
    {"listen", "ADDR:PORT", KIND_STRING, SETS(listen), 0, 0, "unless a socket is inherited"},
    {"accept-env", "LIST", KIND_STRING, SETS(accept_env), 0, 0, "variables a client may set"},
    {"agent-socket", "PATH", KIND_STRING, SETS(agent_socket), 0, 0, "the forwarded ssh-agent"},
    {"hold-fifo", "PATH", KIND_STRING, SETS(hold_fifo), 0, 0, "a FIFO to hold open"},
    {"terminal-messages", "osc,bell", KIND_WORDS, SETS(terminal_messages), 0, 0,
     "that go to the held FIFO"},
    {"sftp-server", "PATH", KIND_STRING, SETS(sftp_server), 0, 0, "the sftp subsystem"},
    {"login-grace", "SECONDS", KIND_NUMBER, SETS(login_grace), 1, 3600, "time to log in"},
    {"max-auth-tries", "N", KIND_NUMBER, SETS(max_auth_tries), 1, 1000, "refusals till the end"},
    {"max-connections", "N", KIND_NUMBER, SETS(max_connections), 1, 4096, "that have logged in"},
    {"max-startups", "N", KIND_NUMBER, SETS(max_startups), 1, 4096, "that have not logged in yet"},
    {"client-alive-interval", "SECONDS", KIND_NUMBER, SETS(client_alive_interval), 0, 86400,
     "silence before we ask; 0: never"},
    {"client-alive-count-max", "N", KIND_NUMBER, SETS(client_alive_count_max), 1, 1000,
     "questions without an answer"},
    {"rekey-limit", "BYTES[K|M|G]", KIND_SIZE, SETS(rekey_limit), 0, 0, "under one key"},
    {"rekey-interval", "SECONDS", KIND_NUMBER, SETS(rekey_interval), 0, 86400, "under one key"},
    {"gateway-ports", "no|yes|clientspecified", KIND_CHOICE, SETS(gateway_ports), 0, 0,
     "what -R may bind"},
    {"log-level", "error|info|debug", KIND_CHOICE, SETS(log_level), 0, 0, "how much is logged"},
    {"help", NULL, KIND_HELP, 0, 0, 0, "print this"},
    {"version", NULL, KIND_VERSION, 0, 0, 0, "print the version"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct options defaults = {
    .logins = {"agent"},
    .login_count = 1,
    .authorized_keys = "/etc/sshd-entry/authorized_keys",
    .listen = "0.0.0.0:2222",
    .accept_env = "TERM,COLORTERM,LANG,LC_*,TERM_PROGRAM*,TZ",
    .agent_socket = "/run/sshd-entry/agent.sock",
    .sftp_server = "/usr/lib/openssh/sftp-server",
    .login_grace = 30,
    .max_auth_tries = 10,
    .max_connections = 256,
    .max_startups = 64,
    .client_alive_count_max = 3,
    .gateway_ports = GATEWAY_PORTS_NO,
    .log_level = LOG_INFO,
};

static void print_help(void)
{
    puts("usage: sshd-entry [OPTION]...\n"
         "An SSH server for one container, run as its PID 1 by the container's user.\n");
    for (size_t i = 0; i < ROWS; i++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s %s", rows[i].name,
                 rows[i].argument ? rows[i].argument : "");
        printf("  %-41s %s\n", left, rows[i].help);
    }
}

static int set_number(unsigned *number, const struct row *row, const char *text)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);

    if (errno || end == text || *end || *text == '-' || value < row->min || value > row->max) {
        log_error("--%s %s: not a number from %u to %u", row->name, text, row->min, row->max);
        return -1;
    }
    *number = (unsigned)value;
    return 0;
}

/* As RekeyLimit of sshd_config(5). The least is what a key exchange itself takes, and some. */
static int set_size(uint64_t *size, const struct row *row, const char *text)
{
    static const char units[] = "KMG";
    const uint64_t least = 65536;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

    if (errno || *text < '0' || *text > '9' || end[unit != NULL] || value > UINT64_MAX >> shift ||
        value << shift < least) {
        log_error("--%s %s: not a number of bytes from 64K", row->name, text);
        return -1;
    }
    *size = (uint64_t)value << shift;
    return 0;
}

/* The place of TEXT among the words of ROW's argument, or -1. */
static int place_of(const struct row *row, const char *text, size_t length)
{
    const char *word = row->argument;

    for (int place = 0; *word; place++) {
        size_t n = strcspn(word, "|,");
        if (n == length && memcmp(word, text, n) == 0)
            return place;
        word += n + (word[n] != '\0');
    }
    return -1;
}

static int set_choice(unsigned *choice, const struct row *row, const char *text)
{
    int place = place_of(row, text, strlen(text));

    if (place < 0) {
        log_error("--%s %s: give one of %s", row->name, text, row->argument);
        return -1;
    }
    *choice = (unsigned)place;
    return 0;
}

/* One bit for each. */
static int set_words(unsigned *words, const struct row *row, const char *text)
{
    unsigned set = 0;

    for (const char *p = text;; p++) {
        size_t n = strcspn(p, ",");
        int place = place_of(row, p, n);
        if (place < 0) {
            log_error("--%s %s: give some of %s", row->name, text, row->argument);
            return -1;
        }
        set |= 1U << place;
        p += n;
        if (!*p)
            break;
    }
    *words = set;
    return 0;
}

static int add_login(struct options *options, const char *name)
{
    if (!*name || strlen(name) > 255) {
        log_error("--login: a name has 1 to 255 bytes");
        return -1;
    }
    if (options->login_count == OPTIONS_LOGINS_MAX) {
        log_error("--login: at most %d names", OPTIONS_LOGINS_MAX);
        return -1;
    }
    options->logins[options->login_count++] = name;
    return 0;
}

static enum options_outcome apply(struct options *options, const struct row *row, const char *text)
{
    void *member = (char *)options + row->offset;

    switch (row->kind) {
    case KIND_LOGIN:
        return add_login(options, text) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
    case KIND_STRING:
        *(const char **)member = text;
        return OPTIONS_RUN;
    case KIND_NUMBER:
        return set_number(member, row, text) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
    case KIND_SIZE:
        return set_size(member, row, text) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
    case KIND_CHOICE:
        return set_choice(member, row, text) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
    case KIND_WORDS:
        return set_words(member, row, text) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
    case KIND_HELP:
        print_help();
        return OPTIONS_DONE;
    case KIND_VERSION:
        puts("sshd-entry " VERSION);
        extension_print_version();
        return OPTIONS_DONE;
    }
    return OPTIONS_WRONG;
}

enum options_outcome options_parse(struct options *options, int argc, char **argv)
{
    struct option longs[ROWS + 1] = {0};
    int index = 0;
    int c;

    for (size_t i = 0; i < ROWS; i++)
        longs[i] = (struct option){rows[i].name, rows[i].argument != NULL, NULL, 0};

    *options = defaults;
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":", longs, &index)) != -1) {
        if (c == ':' || c == '?') {
            log_error("%s: %s; see sshd-entry --help", argv[optind - 1],
                      c == ':' ? "needs a value" : "no such option");
            return OPTIONS_WRONG;
        }
        enum options_outcome outcome = apply(options, &rows[index], optarg);
        if (outcome != OPTIONS_RUN)
            return outcome;
    }
    if (optind < argc) {
        log_error("%s: no arguments are taken; see sshd-entry --help", argv[optind]);
        return OPTIONS_WRONG;
    }
    if (options->terminal_messages && !options->hold_fifo) {
        log_error("--terminal-messages: goes with --hold-fifo; see sshd-entry --help");
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}
