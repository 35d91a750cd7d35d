/* Places that merge, split and are renamed: what follows what, and from when.
 *
 * A change has a date; the places it names first end the day before (unless they are among their
 * own successors) and the others succeed them. Dates are numbers, 20260701. A report of a year is
 * for the places that are there on 31 December of that year. A history is immutable and may be read
 * by any thread. Pure; no I/O. */
#ifndef ZHIBAO_PLAN_PLACE_HISTORY_H
#define ZHIBAO_PLAN_PLACE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    PLACES_IN_CHANGE_MAX = 64,
    TERRITORY_MAX = 256,
    PLACE_CHANGES_MAX = 100000,
};

enum place_change_kind { CHANGE_MERGE = 1, CHANGE_SPLIT = 2, CHANGE_RENAME = 3 };

struct place_change {
    enum place_change_kind kind;
    int date; /* the first day on which the successors are in force */
    size_t from_count, to_count;
    uint64_t from[PLACES_IN_CHANGE_MAX]; /* merge: those that end; split, rename: the one */
    uint64_t to[PLACES_IN_CHANGE_MAX];   /* the successors; may be one of `from` that goes on */
    bool begins[PLACES_IN_CHANGE_MAX];   /* parallel to `to`: it was not there before */
};

/* When a place is in force: from `from` (0: always) until before `to` (0: no end). */
struct place_span {
    uint64_t place;
    int from, to;
};

struct place_history;

/* Copies the changes, which ascend by date. STATUS_NO_MEMORY, STATUS_LIMIT. */
MUST_CHECK enum status place_history_create(const struct place_change *changes, size_t count,
                                            struct place_history **out_history);
void place_history_destroy(struct place_history **history);

/* 20260701 of "2026-07-01", 20260101 of "2026"; 0 for anything else that is no day from 1900 on. */
int place_date_parse(const char *text);

/* Whether a change may be made, by an administrator of `own` and below. `known` says when each
 * place named is in force (not listed: there is no such place). On STATUS_OK, `begins` is filled
 * in. STATUS_E_MALFORMED: counts that do not fit the kind. STATUS_E_CHANGE_FOREIGN, _TWICE, _DATE,
 * _CYCLE, _SUCCESSOR; STATUS_E_SUBJECT_UNKNOWN: a place that is not there on that day.
 * *out_place: the place at fault, 0 for the change as a whole. */
MUST_CHECK enum status place_change_check(const struct place_history *history,
                                          struct place_change *change,
                                          const struct place_span *known, size_t known_count,
                                          uint64_t own, uint64_t *out_place);

/* Whether a place whose registered span is `span` is there on 31 December of `year`. A NULL
 * history has no changes. */
bool place_in_force(const struct place_history *history, const struct place_span *span, int year);

/* The districts on the other side of changes that lead into `subtree` or out of it, each once, at
 * most `most`; how many. */
size_t place_history_across(const struct place_history *history, uint64_t subtree,
                            uint64_t *out_districts, size_t most);

/* The places whose figures of `year` are those of what `place` is now: a merged place's
 * predecessors, a renamed one's former code; for a place that has ended, what succeeded it.
 * Ascending. *out_breaks counts the splits between then and now whose parts are not all meant: the
 * figures of two years with different counts are of different territories. STATUS_LIMIT past
 * TERRITORY_MAX. */
struct territory {
    size_t count;
    uint64_t places[TERRITORY_MAX];
    unsigned breaks;
};
MUST_CHECK enum status place_territory(const struct place_history *history, uint64_t place,
                                       int year, struct territory *out_territory);

#endif
