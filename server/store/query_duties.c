#include "server/store/query_duties.h"

#include <string.h>

enum status query_duty_units(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                             uint64_t after, size_t limit, uint64_t **out_units, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, (int64_t)after);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db,
                                "select u.unit from zhibao.unit u where u.unit between $1::bigint"
                                " and $2::bigint and u.unit > $3::bigint order by u.unit"
                                " limit $4::bigint",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    uint64_t *units = arena_array(arena, count, sizeof *units);
    for (size_t i = 0; units != NULL && i < count; i++)
        units[i] = (uint64_t)db_int(result, (int)i, 0);
    PQclear(result);
    if (units == NULL)
        return STATUS_NO_MEMORY;
    *out_units = units;
    *out_count = count;
    return STATUS_OK;
}

static const char sent_sql[] =
    "select r.unit, false, r.plan, r.form, r.period, r.id, r.payload_sha256, r.state,"
    " coalesce(r.reason, ''), r.received_us, 0, (select min(o.received_us)"
    "  from zhibao.report o join zhibao.form f on f.form_id = o.form_id"
    "  where o.district = r.district and o.unit = r.unit and o.period = r.period"
    "  and f.plan = r.plan and f.form = r.form and not exists (select from zhibao.void v"
    "   where v.subject_kind = 1 and v.subject_unit = o.unit and v.subject_id = o.id))"
    " from unnest($1::bigint[], $2::bigint[]) k (district, unit)"
    " join zhibao.report_state r on r.district = k.district and r.unit = k.unit"
    "  and r.period = $3::int and not r.newer and not r.bad_signature"
    " union all"
    " select d.unit, true, d.plan, d.duty, d.period, d.id, e.payload_sha256, d.state,"
    " coalesce(d.reason, ''), d.received_us, d.promulgated, d.received_us"
    " from unnest($1::bigint[], $2::bigint[]) k (district, unit)"
    " join zhibao.document_state d on d.district = k.district and d.unit = k.unit"
    "  and d.duty <> '' and d.period in (0, $3::int) and not d.newer"
    " join zhibao.registry_event e on e.district = d.district and e.unit = d.unit and e.kind = 12"
    "  and e.id = d.id";

static enum status sent_read(const PGresult *result, int row, struct arena *arena,
                             struct sent_row *out_row)
{
    struct sent_row read = {
        .unit = (uint64_t)db_int(result, row, 0),
        .document = db_bool(result, row, 1),
        .plan = arena_string(arena, db_text(result, row, 2)),
        .name = arena_string(arena, db_text(result, row, 3)),
        .period = (int)db_int(result, row, 4),
        .state = arena_string(arena, db_text(result, row, 7)),
        .reason = arena_string(arena, db_text(result, row, 8)),
        .sent_us = db_int(result, row, 9),
        .promulgated = (uint32_t)db_int(result, row, 10),
        .first_us = db_int(result, row, 11),
    };
    if (read.plan == NULL || read.name == NULL || read.state == NULL || read.reason == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 5, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 6, read.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    *out_row = read;
    return STATUS_OK;
}

enum status query_sent(struct db *db, struct arena *arena, const int64_t *districts,
                       const int64_t *units, size_t unit_count, int year,
                       struct sent_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, districts, unit_count);
    db_add_ints(&params, units, unit_count);
    db_add_int(&params, year);
    enum status status = db_run(db, sent_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct sent_row *rows = arena_array(arena, count, sizeof *rows);
    if (rows == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = sent_read(result, (int)i, arena, &rows[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}
