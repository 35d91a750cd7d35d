/* One transaction's bookkeeping, shared by the parts of a batch: what may be stored
 * (batch_decide.c), what is stored and told (batch_events.c), the aggregator's own notices
 * (batch_notice.c), and the transaction around them (batch.c). Used by those files only; the
 * writer's thread. */
#ifndef ZHIBAO_SERVER_INGEST_BATCH_RUN_H
#define ZHIBAO_SERVER_INGEST_BATCH_RUN_H

#include "server/ingest/batch.h"

struct run {
    struct batch *batch;
    struct task **tasks; /* all, in order of arrival */
    size_t count;
    struct task **reports; /* those that are reports */
    size_t report_count;
    struct hash *leaves; /* room for two a task and for bad signatures */
    size_t leaf_count;
    int64_t number; /* of this batch */
    int64_t now_us;
};

/* Notes the code's own sentence unless something was said already, and refuses. */
void run_refuse(struct task *task, enum status status);

/* The task's leaf is the batch's next: it is stored. */
void run_leaf_add(struct run *run, struct task *task);

/* Two copies of one record in one batch: before, the second is tied to the first; after, it shares
 * the first's fate or is a conflict. */
MUST_CHECK enum status run_twins_find(struct run *run);
void run_twins_share(struct run *run);

/* Sets the outcome of everything that needs no storing, and leaves in run->reports those reports
 * that are to be stored. */
MUST_CHECK enum status run_decide(struct run *run);

/* Stores the reports; then all other records, notices and marks, in order of arrival. */
MUST_CHECK enum status run_reports_store(struct run *run);
MUST_CHECK enum status run_events_store(struct run *run);

/* What the aggregator itself finds, to be signed by its key. */
struct finding {
    Zhibao__NoticeKind notice;
    int subject_kind;
    uint64_t district, unit;            /* of the subject */
    const struct record_id *id;         /* NULL: it is about a cut-off, no record */
    const struct hash *payload_sha256;  /* NULL: not said */
    const struct task *cause;           /* NULL: none */
    const Zhibao__CutoffNotice *cutoff; /* NULL: none; likewise the others */
    const Zhibao__TaskNotice *task;
    const Zhibao__UplinkNotice *uplink;
    const Zhibao__CaseNotice *case_due;
};

/* A task standing for the aggregator's own notice, signed, in the batch's arena; NULL without
 * memory. */
struct task *run_notice_create(struct run *run, const struct finding *finding);

#endif
