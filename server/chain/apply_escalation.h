/* TASK_ESCALATION records: what a server below tells of its overdue tasks. As record_type.c wants
 * them. */
#ifndef ZHIBAO_SERVER_CHAIN_APPLY_ESCALATION_H
#define ZHIBAO_SERVER_CHAIN_APPLY_ESCALATION_H

#include "server/ingest/apply.h"

void validate_task_escalation(struct task *task, struct registry *registry);
enum status apply_task_escalation(struct apply *apply, struct task *task);

#endif
