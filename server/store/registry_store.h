/* What the registry is loaded from, page by page in the order of change, and the few registry rows
 * that main itself writes. */
#ifndef ZHIBAO_SERVER_STORE_REGISTRY_STORE_H
#define ZHIBAO_SERVER_STORE_REGISTRY_STORE_H

#include "proof/receipt.h"
#include "server/store/db.h"
#include "server/trust/registry.h"

enum { REGISTRY_PAGE_ROWS = 5000 };

/* The latest change of each kind: of units, keys, carriers and plans by the `changed` sequence, of
 * locks and openings by batch number; of places by change. All zero: nothing yet. */
struct registry_marks {
    int64_t unit, key, carrier, plan, lock, place, opening;
};
MUST_CHECK enum status registry_store_marks(struct db *db, struct registry_marks *out_marks);

/* Rows changed after `after`, ascending by change, at most REGISTRY_PAGE_ROWS (plans: one); the
 * caller clears the result. The reader below each gives one row and its change number. Locks are
 * all later than batch `after`. */
MUST_CHECK enum status registry_store_units(struct db *db, int64_t after, PGresult **out_result);
int64_t registry_store_unit(const PGresult *result, int row, struct registry_unit *out_unit);

MUST_CHECK enum status registry_store_keys(struct db *db, int64_t after, PGresult **out_result);
int64_t registry_store_key(const PGresult *result, int row, struct registry_key *out_key);

struct stored_carrier {
    uint64_t unit, subtree;
    bool granted;
};
MUST_CHECK enum status registry_store_carriers(struct db *db, int64_t after, PGresult **out_result);
int64_t registry_store_carrier(const PGresult *result, int row, struct stored_carrier *out_carrier);

struct stored_lock {
    const char *plan; /* lives in the result */
    uint64_t place;
    int period;
    bool locked;
};
MUST_CHECK enum status registry_store_locks(struct db *db, int64_t after, PGresult **out_result);
int64_t registry_store_lock(const PGresult *result, int row, struct stored_lock *out_lock);

/* Openings that statistics departments set, all later than batch `after`. */
struct stored_opening {
    const char *plan, *form; /* live in the result */
    uint64_t place;
    int period;
    int64_t opens_us;
};
MUST_CHECK enum status registry_store_openings(struct db *db, int64_t after, PGresult **out_result);
int64_t registry_store_opening(const PGresult *result, int row, struct stored_opening *out_opening);

/* A plan's import: the record that holds its files, a serialised PlanImport. */
struct stored_import {
    const char *plan; /* "" for imports from the history; lives in the result */
    const uint8_t *payload;
    size_t payload_size;
    int64_t batch, leaf;
};
MUST_CHECK enum status registry_store_plans(struct db *db, int64_t after, PGresult **out_result);
int64_t registry_store_plan(const PGresult *result, int row, struct stored_import *out_import);

/* The latest import of whatever plan before that batch and leaf; no row when there is none. */
MUST_CHECK enum status registry_store_import_before(struct db *db, int64_t batch, int64_t leaf,
                                                    PGresult **out_result);

struct stored_form {
    int32_t id;
    const char *form; /* lives in the result */
    uint32_t version;
};
MUST_CHECK enum status registry_store_forms(struct db *db, const char *plan, PGresult **out_result);
void registry_store_form(const PGresult *result, int row, struct stored_form *out_form);

/* The name of a place that some plan brought; "" in *out_name for any other. In the arena. */
MUST_CHECK enum status registry_store_place_name(struct db *db, struct arena *arena, uint64_t place,
                                                 const char **out_name);

/* The administrator's unit of a place unless it exists, inside the caller's transaction. */
MUST_CHECK enum status registry_store_admin_unit(struct db *db, struct arena *arena,
                                                 uint64_t place);

/* For `zhibaod first-code`: the administrator's unit of a place unless it exists, and a one-time
 * code for it, in one transaction. */
MUST_CHECK enum status registry_store_first_code(struct db *db, uint64_t place,
                                                 const uint8_t *code_id,
                                                 const struct hash *secret_sha256,
                                                 int64_t expires_us);

/* Grants or takes back what a unit may carry, in the writer's transaction. STATUS_E_SUBJECT_STATE
 * when it is so already. */
MUST_CHECK enum status registry_store_grant(struct db *db, struct arena *arena, uint64_t unit,
                                            uint64_t subtree, bool granted);

#endif
