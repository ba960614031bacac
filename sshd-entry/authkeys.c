/* SPDX-License-Identifier: ISC */
#include "authkeys.h"

#include <stdbool.h>
#include <string.h>

struct span {
    const char *at;
    size_t length;
};

static bool span_is(struct span s, const char *text)
{
    return strlen(text) == s.length && memcmp(s.at, text, s.length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct span *rest)
{
    while (rest->length && is_blank(*rest->at)) {
        rest->at++;
        rest->length--;
    }
}

/* Takes the word that REST begins with. Quoted parts may hold blanks and \" (options only). */
static struct span take_word(struct span *rest, bool quotes)
{
    bool quoted = false;
    size_t n = 0;

    while (n < rest->length && (quoted || !is_blank(rest->at[n]))) {
        if (quotes && rest->at[n] == '\\' && n + 1 < rest->length && rest->at[n + 1] == '"')
            n++;
        else if (quotes && rest->at[n] == '"')
            quoted = !quoted;
        n++;
    }

    struct span word = {rest->at, n};
    rest->at += n;
    rest->length -= n;
    skip_blanks(rest);
    return word;
}

static struct span take_line(struct span *rest)
{
    const char *end = memchr(rest->at, '\n', rest->length);
    size_t n = end ? (size_t)(end - rest->at) : rest->length;
    struct span line = {rest->at, n};

    rest->at += end ? n + 1 : n;
    rest->length -= end ? n + 1 : n;
    if (line.length && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

/* A line is `[options] type blob [comment]`. Without options its first word is the key's type, so
 * a line that names our key after one more word is one that has options. */
static bool names_key(struct span line, const struct authkeys_query *query, struct span *options)
{
    *options = (struct span){line.at, 0};
    skip_blanks(&line);
    if (!line.length || *line.at == '#' || line.length > AUTHKEYS_LINE_MAX)
        return false;

    struct span after = line;
    if (span_is(take_word(&after, false), query->type))
        return span_is(take_word(&after, false), query->blob);

    *options = take_word(&line, true);
    return span_is(take_word(&line, false), query->type) &&
           span_is(take_word(&line, false), query->blob);
}

struct authkeys_match authkeys_find(const char *text, size_t length,
                                    const struct authkeys_query *query, struct keyoptions *options)
{
    struct authkeys_match match = {.verdict = AUTHKEYS_ABSENT};
    struct span rest = {text, length};

    keyoptions_default(options);
    for (unsigned number = 1; rest.length; number++) {
        struct span words;
        char reason[sizeof(match.reason)];

        if (!names_key(take_line(&rest), query, &words))
            continue;
        keyoptions_free(options);
        if (keyoptions_parse(options, words.at, words.length, reason, sizeof(reason)) == 0 &&
            keyoptions_admit(options, query->address, query->now, reason, sizeof(reason)))
            return (struct authkeys_match){.verdict = AUTHKEYS_ADMITTED, .line = number};
        if (match.verdict == AUTHKEYS_ABSENT) {
            match.verdict = AUTHKEYS_REFUSED;
            match.line = number;
            memcpy(match.reason, reason, sizeof(reason));
        }
    }
    keyoptions_free(options);
    return match;
}
