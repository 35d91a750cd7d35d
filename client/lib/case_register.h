/* The register of children (台账): its key, and opening a file (proto/CASES.md section 9). What
 * comes after is done as in a case. The handle's thread; functions explain failures by
 * zhibao_cause. */
#ifndef ZHIBAO_LIB_CASE_REGISTER_H
#define ZHIBAO_LIB_CASE_REGISTER_H

#include "case/case_register.h"
#include "lib/case_read.h"

/* The district's key for finding duplicates: read from its key file, which the reading is recorded
 * of. STATUS_NOT_FOUND when there is none, or it was not given to this holder. */
MUST_CHECK enum status zhibao_register_key(struct zhibao *zhibao, struct arena *arena,
                                           uint64_t district, struct case_secret *out_key);

/* Makes the key and puts its file into the outbox, for the intake and the townships of the
 * directory; the caller's unit leads it. The aggregator takes one a district. */
MUST_CHECK enum status zhibao_register_key_put(struct zhibao *zhibao, struct arena *arena,
                                               uint64_t district);

/* Puts a child's file into the outbox. Its recipients: this unit leads; the intake and the township
 * of the place handle; supervisor and level above see it when a visit is overdue. `key` may be NULL
 * when content->identity is "". */
MUST_CHECK enum status zhibao_register_put(struct zhibao *zhibao, struct arena *arena,
                                           uint64_t district, const struct case_secret *key,
                                           Zhibao__CaseRegistered *content, int64_t next_us,
                                           struct record_id *out_id);

#endif
