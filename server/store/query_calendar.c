#include "server/store/query_calendar.h"

#include <string.h>

#include "server/store/query_array.h"

static void plan_period(struct db_params *params, struct arena *arena, const char *plan, int period)
{
    db_params_init(params, arena);
    db_add_text(params, plan);
    db_add_int(params, period);
}

static enum status days_read(const PGresult *result, int row, int column, struct cutoff_days *days)
{
    struct array_reader reader;
    array_open(&reader, result, row, column);
    days->reminder_count = 0;
    while (reader.count > 0 && days->reminder_count < CUTOFF_REMINDERS_MAX)
        days->reminders[days->reminder_count++] = (uint32_t)array_next_int(&reader);
    return reader.bad ? STATUS_MISMATCH : STATUS_OK;
}

static enum status entries_load(struct db *db, struct arena *arena, struct cutoff_book *book)
{
    struct db_params params;
    PGresult *result = NULL;
    plan_period(&params, arena, book->plan->code, book->period);
    enum status status =
        db_run(db,
               "select form, level, place, opens_us, due_us, reminder_days, escalation_days,"
               " received_us from zhibao.calendar_entry where plan = $1 and period = $2::smallint"
               " order by chain, batch, leaf",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct cutoff_entry *entries = arena_array(arena, count, sizeof *entries);
    if (entries == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct cutoff_entry *entry = &entries[i];
        int row = (int)i;
        entry->form = arena_string(arena, db_text(result, row, 0));
        entry->level = (enum cutoff_level)db_int(result, row, 1);
        entry->place = (uint64_t)db_int(result, row, 2);
        entry->opens_us = db_int(result, row, 3);
        entry->due_us = db_int(result, row, 4);
        status = days_read(result, row, 5, &entry->days);
        entry->days.escalation = (uint32_t)db_int(result, row, 6);
        entry->made_us = db_int(result, row, 7);
        if (entry->form == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    book->entries = entries;
    book->entry_count = count;
    return status;
}

static enum status exceptions_load(struct db *db, struct arena *arena, struct cutoff_book *book)
{
    struct db_params params;
    PGresult *result = NULL;
    plan_period(&params, arena, book->plan->code, book->period);
    enum status status = db_run(db,
                                "select about_unit, form, level, until_us, received_us, reason"
                                " from zhibao.extension where plan = $1 and period = $2::smallint"
                                " order by chain, batch, leaf",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct cutoff_exception *exceptions = arena_array(arena, count, sizeof *exceptions);
    if (exceptions == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int row = (int)i;
        exceptions[i] =
            (struct cutoff_exception){.unit = (uint64_t)db_int(result, row, 0),
                                      .form = arena_string(arena, db_text(result, row, 1)),
                                      .level = (enum cutoff_level)db_int(result, row, 2),
                                      .until_us = db_int(result, row, 3),
                                      .made_us = db_int(result, row, 4),
                                      .reason = arena_string(arena, db_text(result, row, 5))};
        if (exceptions[i].form == NULL || exceptions[i].reason == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    book->exceptions = exceptions;
    book->exception_count = count;
    return status;
}

static enum status moves_load(struct db *db, struct arena *arena, struct cutoff_book *book)
{
    struct db_params params;
    PGresult *result = NULL;
    plan_period(&params, arena, book->plan->code, book->period);
    enum status status =
        db_run(db,
               "select district, form, level, due_us, until_us, outage_us from zhibao.cutoff_notice"
               " where plan = $1 and period = $2::smallint and notice = 'cutoff_moved'"
               " order by chain, batch, leaf",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct cutoff_move *moves = arena_array(arena, count, sizeof *moves);
    if (moves == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int row = (int)i;
        moves[i] = (struct cutoff_move){.place = (uint64_t)db_int(result, row, 0),
                                        .form = arena_string(arena, db_text(result, row, 1)),
                                        .level = (enum cutoff_level)db_int(result, row, 2),
                                        .from_us = db_int(result, row, 3),
                                        .to_us = db_int(result, row, 4),
                                        .outage_us = db_int(result, row, 5)};
        if (moves[i].form == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    book->moves = moves;
    book->move_count = count;
    return status;
}

static enum status outages_load(struct db *db, struct arena *arena, struct cutoff_book *book)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, OUTAGES_MAX);
    enum status status =
        db_run(db,
               "select from_us, to_us from (select from_us, to_us from zhibao.outage"
               " where chain = 1 order by from_us desc limit $1::bigint) o order by from_us",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct outage *outages = arena_array(arena, count, sizeof *outages);
    for (size_t i = 0; i < count && outages != NULL; i++)
        outages[i] = (struct outage){db_int(result, (int)i, 0), db_int(result, (int)i, 1)};
    PQclear(result);
    book->outages = outages;
    book->outage_count = count;
    return outages == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_cutoff_book(struct db *db, struct arena *arena, const struct plan *plan,
                              int period, struct cutoff_book *out_book)
{
    struct cutoff_book book = {.plan = plan, .period = period};
    enum status status = entries_load(db, arena, &book);
    if (status == STATUS_OK)
        status = exceptions_load(db, arena, &book);
    if (status == STATUS_OK)
        status = moves_load(db, arena, &book);
    if (status == STATUS_OK)
        status = outages_load(db, arena, &book);
    if (status == STATUS_OK)
        *out_book = book;
    return status;
}

enum status query_owed(struct db *db, struct arena *arena, const struct owed_scope *scope,
                       struct owed_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    plan_period(&params, arena, scope->plan, scope->period);
    db_add_text(&params, scope->form);
    db_add_int(&params, (int64_t)scope->first_unit);
    db_add_int(&params, (int64_t)scope->last_unit);
    db_add_bool(&params, scope->missing);
    enum status status =
        db_run(db,
               "select o.unit, o.district, o.form, o.level, coalesce(o.first_us, 0), o.waiting,"
               " o.accepted, o.final, coalesce(s.seen_us, 0)"
               " from zhibao.owed_report o left join zhibao.unit_seen s on s.unit = o.unit"
               " where o.plan = $1 and o.period = $2::smallint and ($3 = '' or o.form = $3)"
               " and o.unit between $4::bigint and $5::bigint and not ($6::boolean and o.waiting)"
               " order by o.unit, o.form, o.level",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct owed_row *rows = arena_array(arena, count, sizeof *rows);
    if (rows == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int row = (int)i;
        rows[i] = (struct owed_row){.unit = (uint64_t)db_int(result, row, 0),
                                    .district = (uint64_t)db_int(result, row, 1),
                                    .form = arena_string(arena, db_text(result, row, 2)),
                                    .level = (enum cutoff_level)db_int(result, row, 3),
                                    .first_us = db_int(result, row, 4),
                                    .waiting = db_bool(result, row, 5),
                                    .accepted = db_bool(result, row, 6),
                                    .final = db_bool(result, row, 7),
                                    .seen_us = db_int(result, row, 8)};
        if (rows[i].form == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}

enum status query_service_mark(struct db *db, int64_t *out_seen_us)
{
    PGresult *result = NULL;
    enum status status =
        db_run(db, "select seen_us from zhibao.service_mark where chain = 1", NULL, &result);
    if (status != STATUS_OK)
        return status;
    *out_seen_us = PQntuples(result) == 1 ? db_int(result, 0, 0) : 0;
    PQclear(result);
    return STATUS_OK;
}

enum status query_plan_codes(struct db *db, struct arena *arena, const char ***out_codes,
                             size_t *out_count)
{
    PGresult *result = NULL;
    enum status status = db_run(db, "select plan from zhibao.plan order by plan", NULL, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    const char **codes = arena_array(arena, count, sizeof *codes);
    for (size_t i = 0; i < count && codes != NULL; i++)
        codes[i] = arena_string(arena, db_text(result, (int)i, 0));
    PQclear(result);
    for (size_t i = 0; i < count; i++)
        if (codes == NULL || codes[i] == NULL)
            return STATUS_NO_MEMORY;
    *out_codes = codes;
    *out_count = count;
    return STATUS_OK;
}

static enum cutoff_notice_kind kind_of(const char *word)
{
    return strcmp(word, "reminder") == 0  ? CUTOFF_REMINDER
           : strcmp(word, "overdue") == 0 ? CUTOFF_OVERDUE
                                          : CUTOFF_MOVED;
}

enum status query_cutoff_notices(struct db *db, struct arena *arena, const char *plan, int period,
                                 struct cutoff_notice **out_notices, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    plan_period(&params, arena, plan, period);
    enum status status =
        db_run(db,
               "select notice, form, level, about_unit, district, due_us, days, until_us, outage_us"
               " from zhibao.cutoff_notice where plan = $1 and period = $2::smallint",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct cutoff_notice *notices = arena_array(arena, count, sizeof *notices);
    if (notices == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int row = (int)i;
        notices[i] = (struct cutoff_notice){.kind = kind_of(db_text(result, row, 0)),
                                            .plan = plan,
                                            .period = period,
                                            .form = arena_string(arena, db_text(result, row, 1)),
                                            .level = (enum cutoff_level)db_int(result, row, 2),
                                            .unit = (uint64_t)db_int(result, row, 3),
                                            .district = (uint64_t)db_int(result, row, 4),
                                            .due_us = db_int(result, row, 5),
                                            .days = (uint32_t)db_int(result, row, 6),
                                            .until_us = db_int(result, row, 7),
                                            .outage = {.from_us = db_int(result, row, 8)}};
        if (notices[i].form == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_notices = notices;
    *out_count = count;
    return STATUS_OK;
}
