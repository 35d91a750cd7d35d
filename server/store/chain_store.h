/* What the chain's rules need to know of a record, read inside the writer's transaction. */
#ifndef ZHIBAO_SERVER_STORE_CHAIN_STORE_H
#define ZHIBAO_SERVER_STORE_CHAIN_STORE_H

#include "proof/receipt.h"
#include "server/chain/rules.h"
#include "server/store/db.h"

struct chain_subject {
    int kind; /* RecordKind: report or confirmation */
    uint64_t district, unit;
    struct record_id id; /* these four are given, the rest is found */
    struct hash payload_sha256;
    enum record_state state;
    bool village_form;
    int form_id, period, revision;
};

/* STATUS_NOT_FOUND when there is no such record. */
MUST_CHECK enum status store_subject(struct db *db, struct arena *arena,
                                     struct chain_subject *subject);

#endif
