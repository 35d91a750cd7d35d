#include "server/store/query_explained.h"

#include <string.h>

#include "server/store/query_array.h"

/* k: subject, district, unit and id of reports. Of each cell the newest explanation up to that
 * revision: an amendment that says nothing of it leaves the one before in place. A district's
 * consolidation says all that is said of it each time.
 *
 * Report by report (lateral, offset 0): one look into each index and one reading of the report's
 * columns, whatever the planner knows of the tables. */
/* clang-format off */
#define EXPLANATIONS_OF_K                                                                       \
    " select k.n, r.unit, r.form, e.text, e.cell, e.revision, e.presence, e.value"              \
    " from k cross join lateral (select t.district, t.unit, t.period, t.revision, t.cell,"      \
    " t.presence, t.value, f.plan, f.form, f.reporter from zhibao.report t"                     \
    " join zhibao.form f on f.form_id = t.form_id"                                              \
    " where t.district = k.d and t.unit = k.u and t.id = k.i offset 0) r"                       \
    " cross join lateral (select distinct on (x.cell) x.cell, x.text, x.revision,"              \
    " coalesce(o.presence, 4) as presence, coalesce(o.value, 0) as value"                       \
    " from zhibao.explanation x"                                                                \
    " left join unnest(r.cell, r.presence, r.value) o (cell, presence, value) on o.cell = x.cell" \
    " where x.district = r.district and x.period = r.period and x.unit = r.unit"                \
    " and x.revision <= r.revision and (x.revision = r.revision or r.reporter <> 'district')"   \
    " and x.form_id in"                                                                         \
    " (select v.form_id from zhibao.form v where v.plan = r.plan and v.form = r.form)"          \
    " order by x.cell, x.revision desc offset 0) e"                                             \
    " order by k.n, r.unit, r.form, e.cell limit 5000"
/* clang-format on */

static const char subjects_sql[] =
    "with s as (select * from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[])"
    " with ordinality as s (d, u, i, kind, n)),"
    " k as (select s.n, s.d, s.u, s.i from s where s.kind = 1"
    " union all select s.n, c.district, c.unit, c.id from s"
    " join zhibao.confirmation_item c on c.district = s.d and c.confirmation_unit = s.u"
    " and c.confirmation_id = s.i where s.kind = 3)" EXPLANATIONS_OF_K;

static const char span_sql[] =
    "with s as materialized (select distinct e.district, e.unit, f.plan, f.form"
    " from zhibao.explanation e join zhibao.form f on f.form_id = e.form_id"
    " where e.district = any ($1::bigint[]) and e.period = $2::bigint::smallint"
    " and e.unit between $3::bigint and $4::bigint),"
    " k as (select 1::bigint as n, s.district as d, s.unit as u, c.id as i from s"
    " cross join lateral (select r.id from zhibao.form v join zhibao.report r"
    " on r.district = s.district and r.period = $2::bigint::smallint and r.form_id = v.form_id"
    " and r.unit = s.unit where v.plan = s.plan and v.form = s.form"
    " and (select w.verdict from zhibao.latest_review(1::smallint, r.unit, r.id) w) = 'accepted'"
    " order by r.revision desc limit 1) c)" EXPLANATIONS_OF_K;

static const char previous_sql[] =
    "select r.period, r.revision, r.id,"
    " coalesce((select v.verdict from zhibao.latest_review(1::smallint, r.unit, r.id) v)"
    " = 'accepted', false), r.cell, r.presence, r.value"
    " from generate_series($4::bigint - $5::bigint, $4::bigint - 1) y (period)"
    " cross join lateral (select r.* from zhibao.report r where r.district = $1::bigint"
    " and r.period = y.period::smallint and r.unit = $2::bigint and r.form_id in"
    " (select v.form_id from zhibao.form v join zhibao.form f on f.plan = v.plan"
    " and f.form = v.form where f.form_id = $3::bigint)"
    " and not exists (select from zhibao.report_event b"
    " where b.event in ('bad_signature', 'withdrawn')"
    " and b.subject_unit = r.unit and b.subject_id = r.id)"
    " order by r.revision desc limit 1) r order by r.period desc";

static enum status rows_read(const PGresult *result, struct arena *arena,
                             struct explained_row **out_rows, size_t *out_count)
{
    size_t count = (size_t)PQntuples(result);
    struct explained_row *rows = arena_array(arena, count, sizeof *rows);
    if (rows == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        int row = (int)i;
        rows[i] = (struct explained_row){
            .subject = (size_t)db_int(result, row, 0) - 1,
            .unit = (uint64_t)db_int(result, row, 1),
            .form = arena_string(arena, db_text(result, row, 2)),
            .text = arena_string(arena, db_text(result, row, 3)),
            .cell = (uint32_t)db_int(result, row, 4),
            .revision = (int)db_int(result, row, 5),
            .presence = (uint32_t)db_int(result, row, 6),
            .value = db_double(result, row, 7),
        };
        if (rows[i].form == NULL || rows[i].text == NULL)
            return STATUS_NO_MEMORY;
    }
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}

enum status query_explained(struct db *db, struct arena *arena,
                            const struct explained_subject *subjects, size_t count,
                            struct explained_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    int64_t *districts = arena_array(arena, count, sizeof *districts);
    int64_t *units = arena_array(arena, count, sizeof *units);
    int64_t *kinds = arena_array(arena, count, sizeof *kinds);
    struct db_bytes *ids = arena_array(arena, count, sizeof *ids);
    *out_count = 0;
    if (districts == NULL || units == NULL || kinds == NULL || ids == NULL)
        return STATUS_NO_MEMORY;
    if (count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        districts[i] = (int64_t)subjects[i].district;
        units[i] = (int64_t)subjects[i].unit;
        kinds[i] = subjects[i].kind;
        ids[i] = (struct db_bytes){subjects[i].id.bytes, RECORD_ID_BYTES};
    }
    db_params_init(&params, arena);
    db_add_ints(&params, districts, count);
    db_add_ints(&params, units, count);
    db_add_bytes_array(&params, ids, count);
    db_add_ints(&params, kinds, count);
    enum status status = db_run(db, subjects_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    status = rows_read(result, arena, out_rows, out_count);
    PQclear(result);
    return status;
}

enum status query_explained_span(struct db *db, struct arena *arena, const int64_t *districts,
                                 size_t district_count, int period, int64_t first_unit,
                                 int64_t last_unit, struct explained_row **out_rows,
                                 size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, districts, district_count);
    db_add_int(&params, period);
    db_add_int(&params, first_unit);
    db_add_int(&params, last_unit);
    enum status status = db_run(db, span_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    status = rows_read(result, arena, out_rows, out_count);
    PQclear(result);
    return status;
}

enum status query_previous(struct db *db, struct arena *arena, uint64_t district, uint64_t unit,
                           int32_t form_id, int before, int years, struct previous_row **out_rows,
                           size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)unit);
    db_add_int(&params, form_id);
    db_add_int(&params, before);
    db_add_int(&params, years);
    enum status status = db_run(db, previous_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct previous_row *rows = arena_array(arena, count, sizeof *rows);
    status = rows == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        size_t size = 0;
        const uint8_t *id = db_bytes(result, (int)i, 2, &size);
        rows[i].period = (int)db_int(result, (int)i, 0);
        rows[i].revision = (int)db_int(result, (int)i, 1);
        rows[i].accepted = db_bool(result, (int)i, 3);
        if (size == RECORD_ID_BYTES)
            memcpy(rows[i].id.bytes, id, RECORD_ID_BYTES);
        status = observations_read(result, (int)i, 4, arena, &rows[i].observations);
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}
