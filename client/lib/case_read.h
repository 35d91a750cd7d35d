/* Reading a case: says so first, fetches what is wrapped for this holder, verifies and opens it
 * (proto/CASES.md sections 5 and 7). The handle's thread. */
#ifndef ZHIBAO_LIB_CASE_READ_H
#define ZHIBAO_LIB_CASE_READ_H

#include "lib/case_put.h"

/* One record, oldest first. `unit` 0: not from whom the directory lists, and not opened. */
struct case_entry {
    struct record_id id;
    bool report, opened;
    uint64_t unit;
    Zhibao__CaseAction action;
    bool emergency;
    int64_t received_us, due_us;    /* due_us: by when a department's part is to be done; 0: none */
    struct case_secret key;         /* when opened */
    Zhibao__CaseContent *content;   /* of the report */
    Zhibao__CaseReporter *reporter; /* of the report, for the lead; NULL: not for this holder */
    Zhibao__CaseStep *step;
};

struct case_reading {
    uint64_t district;
    struct record_id case_id;
    const Zhibao__CaseDirectory *directory;
    Zhibao__CaseItem *item;
    struct case_entry *entries;
    size_t entry_count;
    struct case_public reply_public;
    bool has_reply;
    struct case_target *targets; /* to whom the next step is sealed */
    size_t target_count;
    Zhibao__CaseMember **members; /* as the aggregator says, whether listed or not */
    size_t member_count;
    size_t unlisted; /* members that the aggregator names and no signed record or directory does */
};

/* All in the arena. The CaseRead is sent first; without its receipt nothing is fetched. */
MUST_CHECK enum status zhibao_case_read(struct zhibao *zhibao, struct arena *arena,
                                        uint64_t district, const struct record_id *case_id,
                                        Zhibao__CasePurpose purpose,
                                        struct case_reading *out_reading);

/* Whether the report names the unit or the person of this key: who is named is not to learn of the
 * case. False where no report opens here. */
bool case_reading_names(const struct case_reading *reading, const Zhibao__CaseKey *key);

#endif
