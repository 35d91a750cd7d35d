/* What a report is checked against besides itself: the unit's earlier years and, for a township,
 * what its villages add up to. From the server; from this home's own reports without it. */
#ifndef ZHIBAO_CLI_PAST_H
#define ZHIBAO_CLI_PAST_H

#include <stdio.h>

#include "checks.pb-c.h"
#include "cli/rows.h"
#include "lib/filled_form.h"

struct past {
    struct filled_history history;
    struct soft_year years[SOFT_YEARS_MAX];
    struct boilerplate *boilerplate;
};

/* Fills *out_past for a unit (0: this home's), in the context's arena; never fails, knows less
 * instead. past_clear frees. */
void past_find(struct context *context, uint64_t unit, const char *form, uint32_t year,
               struct past *out_past);
void past_clear(struct past *past);

/* Explanations of others, one a line: unit, cell, figure and words. */
void explained_print(const struct context *context, Zhibao__Explained *const *explained,
                     size_t count, FILE *out);

/* The same in one cell of csv and json: "UNIT#CELL text", joined by " | ". */
const char *explained_cell(struct rows *rows, Zhibao__Explained *const *explained, size_t count);

#endif
