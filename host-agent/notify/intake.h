/* SPDX-License-Identifier: ISC */
#ifndef HOST_AGENT_INTAKE_H
#define HOST_AGENT_INTAKE_H

#include "config/config.h"
#include "journal.h"

/* From lines to records in the journal: what a sandbox said becomes a message, is judged by the
 * settings, folded when it is one of too many, and kept before anybody is told of it. */
typedef struct Intake Intake;

/* RECORD (taken) is to be shown. */
typedef void IntakeShowFunc(Record *record, void *data);

/* EVENT, in the record ID, which is not shown, is a sign of how the session that speaks under SLOT
 * is doing: it got a prompt, stopped, or ended. */
typedef void IntakeSignFunc(const char *sandbox, const char *slot, Event event, guint64 id,
                            void *data);

Intake *intake_new(Journal *journal, IntakeShowFunc *show, IntakeSignFunc *sign, void *data);
void intake_free(Intake *intake);

/* The settings from now on; they must outlive the next call. */
void intake_configure(Intake *intake, const ConfigNotify *config);

/* One line of SANDBOX, which ends at MARK. Nothing is kept or told until intake_commit(). */
void intake_line(Intake *intake, const char *sandbox, const char *line, gsize size, gboolean cut,
                 const Mark *mark);

/* All of SANDBOX's lines up to MARK are in: keeps them, then tells. TRUE when not each was worth
 * a record: such a stream may be read with less haste. */
gboolean intake_commit(Intake *intake, const char *sandbox, const Mark *mark);

/* A message that came another way (takes it). Its record, which is kept, for the caller to show;
 * NULL when the settings or the rate do not let it through. */
Record *intake_message(Intake *intake, const char *sandbox, Message *message);

void intake_forget(Intake *intake, const char *sandbox);

#endif
