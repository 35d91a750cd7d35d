/* Comments on figures: validated by a worker, applied by the writer; see record_type.h. */
#ifndef ZHIBAO_SERVER_CHAIN_APPLY_COMMENT_H
#define ZHIBAO_SERVER_CHAIN_APPLY_COMMENT_H

#include "server/ingest/apply.h"

void validate_comment(struct task *task, struct registry *registry);
MUST_CHECK enum status apply_comment(struct apply *apply, struct task *task);

#endif
