/* What confirmations of township totals name, for a whole subtree at once; the rules are those of
 * the view zhibao.confirmation_state. Any connection. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_CONFIRMED_H
#define ZHIBAO_SERVER_STORE_QUERY_CONFIRMED_H

#include "server/store/query_reports.h"

/* A report that a confirmation names. */
struct confirmed_report {
    uint64_t unit;
    struct record_id id;
    bool current; /* by a confirmation that is its total's latest, neither returned nor bad */
    bool final;   /* by the latest confirmation that statistics accepted */
};

/* Those of a period (the first of the scope's) and the scope's forms in its subtree, ascending by
 * unit and id. In the arena. */
MUST_CHECK enum status query_confirmed(struct db *db, struct arena *arena,
                                       const struct report_scope *scope,
                                       struct confirmed_report **out_reports, size_t *out_count);

/* The highest revision of a township's confirmations of a form's total; 0: none. */
MUST_CHECK enum status query_confirmed_revision(struct db *db, struct arena *arena,
                                                uint64_t district, uint64_t township_unit,
                                                const int64_t *forms, size_t form_count, int period,
                                                int *out_revision);

/* Revision and state (enum record_state) of the newest confirmation of a township's total that is
 * not withdrawn; both 0 when there is none. */
MUST_CHECK enum status query_confirmed_state(struct db *db, struct arena *arena, uint64_t district,
                                             uint64_t township_unit, const char *plan,
                                             const char *form, int period, uint32_t *out_revision,
                                             int *out_state);

#endif
