#include "server/store/query_confirmed.h"

#include <string.h>

#include "base/unit_id.h"
#include "server/chain/rules.h"

/* The latest confirmation of a total that is not returned makes "confirmed", the latest accepted
 * one "final"; one whose own signature was found bad is neither. */
static const char confirmed_sql[] =
    "with t as (select c.district, c.unit, c.id, f.form, c.revision, v.event as verdict"
    "  from zhibao.report_event c join zhibao.form f on f.form_id = c.form_id"
    "  left join lateral (select e.event from zhibao.report_event e"
    "   where e.subject_unit = c.unit and e.subject_id = c.id and e.subject_kind = 3"
    "   and e.event in ('accepted', 'returned', 'withdrawn') and e.batch < $6::bigint"
    "   order by e.chain desc, e.batch desc, e.leaf desc limit 1) v on true"
    "  where c.district = any ($1::bigint[]) and c.period = $2::bigint"
    "  and c.event = 'confirmed' and c.unit between $3::bigint and $4::bigint"
    "  and c.form_id = any ($5::bigint[]) and c.batch < $6::bigint"
    "  and not exists (select from zhibao.report_event b where b.subject_unit = c.unit"
    "   and b.subject_id = c.id and b.subject_kind = 3 and b.event = 'bad_signature'"
    "   and b.batch < $6::bigint)),"
    " s as (select t.*,"
    "  max(t.revision) filter (where coalesce(t.verdict, '') not in ('returned', 'withdrawn')) "
    "over total as newest,"
    "  max(t.revision) filter (where t.verdict = 'accepted') over total as accepted"
    "  from t window total as (partition by t.unit, t.form))"
    " select i.unit, i.id, bool_or(s.revision = s.newest), bool_or(s.revision = s.accepted)"
    " from s join zhibao.confirmation_item i on i.district = s.district"
    "  and i.confirmation_unit = s.unit and i.confirmation_id = s.id"
    " where s.revision in (s.newest, s.accepted) group by i.unit, i.id order by i.unit, i.id";

enum status query_confirmed(struct db *db, struct arena *arena, const struct report_scope *scope,
                            struct confirmed_report **out_reports, size_t *out_count)
{
    uint64_t place = scope->place;
    if (place_level(place) == PLACE_VILLAGE) /* whose total is its township's */
        place = place_ancestor(place, PLACE_TOWNSHIP);
    struct report_scope within = {.place = place, .alone = scope->alone};
    struct unit_span span = unit_span_of_scope(&within);
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, scope->districts, scope->district_count);
    db_add_int(&params, scope->periods[0]);
    db_add_int(&params, span.first_unit);
    db_add_int(&params, span.last_unit);
    db_add_ints(&params, scope->forms, scope->form_count);
    db_add_int(&params, scope_before(scope));
    enum status status = db_run(db, confirmed_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct confirmed_report *reports = arena_array(arena, count, sizeof *reports);
    if (reports == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        reports[i].unit = (uint64_t)db_int(result, (int)i, 0);
        reports[i].current = db_bool(result, (int)i, 2);
        reports[i].final = db_bool(result, (int)i, 3);
        if (!db_fixed(result, (int)i, 1, reports[i].id.bytes, RECORD_ID_BYTES))
            status = STATUS_MISMATCH;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_reports = reports;
    *out_count = count;
    return STATUS_OK;
}

enum status query_confirmed_revision(struct db *db, struct arena *arena, uint64_t district,
                                     uint64_t township_unit, const int64_t *forms,
                                     size_t form_count, int period, int *out_revision)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)township_unit);
    db_add_ints(&params, forms, form_count);
    db_add_int(&params, period);
    enum status status = db_run(db,
                                "select coalesce(max(c.revision), 0)::bigint"
                                " from zhibao.report_event c where c.district = $1::bigint"
                                " and c.unit = $2::bigint and c.kind = 3"
                                " and c.form_id = any ($3::bigint[]) and c.period = $4::bigint",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_revision = (int)db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status query_confirmed_state(struct db *db, struct arena *arena, uint64_t district,
                                  uint64_t township_unit, const char *plan, const char *form,
                                  int period, uint32_t *out_revision, int *out_state)
{
    struct db_params params;
    PGresult *result = NULL;
    enum record_state state = STATE_STORED;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)township_unit);
    db_add_text(&params, plan);
    db_add_text(&params, form);
    db_add_int(&params, period);
    enum status status = db_run(db,
                                "select c.revision, c.state from zhibao.confirmation_state c"
                                " where c.district = $1::bigint and c.unit = $2::bigint"
                                " and c.plan = $3::text and c.form = $4::text"
                                " and c.period = $5::bigint and c.state <> 'withdrawn'"
                                " order by c.revision desc limit 1",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0) {
        *out_revision = 0;
        *out_state = 0;
    } else if (record_state_parse(db_text(result, 0, 1), &state)) {
        *out_revision = (uint32_t)db_int(result, 0, 0);
        *out_state = (int)state;
    } else {
        status = STATUS_MISMATCH;
    }
    PQclear(result);
    return status;
}
