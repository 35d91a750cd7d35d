/* The rules a record's content must keep, by kind, as far as the registry alone can tell. */
#ifndef ZHIBAO_SERVER_INGEST_VALIDATE_H
#define ZHIBAO_SERVER_INGEST_VALIDATE_H

#include "server/ingest/task.h"

/* Each adds a problem to the task for each rule broken; task->refusal is the first one's code. The
 * task's author, leaf and message are set, its signature stands, and the author's role may make
 * such records (server/trust/rights.h). */
void validate_report(struct task *task, struct registry *registry);
void validate_review(struct task *task, struct registry *registry);
void validate_confirmation(struct task *task, struct registry *registry);
void validate_lock(struct task *task, struct registry *registry);
void validate_key(struct task *task, struct registry *registry);
void validate_plan(struct task *task, struct registry *registry);
void validate_carrier(struct task *task, struct registry *registry);
void validate_place_change(struct task *task, struct registry *registry);
void validate_calendar(struct task *task, struct registry *registry);
void validate_extension(struct task *task, struct registry *registry);

#endif
