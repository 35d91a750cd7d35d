#include "server/store/query_standing.h"

#include <string.h>

#include "server/store/query_array.h"

static const char standing_sql[] =
    "select distinct on (s.unit, s.form) s.unit, s.form_id, s.id, s.revision, s.state, s.counts,"
    " s.demonstration, coalesce(s.entered_by, 0), r.cell, r.presence, r.value"
    " from zhibao.report_state s"
    " join zhibao.report r on r.district = s.district and r.unit = s.unit and r.id = s.id"
    " where s.district = any ($1::bigint[]) and s.period = $2::bigint"
    " and s.unit between $3::bigint and $4::bigint and s.form_id = any ($5::bigint[])"
    " and (s.counts or s.state in ('stored', 'checked', 'reviewed', 'signed'))"
    " order by s.unit, s.form, s.counts desc, s.revision desc limit $6::bigint";

static enum status row_read(const PGresult *result, int row, struct arena *arena,
                            struct standing_report *out_report)
{
    struct standing_report report = {
        .unit = (uint64_t)db_int(result, row, 0),
        .form_id = (int32_t)db_int(result, row, 1),
        .revision = (int)db_int(result, row, 3),
        .counts = db_bool(result, row, 5),
        .demonstration = db_bool(result, row, 6),
        .entered_by = (uint64_t)db_int(result, row, 7),
    };
    if (!db_fixed(result, row, 2, report.id.bytes, RECORD_ID_BYTES) ||
        !record_state_parse(db_text(result, row, 4), &report.state))
        return STATUS_MISMATCH;
    enum status status = observations_read(result, row, 8, arena, &report.observations);
    if (status == STATUS_OK)
        *out_report = report;
    return status;
}

enum status query_standing(struct db *db, struct arena *arena, const struct report_scope *scope,
                           struct standing_report **out_reports, size_t *out_count)
{
    struct unit_span span = unit_span_of(scope->place);
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, scope->districts, scope->district_count);
    db_add_int(&params, scope->periods[0]);
    db_add_int(&params, span.first_unit);
    db_add_int(&params, span.last_unit);
    db_add_ints(&params, scope->forms, scope->form_count);
    db_add_int(&params, STANDING_MAX + 1);
    enum status status = db_run(db, standing_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct standing_report *reports = arena_array(arena, count, sizeof *reports);
    if (count > STANDING_MAX)
        status = STATUS_LIMIT;
    else if (reports == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = row_read(result, (int)i, arena, &reports[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_reports = reports;
    *out_count = count;
    return STATUS_OK;
}
