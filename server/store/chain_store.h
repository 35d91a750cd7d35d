/* What the chain's rules need to know of stored records. The writer, inside its transaction. */
#ifndef ZHIBAO_SERVER_STORE_CHAIN_STORE_H
#define ZHIBAO_SERVER_STORE_CHAIN_STORE_H

#include "proof/receipt.h"
#include "server/chain/rules.h"
#include "server/store/db.h"

/* A report or confirmation that is reviewed. */
struct chain_subject {
    int kind; /* RECORD_REPORT or RECORD_CONFIRMATION */
    uint64_t district, unit;
    struct record_id id;
    struct hash payload_sha256;
    enum record_state state;
    bool village_form; /* reviewed by a township */
    bool locked;       /* its period is */
    bool signed_off;   /* by its unit's reviewer and principal */
    struct key_id key; /* of its author */
    uint64_t entered_by;
    int form_id, period, revision;
    int newest; /* revision of the newest of its series that is neither withdrawn nor bad */
};

/* Fills everything behind `id` from kind, district, unit and id. STATUS_NOT_FOUND when there is
 * none. */
MUST_CHECK enum status store_subject(struct db *db, struct arena *arena,
                                     struct chain_subject *subject);

/* The office of a key, "" when it has none; STATUS_NOT_FOUND when there is no such key. In the
 * arena.
 */
MUST_CHECK enum status store_key_office(struct db *db, struct arena *arena,
                                        const struct key_id *key, const char **out_office);

/* Whether a period of a plan is locked at a district or above it, in this transaction. */
MUST_CHECK enum status store_locked(struct db *db, struct arena *arena, const char *plan,
                                    uint64_t district, int period, bool *out_locked);

/* The locks in force, of a plan or of all (""), by period and place. */
struct lock_row {
    uint64_t place;
    int period;
};
MUST_CHECK enum status store_locks(struct db *db, struct arena *arena, const char *plan,
                                   struct lock_row **out_rows, size_t *out_count);

/* Whether that report's period has been locked before, at its district or above. */
MUST_CHECK enum status store_once_locked(struct db *db, struct arena *arena,
                                         const struct chain_subject *subject, bool *out_once);

/* A report that begins or ceases to count after its period was locked and opened again. */
struct correction {
    uint64_t district, unit;
    struct record_id id;
    struct hash payload_sha256;
    int form_id, period, revision;
    bool lost; /* it counts no longer */
};

/* What happens to a village's report, as its township's total sees it. */
enum change {
    CHANGE_AMENDED,  /* a newer revision of it was stored */
    CHANGE_ACCEPTED, /* it counts from now on */
    CHANGE_LOST,     /* returned or objected to: it counts no longer */
};

struct village_change {
    uint64_t district, unit;
    int form_id, period;
    struct record_id id; /* of the report */
    enum change change;
};

/* A confirmation that no longer says what its villages say. */
struct reopened_total {
    size_t cause; /* index of the first change that did it */
    uint64_t district, unit;
    struct record_id id;
    struct hash payload_sha256;
};

/* The newest confirmations of those villages' totals that these changes make out of date and that
 * were not reopened before, each once. In the arena. */
MUST_CHECK enum status store_reopens(struct db *db, struct arena *arena,
                                     const struct village_change *changes, size_t count,
                                     struct reopened_total **out_totals, size_t *out_count);

#endif
