#include "server/chain/calendar_record.h"

/* Keeps the days descending; one that is there already changes nothing. */
static void day_add(struct cutoff_days *days, uint32_t day)
{
    size_t at = 0;
    while (at < days->reminder_count && days->reminders[at] > day)
        at++;
    if (at < days->reminder_count && days->reminders[at] == day)
        return;
    for (size_t i = days->reminder_count++; i > at; i--)
        days->reminders[i] = days->reminders[i - 1];
    days->reminders[at] = day;
}

bool calendar_days_read(const Zhibao__CalendarEntry *entry, struct cutoff_days *out_days)
{
    struct cutoff_days days = cutoff_days_default();
    if (entry->escalation_days > CUTOFF_DAYS_MAX || entry->n_reminder_days > CUTOFF_REMINDERS_MAX)
        return false;
    days.escalation = entry->escalation_days;
    if (entry->n_reminder_days > 0)
        days.reminder_count = 0;
    bool none = entry->n_reminder_days == 1 && entry->reminder_days[0] == 0;
    for (size_t i = 0; i < entry->n_reminder_days && !none; i++) {
        if (entry->reminder_days[i] == 0 || entry->reminder_days[i] > CUTOFF_DAYS_MAX)
            return false;
        day_add(&days, entry->reminder_days[i]);
    }
    *out_days = days;
    return true;
}
