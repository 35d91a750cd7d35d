/* What the tests of a year's round share: made-up figures, the units that owe a form, and the
 * questions, each answered or the test fails (answers live as world_ask says). */
#ifndef ZHIBAO_TESTS_QUERY_ROUND_STEPS_H
#define ZHIBAO_TESTS_QUERY_ROUND_STEPS_H

#include "test_query_world.h"

#define DISTRICT   UINT64_C(450223000000)
#define TOWNSHIP   UINT64_C(450223100000)
#define OTHER      UINT64_C(450223102000)
#define STATISTICS (DISTRICT * 1000 + UNIT_STATISTICS)
#define OFFICE     (DISTRICT * 1000 + UNIT_OFFICE)

enum { YEAR = 2024, UNITS_MAX = 400 };

struct units {
    size_t count;
    uint64_t ids[UNITS_MAX];
};

/* Whole numbers that differ by unit, cell and year; yes/no alternates. */
void round_fill_plain(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                      uint32_t *out_presence, double *out_value);

/* Some cells with each kind of nothing. */
void round_fill_gaps(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                     uint32_t *out_presence, double *out_value);

struct units round_units_of(const struct plan *plan, const char *form, uint64_t place);

const struct plan *round_luzhai(void);

/* All units of a form report revision 1 in one batch. */
size_t round_report_all(const char *form, uint64_t place, int year, world_fill fill,
                        size_t records[UNITS_MAX]);

const Zhibao__Pulled *round_pull(uint64_t asker, uint64_t place, int year, const char *indicator);

const Zhibao__IndicatorResult *round_result_of(const Zhibao__Pulled *pulled, const char *indicator,
                                               const char *stratum);

const Zhibao__Completeness *round_form_of(const Zhibao__Pulled *pulled, const char *form);

const Zhibao__Tracked *round_track(uint64_t asker, uint64_t unit, const char *form, int year,
                                   bool subtree, const char *cursor);

const Zhibao__InboxItems *round_inbox(uint64_t asker, const char *after, uint32_t limit);

/* Where the asker's inbox ends now. */
void round_inbox_end(uint64_t asker, char cursor[64]);

const Zhibao__PendingItems *round_pending(uint64_t asker, const char *form, int year);

/* That the steps are these states, each with the receipt that the writer gave, if it has one. */
void round_steps_check(const Zhibao__TrackedReport *report, const Zhibao__State *states,
                       size_t count);

/* Every receipt asked for again is byte for byte the one that the writer sent. */
void round_receipts_check(void);

double round_sum_of(const struct plan *plan, const char *form, const char *element,
                    const char *stratum, uint64_t place, int year, bool rural_only);

enum status round_asks(uint64_t asker, Zhibao__Kind kind, const ProtobufCMessage *request);

#endif
