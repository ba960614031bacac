/* SPDX-License-Identifier: ISC */
#include "record.h"

static const char *const states[RECORD_STATES] = {"waiting",  "shown",  "folded",
                                                  "replaced", "silent", "failed"};

const char *record_state_name(RecordState state)
{
    return states[state];
}

void record_free(Record *record)
{
    if (!record)
        return;
    g_free(record->sandbox);
    message_free(record->message);
    g_free(record);
}
