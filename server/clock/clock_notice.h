/* A notice about a cut-off as the signed record it becomes. The writer's. */
#ifndef ZHIBAO_SERVER_CLOCK_CLOCK_NOTICE_H
#define ZHIBAO_SERVER_CLOCK_CLOCK_NOTICE_H

#include "record.pb-c.h"
#include "server/clock/clock_work.h"
#include "server/ingest/apply.h"

/* Texts are borrowed. */
void clock_notice_fill(const struct cutoff_notice *notice, Zhibao__CutoffNotice *out_cutoff);
Zhibao__NoticeKind clock_notice_kind(enum cutoff_notice_kind kind);

/* Stores the notice unless it was made before; *out_new says which. `task` is the record it
 * becomes, with the index it would have. */
MUST_CHECK enum status apply_cutoff_notice(struct apply *apply, const struct task *task,
                                           const struct cutoff_notice *notice, bool *out_new);

#endif
