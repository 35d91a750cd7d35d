/* Where records stand and what happened to them: for track and inbox. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_TRACK_H
#define ZHIBAO_SERVER_STORE_QUERY_TRACK_H

#include "server/chain/rules.h"
#include "server/store/query_receipt.h"

/* SQL: whether one of the reports that the confirmation `c` names is demonstration data. */
#define DEMONSTRATION_TOTAL(c)                                                   \
    "exists (select from zhibao.confirmation_item di join zhibao.report dr"      \
    "   on dr.district = di.district and dr.unit = di.unit and dr.id = di.id"    \
    "  where di.district = " c ".district and di.confirmation_unit = " c ".unit" \
    "   and di.confirmation_id = " c ".id and dr.demonstration)"

/* Which reports and confirmations; 0, "" and NULL mean any. */
struct track_filter {
    uint64_t first_unit, last_unit;
    uint64_t district; /* home district when all are of one, else 0 */
    const char *form;  /* code */
    int64_t period;
    const struct record_id *first_id, *last_id; /* both or none; within them */
};

/* Where a page of subjects begins: behind this key. All zeros: at the beginning. */
struct track_position {
    int64_t unit, period, form_id, revision, kind;
};

struct tracked_subject {
    struct receipt_row record; /* of the report or confirmation itself */
    uint64_t district;
    int32_t form_id;
    int period, revision;
    bool village_form;  /* reviewed by a township */
    bool checked;       /* the author's signature was looked at ... */
    int64_t checked_us; /* ... then; 0: not known */
    uint64_t entered_by;
    bool demonstration;
    enum record_state state;
    char *plan, *form;
    char *holder; /* the person whose key signed it */
};

/* At most `limit`, ascending by unit, period, form id, revision and kind. In the arena. */
MUST_CHECK enum status query_track_subjects(struct db *db, struct arena *arena,
                                            const struct track_filter *filter,
                                            const struct track_position *after, size_t limit,
                                            struct tracked_subject **out_subjects,
                                            size_t *out_count);

/* One thing that happened to subject number `subject`. */
struct track_step {
    size_t subject;
    char *event;    /* as in zhibao.report_event, or "superseded" by the next revision */
    uint64_t actor; /* 0: the aggregator */
    int64_t time_us;
    char *reason;
    char *holder;        /* the person whose key signed, "" when the key does not say */
    uint64_t total_unit; /* not 0: it happened to this total, which names the subject */
    struct record_id total;
    struct receipt_row record; /* what proves it */
};

/* Everything that happened to these subjects, ascending by subject, then in commit order. */
MUST_CHECK enum status query_track_steps(struct db *db, struct arena *arena,
                                         const struct tracked_subject *subjects, size_t count,
                                         struct track_step **out_steps, size_t *out_count);

#endif
