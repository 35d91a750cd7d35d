/* The keys as the signed records say that they are, gathered in the order of the chain: signatures
 * are verified with these and with no others. */
#ifndef ZHIBAO_SERVER_AUDIT_KEYS_H
#define ZHIBAO_SERVER_AUDIT_KEYS_H

#include "record.pb-c.h"
#include "server/audit/audit.h"

struct audited_key {
    struct key_id id; /* the key of the row */
    uint64_t unit;
    struct sign_public sign_public;
    bool revoked;
    int64_t ends_us; /* replaced by another; 0: not */
};

/* NULL when no record enrolled it. */
struct audited_key *audit_key(struct audit *audit, const struct key_id *id);

/* Takes one KeyChange in; what does not fit is a finding. STATUS_NO_MEMORY. */
MUST_CHECK enum status audit_key_change(struct audit *audit, const struct audit_place *place,
                                        const Zhibao__KeyChange *change, int64_t received_us);

#endif
