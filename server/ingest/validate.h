/* The rules a record's content must keep, by kind, as far as the registry alone can tell. */
#ifndef ZHIBAO_SERVER_INGEST_VALIDATE_H
#define ZHIBAO_SERVER_INGEST_VALIDATE_H

#include "server/ingest/task.h"

/* Adds a problem to the task for each rule broken; task->refusal is the first one's code. The
 * task's author, leaf and message are set and its signature stands. */
void validate_record(struct task *task, struct registry *registry);

/* Reports only: used by validate_record. */
void validate_report(struct task *task, struct registry *registry);

#endif
