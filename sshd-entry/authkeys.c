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

/* The name of the first option in "name,name=\"value\",...". */
static void copy_option_name(char *out, size_t size, struct span options)
{
    size_t n = 0;

    while (n < options.length && n + 1 < size && options.at[n] != ',' && options.at[n] != '=')
        n++;
    memcpy(out, options.at, n);
    out[n] = '\0';
}

/* A line is `[options] type blob [comment]`. Without options its first word is the key's type, so
 * a line that names our key after one more word is one that has options. */
static enum authkeys_verdict judge_line(struct span line, const char *type, const char *blob,
                                        struct span *options)
{
    *options = (struct span){line.at, 0};
    skip_blanks(&line);
    if (!line.length || *line.at == '#' || line.length > AUTHKEYS_LINE_MAX)
        return AUTHKEYS_ABSENT;

    struct span after = line;
    if (span_is(take_word(&after, false), type))
        return span_is(take_word(&after, false), blob) ? AUTHKEYS_ADMITTED : AUTHKEYS_ABSENT;

    *options = take_word(&line, true);
    if (span_is(take_word(&line, false), type) && span_is(take_word(&line, false), blob))
        return AUTHKEYS_REFUSED;
    return AUTHKEYS_ABSENT;
}

struct authkeys_match authkeys_find(const char *text, size_t length, const char *type,
                                    const char *blob)
{
    struct authkeys_match match = {.verdict = AUTHKEYS_ABSENT};
    struct span rest = {text, length};

    for (unsigned number = 1; rest.length; number++) {
        struct span options;
        enum authkeys_verdict verdict = judge_line(take_line(&rest), type, blob, &options);

        if (verdict == AUTHKEYS_ADMITTED)
            return (struct authkeys_match){.verdict = verdict, .line = number};
        if (verdict == AUTHKEYS_REFUSED && match.verdict == AUTHKEYS_ABSENT) {
            match.verdict = verdict;
            match.line = number;
            copy_option_name(match.option, sizeof(match.option), options);
        }
    }
    return match;
}
