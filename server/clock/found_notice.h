/* What the aggregator says by itself besides cut-offs: a task past its time escalates, and the
 * level above did something with a consolidation. Each becomes a signed notice, once. The writer's,
 * but for the structs. */
#ifndef ZHIBAO_SERVER_CLOCK_FOUND_NOTICE_H
#define ZHIBAO_SERVER_CLOCK_FOUND_NOTICE_H

#include "record.pb-c.h"
#include "server/ingest/apply.h"

struct task_notice {
    uint64_t district, office, addressee; /* home district of the office */
    uint64_t told;                        /* whom it escalates to; 0: nobody more */
    struct record_id task;
    struct hash payload_sha256; /* of the OPEN record */
    int64_t due_us;
    int stage; /* 1: past its time; 2: long past it */
};

/* Texts and bytes are borrowed. */
struct uplink_notice {
    uint64_t district, unit;
    struct record_id report, step;
    const char *plan, *form, *actor_name, *reason;
    int period, revision, state; /* State of query.proto */
    uint64_t actor;
    int64_t time_us;
    const uint8_t *receipt;
    size_t receipt_size;
};

struct case_notice {
    uint64_t district;
    struct record_id case_id;
    int action; /* enum case_action: what is due */
    int64_t due_us;
    int level; /* 0: a reminder; else how far it has escalated */
};

struct found_notices {
    const struct task_notice *tasks;
    const struct uplink_notice *uplinks;
    const struct case_notice *cases;
    size_t task_count, uplink_count, case_count;
};

void task_notice_fill(const struct task_notice *notice, Zhibao__RecordRef *task,
                      Zhibao__TaskNotice *out_message);
void uplink_notice_fill(const struct uplink_notice *notice, Zhibao__UplinkNotice *out_message);

/* Store it unless it was made before; *out_new says which. `task` is the record it becomes, with
 * the index it would have. */
MUST_CHECK enum status apply_task_notice(struct apply *apply, const struct task *task,
                                         const struct task_notice *notice, bool *out_new);
MUST_CHECK enum status apply_uplink_notice(struct apply *apply, const struct task *task,
                                           const struct uplink_notice *notice, bool *out_new);
void case_notice_fill(const struct case_notice *notice, Zhibao__CaseNotice *out_message);
MUST_CHECK enum status apply_case_notice(struct apply *apply, const struct task *task,
                                         const struct case_notice *notice, bool *out_new);

/* That reports of a district's cases are put off, unless that was told within the hour. */
MUST_CHECK enum status apply_case_flood(struct apply *apply, const struct task *task,
                                        uint64_t district, bool *out_new);

#endif
