#include "server/chain/calendar.h"

#include <string.h>

/* More moves than a cut-off ever sees: the walk along them ends. */
enum { MOVES_MAX = 100 };

struct cutoff_days cutoff_days_default(void)
{
    return (struct cutoff_days){
        .reminders = {7, 3, 1},
          .reminder_count = 3, .escalation = 0
    };
}

bool cutoff_default(const struct form *form, enum cutoff_level level, int period,
                    int64_t *out_opens_us, int64_t *out_due_us)
{
    const char *due = level == LEVEL_TOTAL ? form->due_township : form->due;
    const char *opens = form->opens[0] == '\0' ? "01-01" : form->opens;
    int64_t opens_us = 0, due_us = 0;
    if (due[0] == '\0' || !china_parse_in_year(due, period + 1, true, &due_us) ||
        !china_parse_in_year(opens, period + 1, false, &opens_us))
        return false;
    *out_opens_us = opens_us;
    *out_due_us = due_us;
    return true;
}

/* The latest entry of the place nearest to the unit. */
static const struct cutoff_entry *entry_find(const struct cutoff_book *book,
                                             const struct form *form, enum cutoff_level level,
                                             uint64_t unit)
{
    const struct cutoff_entry *found = NULL;
    for (size_t i = 0; i < book->entry_count; i++) {
        const struct cutoff_entry *entry = &book->entries[i];
        if (entry->level == level && strcmp(entry->form, form->code) == 0 &&
            place_contains(entry->place, unit_place(unit)) &&
            (found == NULL || place_level(entry->place) >= place_level(found->place)))
            found = entry;
    }
    return found;
}

static const struct cutoff_exception *exception_find(const struct cutoff_book *book,
                                                     const struct form *form,
                                                     enum cutoff_level level, uint64_t unit)
{
    for (size_t i = book->exception_count; i > 0; i--) {
        const struct cutoff_exception *exception = &book->exceptions[i - 1];
        if (exception->unit == unit && exception->level == level &&
            strcmp(exception->form, form->code) == 0)
            return exception;
    }
    return NULL;
}

/* The move that starts at `moment`; NULL when there is none. */
static const struct cutoff_move *move_find(const struct cutoff_book *book, const struct form *form,
                                           enum cutoff_level level, uint64_t unit, int64_t moment)
{
    for (size_t i = 0; i < book->move_count; i++) {
        const struct cutoff_move *move = &book->moves[i];
        if (move->from_us == moment && move->to_us > moment && move->level == level &&
            strcmp(move->form, form->code) == 0 && place_contains(move->place, unit_place(unit)))
            return move;
    }
    return NULL;
}

static void moves_follow(const struct cutoff_book *book, const struct form *form,
                         enum cutoff_level level, uint64_t unit, struct cutoff *cutoff)
{
    cutoff->due_us = cutoff->base_us;
    for (int step = 0; step < MOVES_MAX; step++) {
        const struct cutoff_move *move = move_find(book, form, level, unit, cutoff->due_us);
        if (move == NULL)
            return;
        cutoff->due_us = move->to_us;
        cutoff->moved = true;
    }
}

bool cutoff_find(const struct cutoff_book *book, const struct form *form, enum cutoff_level level,
                 uint64_t unit, struct cutoff *out_cutoff)
{
    struct cutoff cutoff = {.days = cutoff_days_default()};
    const struct cutoff_entry *entry = entry_find(book, form, level, unit);
    if (entry != NULL) {
        cutoff.opens_us = entry->opens_us;
        cutoff.set_us = entry->due_us;
        cutoff.days = entry->days;
        cutoff.place = entry->place;
        cutoff.made_us = entry->made_us;
    } else if (!cutoff_default(form, level, book->period, &cutoff.opens_us, &cutoff.set_us)) {
        return false;
    }
    cutoff.base_us = cutoff.set_us;
    const struct cutoff_exception *exception = exception_find(book, form, level, unit);
    if (exception != NULL && exception->until_us > cutoff.base_us) {
        cutoff.base_us = exception->until_us;
        cutoff.made_us = exception->made_us;
        cutoff.excepted = true;
    }
    moves_follow(book, form, level, unit, &cutoff);
    *out_cutoff = cutoff;
    return true;
}

bool cutoff_late(const struct cutoff *cutoff, int64_t received_us)
{
    return received_us > cutoff->due_us;
}

uint32_t cutoff_reminder(const struct cutoff *cutoff, int64_t now_us)
{
    uint32_t least = 0;
    if (now_us >= cutoff->due_us || now_us < cutoff->opens_us)
        return 0;
    for (size_t i = 0; i < cutoff->days.reminder_count; i++) {
        uint32_t days = cutoff->days.reminders[i];
        if (now_us >= cutoff->due_us - days * CHINA_DAY_US && (least == 0 || days < least))
            least = days;
    }
    return least;
}

bool cutoff_escalates(const struct cutoff *cutoff, int64_t now_us)
{
    int64_t from_us = cutoff->due_us + cutoff->days.escalation * CHINA_DAY_US;
    return now_us > from_us && now_us <= from_us + CUTOFF_NOTICE_DAYS * CHINA_DAY_US;
}

/* Whether this outage moved the cut-off before: it is one of the moves from base_us on. */
static bool outage_counted(const struct cutoff_book *book, const struct form *form,
                           enum cutoff_level level, uint64_t unit, const struct cutoff *cutoff,
                           const struct outage *outage)
{
    int64_t moment = cutoff->base_us;
    for (int step = 0; step < MOVES_MAX; step++) {
        const struct cutoff_move *move = move_find(book, form, level, unit, moment);
        if (move == NULL)
            return false;
        if (move->outage_us == outage->from_us)
            return true;
        moment = move->to_us;
    }
    return true;
}

/* How much of the outage lies in the window before the cut-off. */
static int64_t lost_us(const struct cutoff *cutoff, const struct outage *outage)
{
    int64_t begin = cutoff->due_us - OUTAGE_WINDOW_US, end = cutoff->due_us;
    begin = outage->from_us > begin ? outage->from_us : begin;
    end = outage->to_us < end ? outage->to_us : end;
    return end > begin ? end - begin : 0;
}

bool cutoff_outage(const struct cutoff_book *book, const struct form *form, enum cutoff_level level,
                   uint64_t unit, struct cutoff_move *out_move, struct outage *out_outage)
{
    struct cutoff cutoff;
    if (!cutoff_find(book, form, level, unit, &cutoff))
        return false;
    for (size_t i = 0; i < book->outage_count; i++) {
        const struct outage *outage = &book->outages[i];
        int64_t lost = lost_us(&cutoff, outage);
        if (outage->to_us - outage->from_us < OUTAGE_LEAST_US || lost == 0 ||
            outage->to_us <= cutoff.made_us ||
            outage_counted(book, form, level, unit, &cutoff, outage))
            continue;
        int64_t from_us = outage->to_us > cutoff.due_us ? outage->to_us : cutoff.due_us;
        *out_move = (struct cutoff_move){.form = form->code,
                                         .level = level,
                                         .from_us = cutoff.due_us,
                                         .to_us = china_day_end(from_us + lost),
                                         .outage_us = outage->from_us};
        *out_outage = *outage;
        return true;
    }
    return false;
}

uint64_t cutoff_next_level(uint64_t unit, uint64_t district)
{
    uint64_t place = unit_place(unit);
    uint64_t statistics = unit_make(district, UNIT_STATISTICS);
    if (place_level(place) == PLACE_VILLAGE)
        return unit_make(place_ancestor(place, PLACE_TOWNSHIP), UNIT_OWN);
    return unit == statistics ? unit_make(district, UNIT_OFFICE) : statistics;
}
