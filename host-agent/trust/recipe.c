/* SPDX-License-Identifier: ISC */
#include "recipe.h"

#include "base/fail.h"

#include <string.h>

enum { TEXT_MAX = 64 * 1024 };
#define BLANKS " \t"

/* Podman joins lines, drops quotes and backslashes, and takes its time to tell what is what; its
 * versions differ in that. What is not plainly one of these is refused. */
static const char *check_from(const char *rest);
static const char *check_run(const char *rest);
static const char *check_here(const char *rest);

static const struct {
    const char *word;
    const char *(*check)(const char *rest); /* why not; NULL: it may stand there */
} instructions[] = {
    {"ADD", check_here},   {"ARG", NULL},   {"CMD", NULL},      {"COPY", check_here},
    {"ENTRYPOINT", NULL},  {"ENV", NULL},   {"EXPOSE", NULL},   {"FROM", check_from},
    {"HEALTHCHECK", NULL}, {"LABEL", NULL}, {"RUN", check_run}, {"SHELL", NULL},
    {"STOPSIGNAL", NULL},  {"USER", NULL},  {"VOLUME", NULL},   {"WORKDIR", NULL},
};

static const char *check_from(const char *rest)
{
    static const char *const bases[] = {"${BASE}", "$BASE", "scratch", NULL};
    g_auto(GStrv) words = g_strsplit_set(rest, BLANKS, -1);
    g_autofree char *first = g_strdup(words[0] ? words[0] : "");

    return g_strv_contains(bases, first)
               ? NULL
               : "FROM may be ${BASE} or scratch: another image's ONBUILD could reach the whole "
                 "host. COPY --from=IMAGE takes files of one";
}

static const char *check_here(const char *rest)
{
    return strstr(rest, "<<") ? "a here-document: not every Podman knows it" : NULL;
}

static const char *check_run(const char *rest)
{
    char dash[3] = "";
    size_t have = 0;

    for (const char *p = rest; *p && have < 2; p++) {
        if (!strchr("\"'\\", *p) && (guchar)*p < 0x80)
            dash[have++] = *p;
    }
    if (strcmp(dash, "--") == 0)
        return "RUN takes no option: --mount could reach the whole host";
    return check_here(rest);
}

/* LINE is a whole instruction. */
static const char *check_instruction(const char *line)
{
    line += strspn(line, BLANKS);
    g_autofree char *word = g_strndup(line, strcspn(line, BLANKS));

    if (!*word)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(instructions); i++) {
        if (g_ascii_strcasecmp(word, instructions[i].word) != 0)
            continue;
        const char *rest = line + strlen(word);
        rest += strspn(rest, BLANKS);
        return instructions[i].check ? instructions[i].check(rest) : NULL;
    }
    return "it does not begin with an instruction that may stand here";
}

static gboolean is_escape(const char *comment)
{
    const char *text = comment + strspn(comment, BLANKS "#");
    size_t length = strlen("escape");

    return g_ascii_strncasecmp(text, "escape", length) == 0 &&
           text[length + strspn(text + length, BLANKS)] == '=';
}

/* Where one ended the instruction it stands in, the next line would be another instruction. */
static const char *check_comment(const char *line, gboolean within)
{
    if (is_escape(line))
        return "escape is no directive here";
    return within && *line != '#' ? "within an instruction, a comment starts at the left" : NULL;
}

static const char *check_empty(gboolean within)
{
    return within ? "an empty line within an instruction" : NULL;
}

/* Takes the backslash at the end of LINE away, behind which another line is part of it. */
static gboolean continues(char *line)
{
    g_strchomp(line);
    size_t length = strlen(line);

    if (length == 0 || line[length - 1] != '\\')
        return FALSE;
    line[length - 1] = '\0';
    return TRUE;
}

static const char *check_line(char *line, GString *whole, gboolean *within)
{
    if (line[strspn(line, BLANKS)] == '#')
        return check_comment(line, *within);
    if (!line[strspn(line, BLANKS)])
        return check_empty(*within);
    *within = continues(line);
    if (*within && g_str_has_suffix(line, "\\"))
        return "two backslashes at the end";
    g_string_append(whole, line);
    if (*within)
        return NULL;
    const char *why = check_instruction(whole->str);
    g_string_truncate(whole, 0);
    return why;
}

/* Podman looks at single bytes here and at characters there, and both have more blanks than two. */
static const char *check_characters(const char *line)
{
    if (!g_utf8_validate(line, -1, NULL))
        return "it is not UTF-8";
    for (const char *p = line; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == ' ' || c == '\t')
            continue;
        if (g_unichar_iscntrl(c))
            return "a control character";
        if (g_unichar_isspace(c))
            return "a blank that is neither space nor tab";
    }
    return NULL;
}

gboolean recipe_check(const char *text, gsize length, GError **error)
{
    g_autoptr(GString) whole = g_string_new(NULL);
    gboolean within = FALSE;

    if (length > TEXT_MAX)
        return fail(error, "longer than 64 KiB, which nobody reads: let it COPY a script");
    if (length > 0 && memchr(text, '\0', length))
        return fail(error, "a NUL, which cannot be shown");
    g_autofree char *copy = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        const char *why = check_characters(lines[i]);
        if (!why)
            why = check_line(lines[i], whole, &within);
        if (why)
            return fail(error, "line %u: %s", i + 1, why);
    }
    const char *why = check_instruction(whole->str);
    return !why || fail(error, "the last line: %s", why);
}
