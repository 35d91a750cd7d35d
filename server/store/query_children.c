#include "server/store/query_children.h"

#include "server/store/query_array.h"

static const char earlier_sql[] =
    "select distinct on (r.unit) r.unit, r.form_id, r.cell, r.presence, r.value"
    " from zhibao.report r"
    " where r.district = any ($1::bigint[]) and r.unit = any ($2::bigint[])"
    " and r.form_id = any ($3::bigint[]) and r.period < $4::bigint"
    " and r.batch < $5::bigint and exists (select from zhibao.report_event e where e.district = "
    "r.district"
    "  and e.subject_unit = r.unit and e.subject_id = r.id and e.event = 'accepted'"
    "  and e.batch < $5::bigint)"
    " order by r.unit, r.period desc, r.revision desc";

enum status query_earlier(struct db *db, struct arena *arena, const struct report_scope *scope,
                          const int64_t *units, size_t unit_count, int period,
                          struct earlier_report **out_reports, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, scope->districts, scope->district_count);
    db_add_ints(&params, units, unit_count);
    db_add_ints(&params, scope->forms, scope->form_count);
    db_add_int(&params, period);
    db_add_int(&params, scope_before(scope));
    enum status status = db_run(db, earlier_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct earlier_report *reports = arena_array(arena, count, sizeof *reports);
    if (reports == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        reports[i].unit = (uint64_t)db_int(result, (int)i, 0);
        reports[i].form_id = (int32_t)db_int(result, (int)i, 1);
        status = observations_read(result, (int)i, 2, arena, &reports[i].observations);
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_reports = reports;
    *out_count = count;
    return STATUS_OK;
}
