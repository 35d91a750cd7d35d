#include "server/clock/look.h"

#include <stdlib.h>
#include <string.h>

#include "server/store/query_calendar.h"

/* Cut-offs farther off than this concern no reminder and no notice, exceptions included. */
#define NEAR_US ((CUTOFF_DAYS_MAX + CUTOFF_NOTICE_DAYS + 1) * CHINA_DAY_US)

struct look {
    struct db *db;
    struct registry *registry;
    struct arena *arena;
    int64_t now_us;
    struct cutoff_notice *notices; /* room for CLOCK_NOTICES_MAX */
    size_t count;
    bool more, moves_only;
    /* of the plan and period in hand */
    struct cutoff_book book;
    struct cutoff_notice *made; /* sorted */
    size_t made_count;
};

static int compare_numbers(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right;
}

static int compare_notices(const void *left, const void *right)
{
    const struct cutoff_notice *a = left, *b = right;
    int order = compare_numbers((int64_t)a->unit, (int64_t)b->unit);
    if (order == 0)
        order = compare_numbers((int64_t)a->district, (int64_t)b->district);
    if (order == 0)
        order = strcmp(a->form, b->form);
    if (order == 0)
        order = compare_numbers(a->level, b->level);
    if (order == 0)
        order = compare_numbers(a->kind, b->kind);
    if (order == 0)
        order = compare_numbers(a->due_us, b->due_us);
    if (order == 0)
        order = compare_numbers(a->days, b->days);
    return order == 0 ? compare_numbers(a->outage.from_us, b->outage.from_us) : order;
}

static bool is_made(const struct look *look, const struct cutoff_notice *notice)
{
    if (look->made_count > 0 &&
        bsearch(notice, look->made, look->made_count, sizeof *look->made, compare_notices) != NULL)
        return true;
    for (size_t i = 0; i < look->count; i++) /* one cut-off of many units is moved once */
        if (strcmp(look->notices[i].plan, notice->plan) == 0 &&
            look->notices[i].period == notice->period &&
            compare_notices(&look->notices[i], notice) == 0)
            return true;
    return false;
}

static void notice_add(struct look *look, const struct cutoff_notice *notice)
{
    if (is_made(look, notice))
        return;
    if (look->count == CLOCK_NOTICES_MAX)
        look->more = true;
    else
        look->notices[look->count++] = *notice;
}

static bool near(const struct look *look, int64_t due_us)
{
    return llabs((long long)(due_us - look->now_us)) <= NEAR_US;
}

/* Whether any cut-off of the period is near: else nothing has to be asked about it. */
static bool period_matters(const struct look *look)
{
    const struct cutoff_book *book = &look->book;
    for (size_t i = 0; i < book->entry_count; i++)
        if (near(look, book->entries[i].due_us))
            return true;
    for (size_t i = 0; i < book->exception_count; i++)
        if (near(look, book->exceptions[i].until_us))
            return true;
    for (size_t i = 0; i < book->plan->form_count; i++) {
        int64_t opens_us = 0, due_us = 0;
        const struct form *form = &book->plan->forms[i];
        if (cutoff_default(form, LEVEL_UNIT, book->period, &opens_us, &due_us) &&
            near(look, due_us))
            return true;
        if (cutoff_default(form, LEVEL_TOTAL, book->period, &opens_us, &due_us) &&
            near(look, due_us))
            return true;
    }
    return false;
}

static void moved_add(struct look *look, const struct owed_row *row, const struct form *form,
                      struct cutoff_notice *notice)
{
    struct cutoff_move move;
    struct outage outage;
    if (!cutoff_outage(&look->book, form, row->level, row->unit, &move, &outage) ||
        move.to_us < look->now_us - CUTOFF_NOTICE_DAYS * CHINA_DAY_US)
        return;
    notice->kind = CUTOFF_MOVED;
    notice->unit = 0; /* it goes for everyone with this cut-off */
    notice->due_us = move.from_us;
    notice->until_us = move.to_us;
    notice->outage = outage;
    notice_add(look, notice);
}

static void missing_add(struct look *look, const struct owed_row *row, const struct form *form,
                        struct cutoff_notice *notice)
{
    struct cutoff cutoff;
    if (row->waiting || !cutoff_find(&look->book, form, row->level, row->unit, &cutoff))
        return;
    notice->unit = row->unit;
    notice->due_us = cutoff.due_us;
    notice->days = cutoff_reminder(&cutoff, look->now_us);
    if (notice->days > 0) {
        notice->kind = CUTOFF_REMINDER;
        notice_add(look, notice);
    } else if (cutoff_escalates(&cutoff, look->now_us)) {
        notice->kind = CUTOFF_OVERDUE;
        notice->told = cutoff_next_level(row->unit, row->district);
        notice_add(look, notice);
    }
}

static void row_look(struct look *look, const struct owed_row *row)
{
    struct registry_form form;
    const struct cutoff_book *book = &look->book;
    if (!registry_form(look->registry, book->plan->code, row->form, &form) ||
        form.plan != book->plan ||
        registry_locked(look->registry, book->plan->code, row->district, book->period))
        return;
    struct cutoff_notice notice = {.plan = book->plan->code,
                                   .form = form.form->code,
                                   .form_id = form.id,
                                   .district = row->district,
                                   .period = book->period,
                                   .level = row->level};
    if (look->moves_only)
        moved_add(look, row, form.form, &notice);
    else
        missing_add(look, row, form.form, &notice);
}

static enum status period_look(struct look *look, const struct plan *plan, int period)
{
    struct owed_row *rows = NULL;
    size_t count = 0;
    struct owed_scope scope = {
        .plan = plan->code, .form = "", .period = period, .last_unit = INT64_MAX};
    enum status status = query_cutoff_book(look->db, look->arena, plan, period, &look->book);
    if (status != STATUS_OK || !period_matters(look))
        return status;
    if (look->moves_only && look->book.outage_count == 0)
        return STATUS_OK;
    status = query_cutoff_notices(look->db, look->arena, plan->code, period, &look->made,
                                  &look->made_count);
    if (status == STATUS_OK)
        status = query_owed(look->db, look->arena, &scope, &rows, &count);
    if (status != STATUS_OK)
        return status;
    if (look->made_count > 0)
        qsort(look->made, look->made_count, sizeof *look->made, compare_notices);
    for (size_t i = 0; i < count; i++)
        row_look(look, &rows[i]);
    return STATUS_OK;
}

static enum status plans_look(struct look *look)
{
    const char **codes = NULL;
    size_t count = 0;
    enum status status = query_plan_codes(look->db, look->arena, &codes, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct plan *plan = registry_plan(look->registry, codes[i]);
        for (int period = plan == NULL ? 1 : plan->first_year;
             plan != NULL && period <= plan->last_year && status == STATUS_OK; period++)
            status = period_look(look, plan, period);
    }
    return status;
}

enum status clock_look(struct db *db, struct registry *registry, struct arena *arena,
                       int64_t now_us, struct cutoff_notice **out_notices, size_t *out_count,
                       bool *out_more)
{
    struct look look = {.db = db,
                        .registry = registry,
                        .arena = arena,
                        .now_us = now_us,
                        .moves_only = true,
                        .notices =
                            arena_array(arena, CLOCK_NOTICES_MAX, sizeof(struct cutoff_notice))};
    if (look.notices == NULL)
        return STATUS_NO_MEMORY;
    enum status status = plans_look(&look);
    bool moved = look.count > 0;
    look.moves_only = false;
    if (status == STATUS_OK && !moved)
        status = plans_look(&look);
    if (status != STATUS_OK)
        return status;
    *out_notices = look.notices;
    *out_count = look.count;
    *out_more = look.more || moved;
    return STATUS_OK;
}
