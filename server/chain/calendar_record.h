/* CALENDAR and EXTENSION records: what their fields mean. Pure; any thread. */
#ifndef ZHIBAO_SERVER_CHAIN_CALENDAR_RECORD_H
#define ZHIBAO_SERVER_CHAIN_CALENDAR_RECORD_H

#include "calendar.pb-c.h"
#include "server/chain/calendar.h"

enum { CALENDAR_YEARS_MAX = 5 }; /* openings and cut-offs lie so many years from the period on */

/* Reminders descending, without repetitions; none given are the default's, a 0 alone is none. False
 * when there are too many or too large ones. */
bool calendar_days_read(const Zhibao__CalendarEntry *entry, struct cutoff_days *out_days);

#endif
