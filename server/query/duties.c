/* DUTIES: what units owe to whom by when, and what became of it. */
#include <string.h>

#include "base/china_time.h"
#include "duty.pb-c.h"
#include "plan/duty.h"
#include "server/clock/now.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_calendar.h"
#include "server/store/query_duties.h"
#include "server/store/query_reports.h"

enum { PAGE_UNITS = 60 };

struct duties {
    struct query *query;
    const Zhibao__Duties *asked;
    int year;
    int64_t now_us;
    struct sent_row *sent;
    size_t sent_count;
    struct cutoff_book
        book; /* of the plan of the unit looked at and the year; plan NULL: none yet */
};

static const struct sent_row *sent_for(const struct duties *duties, uint64_t unit,
                                       const struct plan *plan, const struct duty *duty, int period)
{
    bool document = duty_takes_document(duty);
    const char *name = document ? duty->code : duty->form;
    for (size_t i = 0; i < duties->sent_count; i++) {
        const struct sent_row *row = &duties->sent[i];
        if (row->unit == unit && row->document == document && row->period == period &&
            strcmp(row->plan, plan->code) == 0 && strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

static const struct {
    const char *name;
    Zhibao__State state;
    Zhibao__DutyState duty;
} states[] = {
    {"stored",    ZHIBAO__STATE__STATE_STORED,    ZHIBAO__DUTY_STATE__DUTY_SENT    },
    {"checked",   ZHIBAO__STATE__STATE_CHECKED,   ZHIBAO__DUTY_STATE__DUTY_SENT    },
    {"accepted",  ZHIBAO__STATE__STATE_ACCEPTED,  ZHIBAO__DUTY_STATE__DUTY_ACCEPTED},
    {"confirmed", ZHIBAO__STATE__STATE_CONFIRMED, ZHIBAO__DUTY_STATE__DUTY_ACCEPTED},
    {"final",     ZHIBAO__STATE__STATE_FINAL,     ZHIBAO__DUTY_STATE__DUTY_ACCEPTED},
    {"locked",    ZHIBAO__STATE__STATE_LOCKED,    ZHIBAO__DUTY_STATE__DUTY_ACCEPTED},
    {"reviewed",  ZHIBAO__STATE__STATE_REVIEWED,  ZHIBAO__DUTY_STATE__DUTY_SENT    },
    {"signed",    ZHIBAO__STATE__STATE_SIGNED,    ZHIBAO__DUTY_STATE__DUTY_SENT    },
    {"objected",  ZHIBAO__STATE__STATE_OBJECTED,  ZHIBAO__DUTY_STATE__DUTY_RETURNED},
    {"returned",  ZHIBAO__STATE__STATE_RETURNED,  ZHIBAO__DUTY_STATE__DUTY_RETURNED},
};

/* What was sent, as far as it was. A state that is none of these (withdrawn) leaves it owed. */
static bool sent_fill(const struct duties *duties, const struct sent_row *row,
                      Zhibao__DutyItem *item)
{
    struct arena *arena = duties->query->arena;
    Zhibao__RecordRef *record =
        (Zhibao__RecordRef *)reply_new(arena, &zhibao__record_ref__descriptor);
    if (record == NULL || !reply_bytes(arena, row->id.bytes, RECORD_ID_BYTES, &record->id) ||
        !reply_bytes(arena, row->payload_sha256.bytes, HASH_BYTES, &record->payload_sha256))
        return false;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].name, row->state) == 0) {
            record->unit = row->unit;
            item->record = record;
            item->record_kind = row->document ? ZHIBAO__RECORD_KIND__RECORD_DOCUMENT
                                              : ZHIBAO__RECORD_KIND__RECORD_REPORT;
            item->record_state = states[i].state;
            item->state = states[i].duty;
            item->sent_us = row->sent_us;
            item->reason = reply_text(row->reason);
            item->late = item->due_us != 0 && row->first_us > item->due_us;
        }
    return true;
}

/* A duty of figures is due when the calendar says for this unit: exceptions and outages included.
 */
static void due_find(const struct duties *duties, const struct registry_unit *unit,
                     const struct plan *plan, const struct duty *duty, uint32_t promulgated,
                     Zhibao__DutyItem *item)
{
    const struct form *form = duty_takes_report(duty) ? plan_form(plan, duty->form) : NULL;
    struct cutoff cutoff;
    if (form != NULL && item->period != 0 &&
        cutoff_find(&duties->book, form, LEVEL_UNIT, unit->id, &cutoff))
        item->due_us = cutoff.due_us;
    else if (!duty_due_us(plan, duty, (int)item->period, promulgated, &item->due_us))
        item->due_us = 0;
}

static Zhibao__DutyItem *item_make(const struct duties *duties, const struct registry_unit *unit,
                                   const struct plan *plan, const struct duty *duty)
{
    struct query *query = duties->query;
    Zhibao__DutyItem *item =
        (Zhibao__DutyItem *)reply_new(query->arena, &zhibao__duty_item__descriptor);
    int period = duty_is_yearly(duty) ? duties->year : 0;
    const struct sent_row *sent = sent_for(duties, unit->id, plan, duty, period);
    if (item == NULL)
        return NULL;
    item->unit = unit->id;
    item->unit_name = query_unit_name(query, unit->id);
    item->plan = reply_text(plan->code);
    item->duty = reply_text(duty->code);
    item->what = reply_text(duty->what);
    item->form = reply_text(duty->form);
    item->frequency = reply_text(duty->frequency);
    item->period = (uint32_t)period;
    item->receiver = reply_text(duty->receiver);
    item->receiver_unit = duty_receiver(plan, duty, unit->id);
    item->receiver_name = query_unit_name(query, item->receiver_unit);
    item->due = reply_text(duty->due);
    item->section = reply_text(duty->section);
    item->quote = reply_text(duty->quote);
    item->proposed = strcmp(duty->basis, "proposed") == 0;
    item->state = duty_takes_report(duty) || duty_takes_document(duty)
                      ? ZHIBAO__DUTY_STATE__DUTY_OWED
                      : ZHIBAO__DUTY_STATE__DUTY_WORK;
    due_find(duties, unit, plan, duty, sent == NULL ? 0 : sent->promulgated, item);
    if (item->unit_name == NULL || item->receiver_name == NULL ||
        (sent != NULL && !sent_fill(duties, sent, item)))
        return NULL;
    item->overdue = item->due_us != 0 && item->due_us < duties->now_us &&
                    (item->state == ZHIBAO__DUTY_STATE__DUTY_OWED ||
                     item->state == ZHIBAO__DUTY_STATE__DUTY_RETURNED);
    return item;
}

/* Whether this unit owes this duty, of those that were asked for. */
static bool is_asked(const struct duties *duties, const struct registry_unit *unit,
                     const struct plan *plan, const struct duty *duty)
{
    if (duties->asked->duty[0] != '\0' && strcmp(duties->asked->duty, duty->code) != 0)
        return false;
    if (duty_is_yearly(duty) && (duties->year < plan->first_year || duties->year > plan->last_year))
        return false;
    /* who reports changes with the places: one that ended owes nothing of the year in which it did,
     * nor afterwards; its successor does */
    int year = duty_is_yearly(duty) ? duties->year : china_year(duties->now_us);
    return duty_owed_by(plan, duty, unit->id, unit->role, unit->department) &&
           plan_place_in_force(plan, unit_place(unit->id), registry_places(duties->query->registry),
                               year);
}

/* The cut-offs of the plan and year, read once for units of one plan. */
static enum status book_open(struct duties *duties, const struct plan *plan)
{
    if (duties->book.plan == plan)
        return STATUS_OK;
    return query_cutoff_book(duties->query->db, duties->query->arena, plan, duties->year,
                             &duties->book);
}

/* All duties of one unit, or none when they do not fit any more (*out_fits). */
static enum status unit_add(struct duties *duties, uint64_t id, struct reply_budget *budget,
                            Zhibao__DutyItems *reply, bool *out_fits)
{
    struct registry_unit unit;
    size_t before = reply->n_items;
    *out_fits = true;
    if (!registry_unit(duties->query->registry, id, &unit))
        return STATUS_OK;
    const struct plan *plan = registry_plan(duties->query->registry, unit.plan);
    if (plan == NULL)
        return STATUS_OK;
    plan = registry_plan_of_year(duties->query->registry, plan, duties->year);
    enum status status = book_open(duties, plan);
    if (status != STATUS_OK)
        return status;
    Zhibao__DutyItem **items =
        arena_array(duties->query->arena, before + plan->duty_count, sizeof(Zhibao__DutyItem *));
    if (items == NULL)
        return STATUS_NO_MEMORY;
    if (before > 0)
        memcpy(items, reply->items, before * sizeof(Zhibao__DutyItem *));
    reply->items = items;
    for (size_t i = 0; i < plan->duty_count && *out_fits; i++) {
        const struct duty *duty = &plan->duties[i];
        if (!is_asked(duties, &unit, plan, duty))
            continue;
        Zhibao__DutyItem *item = item_make(duties, &unit, plan, duty);
        if (item == NULL)
            return STATUS_NO_MEMORY;
        *out_fits = reply_fits(budget, &item->base);
        reply->items[reply->n_items++] = item;
    }
    if (!*out_fits)
        reply->n_items = before;
    return STATUS_OK;
}

/* What the units of this page sent. */
static enum status sent_fetch(struct duties *duties, const uint64_t *units, size_t count)
{
    struct query *query = duties->query;
    int64_t *districts = arena_array(query->arena, count, sizeof *districts);
    int64_t *ids = arena_array(query->arena, count, sizeof *ids);
    size_t known = 0;
    if (districts == NULL || ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct registry_unit unit;
        if (!registry_unit(query->registry, units[i], &unit))
            continue;
        districts[known] = (int64_t)unit.district;
        ids[known++] = (int64_t)unit.id;
    }
    return query_sent(query->db, query->arena, districts, ids, known, duties->year, &duties->sent,
                      &duties->sent_count);
}

static enum status page_fill(struct duties *duties, const uint64_t *units, size_t count,
                             Zhibao__DutyItems *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    size_t done = 0;
    bool fits = true;
    enum status status = sent_fetch(duties, units, count);
    while (status == STATUS_OK && done < count && done < PAGE_UNITS && fits) {
        status = unit_add(duties, units[done], &budget, reply, &fits);
        done += fits;
    }
    if (status != STATUS_OK || done == count || done == 0)
        return status;
    int64_t next = (int64_t)units[done - 1];
    reply->next = cursor_write(duties->query->arena, &next, 1);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Which units: the asker, or those of a place that it may see. */
static enum status units_find(struct query *query, const Zhibao__Duties *asked,
                              uint64_t **out_units, size_t *out_count)
{
    int64_t after = 0;
    enum status status = query_cursor(query, "cursor", asked->cursor, &after, 1);
    uint64_t first = query->asker.id, last = first;
    if (status != STATUS_OK)
        return status;
    if (asked->place != 0) {
        if (!query_may_see_place(query, asked->place))
            return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                                "该行政区划不在本单位可查看的范围内",
                                "this place is outside what your unit may see");
        struct unit_span span = unit_span_of(asked->place);
        first = (uint64_t)span.first_unit;
        last = (uint64_t)span.last_unit;
    }
    return query_duty_units(query->db, query->arena, first, last, (uint64_t)after, PAGE_UNITS + 1,
                            out_units, out_count);
}

enum status query_run_duties(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    const Zhibao__Duties *asked = (const Zhibao__Duties *)request;
    struct duties duties = {.query = query, .asked = asked, .now_us = server_now_us()};
    uint64_t *units = NULL;
    size_t count = 0;
    Zhibao__DutyItems *reply =
        (Zhibao__DutyItems *)reply_new(query->arena, &zhibao__duty_items__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    duties.year = asked->year == 0 ? china_year(duties.now_us) - 1 : (int)asked->year;
    enum status status = units_find(query, asked, &units, &count);
    if (status == STATUS_OK)
        status = page_fill(&duties, units, count, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
