/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_RECORDS_H
#define TESTS_UNIT_RECORDS_H

#include "notify/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A record of SANDBOX that says LINE; one of FOLD messages, where that is not 0. */
static inline Record *record_of(guint64 id, const char *sandbox, const char *line, guint fold)
{
    Record *record = g_new0(Record, 1);

    record->id = id;
    record->time = 1000;
    record->took = -1;
    record->sandbox = g_strdup(sandbox);
    record->message = message_parse(line, strlen(line), FALSE);
    record->fold = fold;
    return record;
}

/* The same, as a line of the journal. */
static inline void print_record(GString *text, guint64 id, const char *sandbox, const char *line,
                                guint fold)
{
    g_autoptr(Record) record = record_of(id, sandbox, line, fold);
    g_autofree char *json = record_print(record);

    g_string_append_printf(text, "%s\n", json);
}

static inline void print_state(GString *text, guint64 id, RecordState state)
{
    g_autofree char *json = record_print_state(id, state);

    g_string_append_printf(text, "%s\n", json);
}

#endif
