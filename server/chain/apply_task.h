/* TASK records, as record_type.c wants them. */
#ifndef ZHIBAO_SERVER_CHAIN_APPLY_TASK_H
#define ZHIBAO_SERVER_CHAIN_APPLY_TASK_H

#include "server/ingest/apply.h"

void validate_task(struct task *task, struct registry *registry);
enum status apply_task(struct apply *apply, struct task *task);

#endif
