/* Sealing reports and steps of cases and putting them into the outbox (proto/CASES.md). What is put
 * is ciphertext; the plain text is in the caller's hands alone. The handle's thread. */
#ifndef ZHIBAO_LIB_CASE_PUT_H
#define ZHIBAO_LIB_CASE_PUT_H

#include "lib/case_home.h"

/* A recipient: a key of the directory, its role and level in the case. */
struct case_target {
    const Zhibao__CaseKey *key;
    unsigned role, level;
};

/* Who receives a case: case_route over the directory. STATUS_NOT_FOUND: nobody is left. */
MUST_CHECK enum status zhibao_case_targets(struct zhibao *zhibao, struct arena *arena,
                                           const Zhibao__CaseDirectory *directory, uint64_t place,
                                           bool emergency, const struct case_named *named,
                                           struct case_target **out_targets, size_t *out_count);

/* A report, for these targets; who reports goes to those who lead it. `out_code` is for the
 * reporter alone. */
struct case_attached; /* lib/case_attach.h */
struct case_report_draft {
    const Zhibao__CaseDirectory *directory;
    const struct case_target *targets;
    size_t target_count;
    bool emergency;
    const Zhibao__CaseContent *content;
    const char *name, *phone;             /* the reporter's */
    const struct case_attached *attached; /* what the content names; NULL: nothing */
};
MUST_CHECK enum status zhibao_case_report_put(struct zhibao *zhibao, struct arena *arena,
                                              const struct case_report_draft *draft,
                                              struct case_code *out_code,
                                              struct record_id *out_case);

/* The content key of an earlier record, for a newcomer. */
struct case_share {
    struct record_id record;
    struct case_secret key;
    struct case_target newcomer;
};

/* What opens a file of the register: its hash, or that it holds the key itself. */
struct case_registering {
    bool hashed, key_file;
    struct hash identity, key_id;
};

struct case_step_draft {
    uint64_t district;
    struct record_id case_id, seen;
    Zhibao__CaseAction action;
    bool emergency; /* it has become one */
    const Zhibao__CaseStep *content;
    const struct case_attached *attached; /* what the content names; NULL: nothing */
    const struct case_target *targets;
    size_t target_count;
    const struct case_share *shares;
    size_t share_count;
    const char *reply;                      /* OUTCOME, else NULL */
    const struct case_public *reply_public; /* likewise */
    uint64_t leaver;
    int64_t due_us;
    const struct case_registering *registering; /* REGISTER, else NULL */
};
MUST_CHECK enum status zhibao_case_step_put(struct zhibao *zhibao, struct arena *arena,
                                            const struct case_step_draft *draft);

#endif
