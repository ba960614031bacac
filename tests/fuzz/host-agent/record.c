/* SPDX-License-Identifier: ISC */
#include "notify/replay.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whatever stands in the journal: it adds up to something that is written and read as the same, and
 * nothing that waits gets lost when it is trimmed. */

static guint64 waiting(const Replay *replay)
{
    guint64 count = 0;

    for (guint i = 0; i < replay->records->len; i++) {
        const Record *record = replay->records->pdata[i];
        if (record->state == RECORD_WAITING)
            count += MAX(1, record->fold);
    }
    return count;
}

static void check_record(const Record *record)
{
    g_autofree char *line = record_print(record);
    g_autoptr(Record) again = record_parse(line, strlen(line));
    g_autofree char *same = record_print(again);

    g_assert_null(strchr(line, '\n'));
    g_assert_cmpstr(line, ==, same);
}

/* The marks come in any order. */
static guint sum_of(const GString *text)
{
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    guint sum = 0;

    for (gsize i = 0; lines[i]; i++)
        sum += g_str_hash(lines[i]);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Replay) replay = replay_new((const char *)data, size);
    const guint64 before = waiting(replay);

    if (before > G_MAXINT64 / 2) /* what no journal adds up to */
        return 0;
    for (guint i = 0; i < replay->records->len; i++)
        check_record(replay->records->pdata[i]);
    replay_trim(replay);
    g_autoptr(GString) once = replay_print(replay);
    g_autoptr(Replay) again = replay_new(once->str, once->len);
    g_autoptr(GString) twice = replay_print(again);
    g_assert_cmpuint(once->len, ==, twice->len);
    g_assert_cmpuint(sum_of(once), ==, sum_of(twice));
    g_assert_cmpuint(waiting(replay), ==, before);
    g_assert_cmpuint(waiting(again), ==, before);
    return 0;
}
