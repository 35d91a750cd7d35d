/* What the clock thread hands to the writer: that it was alive, whom it heard of, and the notices
 * whose time has come. Lives in its task's arena. */
#ifndef ZHIBAO_SERVER_CLOCK_CLOCK_WORK_H
#define ZHIBAO_SERVER_CLOCK_CLOCK_WORK_H

#include "server/chain/calendar.h"
#include "server/clock/found_notice.h"

/* In this order in enum NoticeKind from NOTICE_REMINDER on. */
enum cutoff_notice_kind { CUTOFF_REMINDER, CUTOFF_OVERDUE, CUTOFF_MOVED };

struct cutoff_notice {
    enum cutoff_notice_kind kind;
    const char *plan, *form;
    uint64_t district; /* home district of the units it is about */
    int32_t form_id;
    int period;
    enum cutoff_level level;
    uint64_t unit, told; /* 0: everyone; nobody */
    int64_t due_us;
    uint32_t days;
    int64_t until_us;
    struct outage outage;
};

enum { CLOCK_NOTICES_MAX = 200 }; /* of one task: the writer is not kept long */

struct clock_work {
    int64_t mark_us;
    struct outage outage; /* to_us 0: none */
    const int64_t *seen_units, *seen_us;
    size_t seen_count;
    const struct cutoff_notice *notices;
    size_t notice_count;
    struct found_notices found;
};

/* "reminder", "overdue", "cutoff_moved": as tables and answers have it. */
const char *cutoff_notice_word(enum cutoff_notice_kind kind);

#endif
