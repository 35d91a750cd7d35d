/* Who exists and what they may do: units, keys, plans, forms and locks, held in memory.
 *
 * Loaded from the database at start and refreshed incrementally (`changed` sequence). Readers on
 * any thread copy out what they ask for under a read lock; only registry_refresh (one thread at a
 * time) writes. Plans and forms handed out stay valid until registry_destroy: a re-imported plan
 * replaces the pointer and the old one is kept. */
#ifndef ZHIBAO_SERVER_TRUST_REGISTRY_H
#define ZHIBAO_SERVER_TRUST_REGISTRY_H

#include "plan/explanation.h"
#include "plan/plan.h"
#include "proof/sign.h"
#include "server/store/db.h"

struct registry;

enum key_status { KEY_PENDING, KEY_ACTIVE, KEY_REVOKED };

struct registry_key {
    struct key_id id;
    uint64_t unit;
    struct sign_public sign_public;
    uint8_t transport_public[32];
    enum key_status status; /* REVOKED too once `ends_us` has come */
    int64_t ends_us;        /* its unit put another in its place; 0: it did not */
};

enum { REGISTRY_NAME_BYTES = 128 };

struct registry_unit {
    uint64_t id;
    uint64_t district;
    enum unit_role role;
    char department[32]; /* "" for villages and townships */
    char plan[64];
    char name_zh[REGISTRY_NAME_BYTES], name_en[REGISTRY_NAME_BYTES];
};

struct registry_form {
    int32_t id; /* zhibao.form.form_id */
    const struct plan *plan;
    const struct form *form;
};

MUST_CHECK enum status registry_create(struct registry **out_registry);
void registry_destroy(struct registry **registry);

/* The phrases that are no explanation: built in, until another list is taken (before any thread
 * but the caller's uses the registry). */
const struct boilerplate *registry_boilerplate(const struct registry *registry);
void registry_take_boilerplate(struct registry *registry, struct boilerplate *list);

/* Loads what changed since the last call: units, keys, carriers, plans, locks. One small query when
 * nothing did. On failure what was loaded stays, and the next call goes on from there; a plan whose
 * files do not load (logged) leaves the former one in force. `*out_changed` (may be NULL) says
 * whether anything changed. */
MUST_CHECK enum status registry_refresh(struct registry *registry, struct db *db,
                                        bool *out_changed);

/* Each false when absent. */
bool registry_key_by_id(struct registry *registry, const struct key_id *id,
                        struct registry_key *out_key);
bool registry_key_by_transport(struct registry *registry, const uint8_t transport_public[32],
                               struct registry_key *out_key);
bool registry_unit(struct registry *registry, uint64_t id, struct registry_unit *out_unit);

/* Whether the connection of `carrier` may bring records of `author`: itself, a village of
 * its township, or a unit below a subtree that the carrier table grants. */
bool registry_may_carry(struct registry *registry, uint64_t carrier, uint64_t author);

/* The plan in force under this code, or NULL. */
const struct plan *registry_plan(struct registry *registry, const char *code);

/* Of the plans of the same place as `plan` the one whose years hold `year` (of several the one that
 * began last), in the version that holds for that year; for a year before all of them the first,
 * for any other `plan` itself. Never NULL. */
const struct plan *registry_plan_of_year(struct registry *registry, const struct plan *plan,
                                         int year);

/* A form of the plan in force; false when there is none. By number also for older versions. */
bool registry_form(struct registry *registry, const char *plan, const char *form,
                   struct registry_form *out_form);
bool registry_form_by_id(struct registry *registry, int32_t id, struct registry_form *out_form);

/* The changes of places so far; never NULL once loaded, NULL before. Valid until registry_destroy.
 */
struct place_history;
const struct place_history *registry_places(struct registry *registry);

/* Whether (plan, district, period) is locked: at the district itself or at a place above it. */
bool registry_locked(struct registry *registry, const char *plan, uint64_t district, int period);

/* When a form opens for reports, as set by the statistics department of the district or, else, of
 * the nearest place above it; false when none has set it: the plan's default goes (calendar.h). */
bool registry_opening(struct registry *registry, const char *plan, uint64_t district, int period,
                      const char *form, int64_t *out_opens_us);

#endif
