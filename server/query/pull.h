/* The parts of a pull: what was gathered, and how it becomes an answer. Used by pull*.c only; one
 * request, in its arena. */
#ifndef ZHIBAO_SERVER_QUERY_PULL_H
#define ZHIBAO_SERVER_QUERY_PULL_H

#include "assess/assess.h"
#include "query.pb-c.h"
#include "server/query/query.h"
#include "server/query/reply.h"
#include "server/query/tally_book.h"
#include "server/store/query_reports.h"

enum { PULL_PERIODS_MAX = 16 };

/* What a unit's reports of one form and of the period asked for came to. */
enum {
    PULL_RECEIVED = 1,
    PULL_ACCEPTED = 2,
    PULL_CONFIRMED = 4,
    PULL_FINAL = 8,
    PULL_OWES = 32,    /* known of roll-ups only */
    PULL_ENTERED = 64, /* what counts was entered on the village's behalf */
};

/* An assessment with what it is of; valid during the call. `target` NULL: none. */
struct pull;
struct peers; /* server/analysis/peers.h */
typedef enum status (*pull_notice)(void *noticer, const struct pull *pull,
                                   const struct assessment *assessment,
                                   const struct assess_context *context,
                                   const struct target *target, bool decides);

/* A report that counts, in order of unit, then period. */
struct pull_input {
    uint64_t unit;
    size_t form;
    int period, revision;
    struct record_id id;
    struct hash payload_sha256;
};

struct rolled; /* server/query/rollup.h */

struct pull_inputs {
    size_t count, room;
    struct pull_input *items;
};

/* One year's figures. */
struct pull_year {
    int64_t period;
    struct tally_book *book;
    struct consolidation_input input;
    struct unit_figure *figures; /* of consolidations */
    size_t figure_count, figure_room;
};

struct pull {
    struct query *query;
    const struct plan *plan;
    uint64_t place;
    int period;
    bool figures_only; /* no targets: only the period asked for is gathered */
    size_t only;       /* index of the indicator asked for, or PLAN_NONE */
    size_t year_count;
    struct pull_year years[PULL_PERIODS_MAX]; /* [0] is the period asked for */
    uint8_t *flags;                           /* PULL_*, by unit of the plan, then form */
    bool demonstration; /* any counting report behind the answer is demonstration data */
    bool analysis;      /* all years of the plan are gathered */
    bool across;        /* series run across changes of definition */
    bool plain;         /* analysis without the parts: no strata beyond the plan's, no gaps */
    bool published;     /* small cells are left out */
    int decide_year;    /* whose deciding targets decide; 0: the period */
    int64_t before;     /* batches from this on are not looked at; 0: all are */
    struct pull_inputs *inputs; /* filled with every counting report; may be NULL */
    struct peers *peers;        /* what places beside it teach; made by pull_gather with analysis */
    bool rolling;               /* made from roll-ups where that can be; see rollup.h */
    const struct rolled *rolled; /* the values, when it was; years then have no figures */
    const int64_t *districts;    /* of the larger pull that this is a piece of; NULL: of none */
    size_t district_count;
    bool alone;         /* a piece of the place's own units only */
    pull_notice notice; /* told of every assessment; may be NULL */
    void *noticer;
};

/* pull.c: the plan named, or the one under which the place reports; NULL for none. */
const struct plan *pull_plan(const struct query *query, const char *code, uint64_t place);

/* pull.c: checks what is asked and by whom; fills plan (unless it is set), period and only. */
MUST_CHECK enum status pull_begin(struct pull *pull, const Zhibao__Pull *asked);

/* pull.c: the same for questions about one year of a place, a city or below (0: the asker's own).
 */
MUST_CHECK enum status pull_begin_year(struct pull *pull, uint64_t place, uint32_t period,
                                       const char *plan);

/* pull.c: the head of an answer. */
void pull_head(const struct pull *pull, Zhibao__Pulled *reply);

/* pull_gather.c: chooses the years, with their books unless the pull is rolling. */
MUST_CHECK enum status pull_years_choose(struct pull *pull);

/* pull_gather.c: fills years and flags from the database. */
MUST_CHECK enum status pull_gather(struct pull *pull);

/* pull_uplink.c: what a district's consolidation (`row`, of form `form`) says of its units, into
 * the year and the entry that its figures went to. */
MUST_CHECK enum status pull_consolidation(const struct pull *pull, struct pull_year *year,
                                          const struct report_row *row,
                                          const struct tally_entry *entry);

/* pull_gather.c: the home districts of the units at the place, below it and above it. */
MUST_CHECK enum status pull_districts(const struct pull *pull, struct report_scope *scope);

/* The year's figures; NULL when they were not gathered. */
const struct pull_year *pull_year_of(const struct pull *pull, int period);

/* A figure that the plan prints for its own place; NULL when the place is another or the plan
 * prints none. */
const struct fact *pull_fact(const struct pull *pull, size_t indicator, const char *stratum,
                             int year);

/* A year's consolidated value, or what the plan prints for exactly that year when nobody reported.
 * `*out_printed` says which. */
MUST_CHECK enum status pull_value(const struct pull *pull, size_t indicator, const char *stratum,
                                  int period, struct indicator_value *out_value, bool *out_printed);

/* The targets of a stratum, judged, with what the series foretells where years are gathered. */
MUST_CHECK enum status pull_targets(const struct pull *pull, const struct indicator_value *value,
                                    Zhibao__IndicatorResult *row);

/* One target judged and appended to the row, which has room. `series` (may be NULL) foretells. */
MUST_CHECK enum status pull_target(const struct pull *pull, size_t target,
                                   const struct indicator_value *value, bool decides,
                                   const struct assess_series *series,
                                   Zhibao__IndicatorResult *row);

/* pull_result.c: whether a demonstration report gave a figure to any part of the indicator. */
bool pull_demonstration(const struct pull *pull, const struct indicator *indicator);

/* pull_summary.c: pass rates and realisation of the deciding targets of all rows. */
MUST_CHECK enum status pull_summary(const struct pull *pull, Zhibao__IndicatorResult **rows,
                                    size_t count, Zhibao__Pulled *reply);

/* pull_strata.c, with analysis: rows of the strata that reports tell apart, and the gaps between
 * them. Calls `add` for each stratum of an indicator that has a value. */
typedef enum status (*pull_add)(void *context, size_t indicator, const char *stratum);
MUST_CHECK enum status pull_strata(const struct pull *pull, size_t indicator, pull_add add,
                                   void *context);
MUST_CHECK enum status pull_gaps(const struct pull *pull, size_t indicator,
                                 Zhibao__IndicatorResult *row);
/* pull_complete.c: whether a unit owes a form in the period; both by their number in the plan. */
bool pull_owes(const struct pull *pull, size_t unit, size_t form);
/* "ratio", "count" ... */
const char *pull_kind_text(enum indicator_kind kind);

/* pull_result.c: every row of the answer, in order. */
MUST_CHECK enum status pull_results(struct pull *pull, Zhibao__IndicatorResult ***out_rows,
                                    size_t *out_count);

/* pull_cover.c: gives the year asked for the weights by which coverage is told: the resident
 * children of each village, from its counting report or else from its latest accepted earlier one.
 */
struct form_map;
MUST_CHECK enum status pull_cover(struct pull *pull, const struct form_map *map,
                                  const struct report_scope *scope);

/* pull_complete.c: who reported what, by form. */
MUST_CHECK enum status pull_completeness(const struct pull *pull, Zhibao__Pulled *reply);

/* pull_publish.c: takes small numbers of children out of the rows, with whatever would give them
 * away: parts of a whole, places beside this one, counts within counts. */
MUST_CHECK enum status pull_publish(const struct pull *pull, Zhibao__IndicatorResult **rows,
                                    size_t count);
/* pull_explained.c: beside each row the explanations of figures it is made from; for a district and
 * what is below it. */
MUST_CHECK enum status pull_explained(const struct pull *pull, Zhibao__IndicatorResult **rows,
                                      size_t count);

/* pull_page.c: puts as many rows from `first` on as fit into the reply, with the names of every
 * place and unit mentioned, and sets next. */
MUST_CHECK enum status pull_page(const struct pull *pull, Zhibao__IndicatorResult **rows,
                                 size_t count, size_t first, Zhibao__Pulled *reply);

#endif
