/* The calendar's rules: when a form opens and closes for a unit, who is reminded, what an outage
 * moves. Pure functions over facts that callers bring; no I/O, any thread. PROTOCOL.md section 18.
 *
 * All moments are microseconds since 1970-01-01 UTC; dates are China's. Codes are borrowed. */
#ifndef ZHIBAO_SERVER_CHAIN_CALENDAR_H
#define ZHIBAO_SERVER_CHAIN_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/china_time.h"
#include "plan/plan.h"

/* Values of enum CutoffLevel in proto/record.proto. */
enum cutoff_level {
    LEVEL_UNIT = 1,  /* each unit's own report of the form */
    LEVEL_TOTAL = 2, /* a township's confirmed total of the village form */
};

enum {
    CUTOFF_REMINDERS_MAX = 8,
    CUTOFF_DAYS_MAX = 60,    /* of a reminder or an escalation */
    CUTOFF_NOTICE_DAYS = 30, /* nobody is told of what came due longer ago */
};

/* An outage counts from this length on, and when it touches the hours before a cut-off. */
#define OUTAGE_LEAST_US  (CHINA_HOUR_US / 6)
#define OUTAGE_WINDOW_US (24 * CHINA_HOUR_US)

/* How long before (reminders) and after (escalation) the cut-off people are told, in days. */
struct cutoff_days {
    uint32_t reminders[CUTOFF_REMINDERS_MAX]; /* descending */
    size_t reminder_count;
    uint32_t escalation;
};

/* 7, 3 and 1 days before; escalation as soon as the cut-off is over. */
struct cutoff_days cutoff_days_default(void);

/* What a statistics department set for a form and level (a CALENDAR record). */
struct cutoff_entry {
    uint64_t place; /* of the department; it goes for the units at and below */
    const char *form;
    enum cutoff_level level;
    int64_t opens_us, due_us;
    struct cutoff_days days;
    int64_t made_us;
};

/* A unit's own later cut-off (an EXTENSION record). */
struct cutoff_exception {
    uint64_t unit;
    const char *form;
    enum cutoff_level level;
    int64_t until_us;
    int64_t made_us;
    const char *reason;
};

/* A cut-off that an outage moved: whatever fell due at from_us is due at to_us. */
struct cutoff_move {
    uint64_t place;
    const char *form;
    enum cutoff_level level;
    int64_t from_us, to_us;
    int64_t outage_us; /* when that outage began */
};

/* A time in which nothing could be stored. */
struct outage {
    int64_t from_us, to_us;
};

/* Everything known of one plan and period. In each array a later element was made later. */
struct cutoff_book {
    const struct plan *plan; /* for the defaults of its forms */
    int period;
    const struct cutoff_entry *entries;
    const struct cutoff_exception *exceptions;
    const struct cutoff_move *moves;
    const struct outage *outages; /* ascending */
    size_t entry_count, exception_count, move_count, outage_count;
};

struct cutoff {
    int64_t opens_us;
    int64_t set_us; /* the cut-off as set for everyone, or by the plan */
    int64_t due_us; /* the one in force: after exception and outages */
    struct cutoff_days days;
    uint64_t place;       /* of the entry; 0: the plan's default */
    bool excepted, moved; /* an exception, an outage made it later */
    int64_t base_us;      /* before outages */
    int64_t made_us;      /* when base_us was set; 0: by the plan */
};

/* What the plan's forms.csv says: opening, and cut-off of the level, in the year after the period.
 * False when it gives no (readable) cut-off of that level. An empty opening is that year's first
 * moment. */
bool cutoff_default(const struct form *form, enum cutoff_level level, int period,
                    int64_t *out_opens_us, int64_t *out_due_us);

/* The cut-off of a form at a level for a unit: the entry of the nearest place around the unit, else
 * the plan's default; the unit's latest exception, when that is later; then outages' moves. False
 * when there is none: such a form is always open and never late. */
bool cutoff_find(const struct cutoff_book *book, const struct form *form, enum cutoff_level level,
                 uint64_t unit, struct cutoff *out_cutoff);

/* Received after the cut-off in force. */
bool cutoff_late(const struct cutoff *cutoff, int64_t received_us);

/* The reminder to be made at `now_us`, in days before the cut-off: of those whose time has come,
 * the last. 0: none. */
uint32_t cutoff_reminder(const struct cutoff *cutoff, int64_t now_us);

/* Whether the next level is to be told at `now_us` that the report is missing. */
bool cutoff_escalates(const struct cutoff *cutoff, int64_t now_us);

/* Whether an outage moves the cut-off in force: one of at least OUTAGE_LEAST_US that touches the
 * OUTAGE_WINDOW_US before it, ended after the cut-off was set, and has not moved it yet. It is then
 * due at the end (24:00, China) of the day on which the lost time has been made up for, counted
 * from the cut-off or the end of the outage, whichever is later. */
bool cutoff_outage(const struct cutoff_book *book, const struct form *form, enum cutoff_level level,
                   uint64_t unit, struct cutoff_move *out_move, struct outage *out_outage);

/* The unit that hears of a missing report: a village's township, else the statistics department of
 * the home district, else (statistics itself) its committee office. */
uint64_t cutoff_next_level(uint64_t unit, uint64_t district);

#endif
