/* Adds up the counting reports of one period into tallies: by form cell and group.
 *
 * Knows from the plan who owes which form, so that whoever is silent is expected too. Pure, in the
 * request's arena; sums are in the order of the calls, so the same reports always give the same
 * bits. */
#ifndef ZHIBAO_SERVER_QUERY_TALLY_BOOK_H
#define ZHIBAO_SERVER_QUERY_TALLY_BOOK_H

#include "stats/consolidate.h"

struct tally_book;

/* For the units of `plan` at `place` and below. */
MUST_CHECK enum status tally_book_create(const struct plan *plan, uint64_t place,
                                         struct arena *arena, struct tally_book **out_book);

/* The same for one year: only places that are there at its end are expected to report; `alone`: of
 * the place itself only, not of what is below it. */
MUST_CHECK enum status tally_book_create_in(const struct plan *plan,
                                            const struct place_history *history, int year,
                                            uint64_t place, bool alone, struct arena *arena,
                                            struct tally_book **out_book);

/* One report's figures: open with tally_book_open, then one call a cell listed. `form` is an index
 * into plan->forms, `cell` one of that form's. */
struct tally_entry {
    struct tally *cells; /* of the report's group, parallel to the form's cells */
    bool *demonstration; /* likewise, of the form */
    const struct form *form;
    bool is_demonstration;
};
MUST_CHECK enum status tally_book_open(struct tally_book *book, size_t form, uint64_t unit,
                                       bool demonstration, struct tally_entry *out_entry);
void tally_entry_add(const struct tally_entry *entry, const struct cell *cell,
                     enum presence presence, double value);

/* That `reporters` units are behind a consolidation's value of this cell, after tally_entry_add. */
void tally_entry_reporters(const struct tally_entry *entry, const struct cell *cell,
                           uint32_t reporters);

/* The tallies and expectations so far, sorted for consolidate. */
MUST_CHECK enum status tally_book_close(struct tally_book *book,
                                        struct consolidation_input *out_input);

/* Whether a figure of this element came from a report of demonstration data. */
bool tally_book_demonstration(const struct tally_book *book, size_t element);

/* The sum of every owing group's values in the form's cells of one element, NAN where it has none,
 * ascending by place. `out_sums` has room for the plan's units. */
void tally_book_sums(const struct tally_book *book, size_t form, size_t element,
                     struct place_weight *out_sums, size_t *out_count);

/* How many units owe this form. */
uint32_t tally_book_expected(const struct tally_book *book, size_t form);

#endif
