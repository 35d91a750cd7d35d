#include "server/store/query_quality.h"

static const char arrivals_sql[] =
    "select r.unit, r.period, r.form_id, r.revision, r.received_us,"
    " case when r.revision > 1 then r.payload end"
    " from zhibao.report r"
    " where r.district = any ($1::bigint[]) and r.period = any ($2::bigint[])"
    " and r.unit between $3::bigint and $4::bigint and r.form_id = any ($5::bigint[])"
    " and not exists (select from zhibao.report_event b"
    " where b.event in ('bad_signature', 'withdrawn')"
    " and b.subject_unit = r.unit and b.subject_id = r.id)"
    " order by r.unit, r.period, r.form_id, r.revision";

enum status query_arrivals(struct db *db, struct arena *arena, const struct report_scope *scope,
                           arrival_visitor visit, void *context)
{
    struct unit_span span = unit_span_of(scope->place);
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, scope->districts, scope->district_count);
    db_add_ints(&params, scope->periods, scope->period_count);
    db_add_int(&params, span.first_unit);
    db_add_int(&params, span.last_unit);
    db_add_ints(&params, scope->forms, scope->form_count);
    enum status status = db_run(db, arrivals_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result) && status == STATUS_OK; row++) {
        struct arrival arrival = {.unit = (uint64_t)db_int(result, row, 0),
                                  .period = (int)db_int(result, row, 1),
                                  .form_id = (int32_t)db_int(result, row, 2),
                                  .revision = (int)db_int(result, row, 3),
                                  .received_us = db_int(result, row, 4)};
        if (arrival.revision > 1)
            arrival.payload = db_bytes(result, row, 5, &arrival.payload_size);
        status = visit(context, &arrival);
    }
    PQclear(result);
    return status;
}
