/* SPDX-License-Identifier: ISC */
#include "keyoptions.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum kind { KIND_ALL, KIND_FLAG, KIND_IGNORED, KIND_COMMAND, KIND_LIST, KIND_PATTERNS, KIND_TIME };

static const struct row {
    const char *name;
    enum kind kind;
    size_t offset; /* of the member that it sets */
    bool value;    /* of a flag */
} rows[] = {
    {"restrict", KIND_ALL, 0, false},
    {"pty", KIND_FLAG, offsetof(struct keyoptions, pty), true},
    {"no-pty", KIND_FLAG, offsetof(struct keyoptions, pty), false},
    {"agent-forwarding", KIND_FLAG, offsetof(struct keyoptions, agent_forwarding), true},
    {"no-agent-forwarding", KIND_FLAG, offsetof(struct keyoptions, agent_forwarding), false},
    {"port-forwarding", KIND_FLAG, offsetof(struct keyoptions, port_forwarding), true},
    {"no-port-forwarding", KIND_FLAG, offsetof(struct keyoptions, port_forwarding), false},
    /* Neither X11 nor ~/.ssh/rc is ever served, so these hold whatever they say. */
    {"x11-forwarding", KIND_IGNORED, 0, false},
    {"no-x11-forwarding", KIND_IGNORED, 0, false},
    {"user-rc", KIND_IGNORED, 0, false},
    {"no-user-rc", KIND_IGNORED, 0, false},
    {"command", KIND_COMMAND, 0, false},
    {"environment", KIND_LIST, offsetof(struct keyoptions, environment), false},
    {"permitopen", KIND_LIST, offsetof(struct keyoptions, permit_open), false},
    {"permitlisten", KIND_LIST, offsetof(struct keyoptions, permit_listen), false},
    {"from", KIND_PATTERNS, offsetof(struct keyoptions, from), false},
    {"expiry-time", KIND_TIME, 0, false},
};

static const struct row *find_row(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strlen(rows[i].name) == length && strncasecmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

static bool takes_value(const struct row *row)
{
    return row->kind >= KIND_COMMAND;
}

void keyoptions_default(struct keyoptions *options)
{
    *options = (struct keyoptions){.pty = true, .agent_forwarding = true, .port_forwarding = true};
}

static int list_add(struct keyoptions_list *list, const char *text, size_t length)
{
    char *copy = list->count < KEYOPTIONS_LIST_MAX ? strndup(text, length) : NULL;

    if (!copy)
        return -1;
    list->items[list->count++] = copy;
    return 0;
}

/* YYYYMMDD[HHMM[SS]][Z], in the time zone of the process without the Z. */
static int parse_time(const char *text, time_t *result)
{
    size_t digits = strspn(text, "0123456789");
    bool utc = strcmp(text + digits, "Z") == 0;
    const char *format = digits == 8    ? "%Y%m%d"
                         : digits == 12 ? "%Y%m%d%H%M"
                         : digits == 14 ? "%Y%m%d%H%M%S"
                                        : NULL;
    struct tm t = {.tm_isdst = -1};

    if (!format || (!utc && strlen(text) != digits) || strptime(text, format, &t) != text + digits)
        return -1;
    *result = utc ? timegm(&t) : mktime(&t);
    return *result > 0 ? 0 : -1;
}

static int split_patterns(struct keyoptions_list *list, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length && list_add(list, text, length) < 0)
            return -1;
        text += length + (text[length] == ',');
    }
    return list->count ? 0 : -1;
}

static int apply(struct keyoptions *options, const struct row *row, const char *value)
{
    void *member = (char *)options + row->offset;

    switch (row->kind) {
    case KIND_ALL:
        options->pty = options->agent_forwarding = options->port_forwarding = false;
        return 0;
    case KIND_FLAG:
        *(bool *)member = row->value;
        return 0;
    case KIND_IGNORED:
        return 0;
    case KIND_COMMAND:
        if (options->command)
            return -1;
        options->command = strdup(value);
        return options->command ? 0 : -1;
    case KIND_LIST:
        return list_add(member, value, strlen(value));
    case KIND_PATTERNS:
        return split_patterns(member, value);
    case KIND_TIME:
        return parse_time(value, &options->expiry);
    }
    return -1;
}

/* Takes `"VALUE"`, in which \" stands for a quote. NULL: it does not end, or no memory. */
static char *take_value(const char **at, const char *end)
{
    char *value = malloc((size_t)(end - *at) + 1);
    const char *p = *at;
    size_t n = 0;

    if (!value || p == end || *p++ != '"') {
        free(value);
        return NULL;
    }
    for (; p < end && *p != '"'; p++) {
        if (*p == '\\' && p + 1 < end && p[1] == '"')
            p++;
        value[n++] = *p;
    }
    if (p == end || memchr(value, '\0', n)) {
        free(value);
        return NULL;
    }
    value[n] = '\0';
    *at = p + 1;
    return value;
}

int keyoptions_parse(struct keyoptions *options, const char *text, size_t length, char *reason,
                     size_t size)
{
    const char *at = text, *end = text + length;

    keyoptions_default(options);
    while (at < end) {
        const char *name = at;
        while (at < end && *at != ',' && *at != '=')
            at++;
        size_t name_length = (size_t)(at - name);
        const struct row *row = find_row(name, name_length);
        bool has_value = at < end && *at == '=';
        char *value = NULL;

        if (!row) {
            snprintf(reason, size, "option \"%.*s\" is not known",
                     (int)(name_length < 64 ? name_length : 64), name);
            return -1;
        }
        if (has_value) {
            at++;
            value = take_value(&at, end);
        }
        bool wrong = has_value != takes_value(row) || (has_value && !value) ||
                     apply(options, row, value) < 0 || (at < end && *at != ',');
        free(value);
        if (wrong) {
            snprintf(reason, size, "option \"%s\" has a bad value", row->name);
            return -1;
        }
        at += at < end; /* the comma */
    }
    return 0;
}

/* ADDRESS in PATTERN: a glob pattern, or NETWORK/BITS. */
static bool address_matches(const char *pattern, const char *address)
{
    unsigned char network[16], host[16];
    char text[INET6_ADDRSTRLEN];
    const char *slash = strchr(pattern, '/');
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    unsigned most = family == AF_INET6 ? 128 : 32;

    if (!slash)
        return fnmatch(pattern, address, FNM_CASEFOLD) == 0;
    size_t digits = strspn(slash + 1, "0123456789");
    unsigned long bits = strtoul(slash + 1, NULL, 10);
    if ((size_t)(slash - pattern) >= sizeof(text) || digits < 1 || digits > 3 ||
        slash[1 + digits] || bits > most)
        return false;
    memcpy(text, pattern, (size_t)(slash - pattern));
    text[slash - pattern] = '\0';
    if (inet_pton(family, text, network) != 1 || inet_pton(family, address, host) != 1)
        return false;
    if (memcmp(network, host, bits / 8) != 0)
        return false;
    unsigned mask = 0xff00U >> (bits % 8) & 0xff;
    return bits % 8 == 0 || ((network[bits / 8] ^ host[bits / 8]) & mask) == 0;
}

bool keyoptions_admit(const struct keyoptions *options, const char *address, time_t now,
                      char *reason, size_t size)
{
    bool matched = options->from.count == 0;

    for (size_t i = 0; i < options->from.count; i++) {
        const char *pattern = options->from.items[i];
        if (pattern[0] == '!' && address_matches(pattern + 1, address)) {
            matched = false;
            break;
        }
        matched |= pattern[0] != '!' && address_matches(pattern, address);
    }
    if (!matched) {
        snprintf(reason, size, "from=\"...\" does not match %s", address);
        return false;
    }
    if (options->expiry && now >= options->expiry) {
        snprintf(reason, size, "it has expired");
        return false;
    }
    return true;
}

/* ITEM is HOST:PORT or, where ALONE, PORT; a * stands for any. */
static bool endpoint_matches(const char *item, const char *host, int port, bool alone)
{
    const char *colon = strrchr(item, ':');
    const char *item_port = colon ? colon + 1 : item;
    char number[12];

    if (!colon && !alone)
        return false;
    snprintf(number, sizeof(number), "%d", port);
    if (strcmp(item_port, "*") != 0 && strcmp(item_port, number) != 0)
        return false;
    if (!colon)
        return true;
    size_t length = (size_t)(colon - item);
    if (length == 1 && item[0] == '*')
        return true;
    if (length > 2 && item[0] == '[' && colon[-1] == ']') {
        item++;
        length -= 2;
    }
    return strlen(host) == length && strncasecmp(item, host, length) == 0;
}

static bool list_permits(const struct keyoptions_list *list, const char *host, int port, bool alone)
{
    for (size_t i = 0; i < list->count; i++)
        if (endpoint_matches(list->items[i], host, port, alone))
            return true;
    return list->count == 0;
}

bool keyoptions_permit_open(const struct keyoptions *options, const char *host, int port)
{
    return options->port_forwarding && list_permits(&options->permit_open, host, port, false);
}

bool keyoptions_permit_listen(const struct keyoptions *options, const char *host, int port)
{
    return options->port_forwarding && list_permits(&options->permit_listen, host, port, true);
}

static void list_free(struct keyoptions_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    list->count = 0;
}

void keyoptions_free(struct keyoptions *options)
{
    free(options->command);
    list_free(&options->environment);
    list_free(&options->permit_open);
    list_free(&options->permit_listen);
    list_free(&options->from);
    keyoptions_default(options);
}
