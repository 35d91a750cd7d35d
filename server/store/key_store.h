/* Statements on keys and one-time codes, inside the writer's transaction. */
#ifndef ZHIBAO_SERVER_STORE_KEY_STORE_H
#define ZHIBAO_SERVER_STORE_KEY_STORE_H

#include "proof/receipt.h"
#include "record.pb-c.h"
#include "server/store/db.h"

/* pending -> active, or anything but revoked -> revoked. STATUS_NOT_FOUND when no key was in a
 * state to change. */
MUST_CHECK enum status store_key_status(struct db *db, struct arena *arena, const uint8_t *key_id,
                                        size_t size, bool revoke);

/* SQL: whether the key of this row has not come to its end. */
#define KEY_HOLDS(k)           \
    "(" k ".ends_us = 0 or " k \
    ".ends_us > (extract(epoch from clock_timestamp()) * 1000000)::bigint)"

/* The key that signed the record (its leaf), an enrolment. STATUS_CONFLICT when it or its transport
 * half is registered already. */
MUST_CHECK enum status store_key_insert(struct db *db, struct arena *arena, const struct leaf *leaf,
                                        const Zhibao__KeyChange *change, const char *status);

/* The keys that the record brings, active, of the holder and in the office of the one that signed
 * it, which ends at `ends_us`. STATUS_CONFLICT as above; STATUS_NOT_FOUND when the old one is not
 * active or is ending already. */
MUST_CHECK enum status store_key_rotate(struct db *db, struct arena *arena, const struct leaf *leaf,
                                        const Zhibao__KeyChange *change, const struct key_id *fresh,
                                        int64_t ends_us);

/* The successor becomes active in the office of the key it takes over from (which the caller then
 * revokes). STATUS_NOT_FOUND when either is revoked or they are not two keys of one unit. */
MUST_CHECK enum status store_key_handover(struct db *db, struct arena *arena,
                                          const Zhibao__KeyChange *change);

/* Marks the code as used by `key`. STATUS_NOT_FOUND when it does not exist, is another unit's, has
 * another secret, has expired or was used. *out_first: `zhibaod first-code` issued it. */
MUST_CHECK enum status store_code_use(struct db *db, struct arena *arena, const uint8_t *code_id,
                                      const struct hash *secret_sha256, uint64_t unit,
                                      int64_t now_us, const struct key_id *key, bool *out_first);

MUST_CHECK enum status store_code_insert(struct db *db, struct arena *arena, const uint8_t *code_id,
                                         const struct hash *secret_sha256, uint64_t unit,
                                         uint64_t issued_by, int64_t expires_us);

/* Units of the subtree that have no key which is active or pending, ascending from above `after`.
 */
MUST_CHECK enum status store_units_without_key(struct db *db, struct arena *arena, uint64_t place,
                                               uint64_t after, size_t limit, uint64_t **out_units,
                                               size_t *out_count, bool *out_more);

#endif
