/* The parts of a quality question: sheets of figures by unit and form over five years. Used by
 * quality*.c only; one request, in its arena. */
#ifndef ZHIBAO_SERVER_ANALYSIS_QUALITY_H
#define ZHIBAO_SERVER_ANALYSIS_QUALITY_H

#include "analysis.pb-c.h"
#include "assess/quality.h"
#include "server/chain/calendar.h"
#include "server/query/form_map.h"
#include "server/query/pull.h"

enum { QUALITY_YEARS = 5, QUALITY_FINDINGS_OF_PART = 8 };
enum { QUALITY_FINDINGS = QUALITY_FINDINGS_OF_PART * QUALITY_PARTS };

/* One unit's form; year 0 is the one asked for, year k is k before it. */
struct quality_sheet {
    bool received, restated[QUALITY_YEARS], reasoned[QUALITY_YEARS], demonstration;
    int64_t first_received_us;
    double *figures[QUALITY_YEARS]; /* parallel to the form's cells, NAN where there is none */
    uint8_t *presence;              /* of year 0, likewise */
};

struct quality_book {
    const struct pull *pull;
    const struct form_map *map;
    struct cutoff_book cutoffs;    /* of the period asked for */
    struct quality_sheet **sheets; /* by unit of the plan, then form; NULL: not owed */
    uint64_t unit;                 /* whose rows are being read */
    int period;
    bool *counted;
};

/* Reads five years of the place. */
MUST_CHECK enum status quality_gather(struct quality_book *book);

/* A unit's row; the unit owes something. */
MUST_CHECK enum status quality_judge(const struct quality_book *book, size_t unit,
                                     Zhibao__QualityRow **out_row);

#endif
