/* The parts of a pull: what was gathered, and how it becomes an answer. Used by pull*.c only; one
 * request, in its arena. */
#ifndef ZHIBAO_SERVER_QUERY_PULL_H
#define ZHIBAO_SERVER_QUERY_PULL_H

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
};

/* One year's figures. */
struct pull_year {
    int64_t period;
    struct tally_book *book;
    struct consolidation_input input;
};

struct pull {
    struct query *query;
    const struct plan *plan;
    uint64_t place;
    int period;
    size_t only; /* index of the indicator asked for, or PLAN_NONE */
    size_t year_count;
    struct pull_year years[PULL_PERIODS_MAX]; /* [0] is the period asked for */
    uint8_t *flags;                           /* PULL_*, by unit of the plan, then form */
    bool demonstration; /* any counting report behind the answer is demonstration data */
};

/* pull_gather.c: fills years and flags from the database. */
MUST_CHECK enum status pull_gather(struct pull *pull);

/* The year's figures; NULL when they were not gathered. */
const struct pull_year *pull_year_of(const struct pull *pull, int period);

/* A figure that the plan prints for its own place; NULL when the place is another or the plan
 * prints none. */
const struct fact *pull_fact(const struct pull *pull, size_t indicator, const char *stratum,
                             int year);

/* pull_result.c: every row of the answer, in order. */
MUST_CHECK enum status pull_results(struct pull *pull, Zhibao__IndicatorResult ***out_rows,
                                    size_t *out_count);

/* pull_complete.c: who reported what, by form. */
MUST_CHECK enum status pull_completeness(const struct pull *pull, Zhibao__Pulled *reply);

/* pull_page.c: puts as many rows from `first` on as fit into the reply, with the names of every
 * place and unit mentioned, and sets next. */
MUST_CHECK enum status pull_page(const struct pull *pull, Zhibao__IndicatorResult **rows,
                                 size_t count, size_t first, Zhibao__Pulled *reply);

#endif
