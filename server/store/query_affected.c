#include "server/store/query_affected.h"

#include <string.h>

#include "base/unit_id.h"
#include "server/store/query_array.h"

enum status query_lock_events(struct db *db, struct arena *arena, const char *plan, uint64_t place,
                              int period, struct lock_event **out_events, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    db_add_int(&params, period);
    db_add_int(&params, (int64_t)place);
    enum status status =
        db_run(db,
               "select e.event = 'locked', e.batch, e.received_us, e.unit, e.reason, e.id"
               " from zhibao.report_event e where e.event in ('locked', 'unlocked')"
               " and e.plan = $1::text and e.period = $2::bigint"
               " and e.place = any (zhibao.place_ancestors($3::bigint))"
               " order by e.chain, e.batch, e.leaf",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct lock_event *events = arena_array(arena, count, sizeof *events);
    if (events == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int row = (int)i;
        events[i] = (struct lock_event){.locked = db_bool(result, row, 0),
                                        .batch = db_int(result, row, 1),
                                        .time_us = db_int(result, row, 2),
                                        .unit = (uint64_t)db_int(result, row, 3),
                                        .reason = arena_string(arena, db_text(result, row, 4))};
        if (events[i].reason == NULL)
            status = STATUS_NO_MEMORY;
        else if (!db_fixed(result, row, 5, events[i].id.bytes, RECORD_ID_BYTES))
            status = STATUS_MISMATCH;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_events = events;
    *out_count = count;
    return STATUS_OK;
}

enum status query_stored_report(struct db *db, struct arena *arena, uint64_t district,
                                uint64_t unit, const struct record_id *id, int32_t *out_form_id,
                                bool *out_demonstration, struct observations *out_observations)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)unit);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    enum status status = db_run(db,
                                "select r.form_id, r.demonstration, r.cell, r.presence, r.value"
                                " from zhibao.report r where r.district = $1::bigint"
                                " and r.unit = $2::bigint and r.id = $3::bytea",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0) {
        status = STATUS_NOT_FOUND;
    } else {
        *out_form_id = (int32_t)db_int(result, 0, 0);
        *out_demonstration = db_bool(result, 0, 1);
        status = observations_read(result, 0, 2, arena, out_observations);
    }
    PQclear(result);
    return status;
}

/* k: what was replaced; a bytea of no bytes where nothing counted. b: the batch from which on
 * nothing of the old figures was published, which is that of the first change after the unlocking.
 */
/* clang-format off: a statement keeps its own lines */
static const char results_sql[] =
    "with k as (select a.d, a.u, a.f, a.i, (a.u / 1000 - a.u / 1000 % 1000) * 1000 as township"
    "  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[]) a (d, u, f, i)),"
    " b as (select coalesce(min(e.batch), $8::bigint) as batch,"
    "   coalesce(min(e.received_us), 9223372036854775807) as time_us"
    "  from zhibao.report_event e join k on e.district = k.d"
    "  where e.event = 'corrected' and e.period = $7::bigint and e.batch > $8::bigint)"
    " select 'total' as what, c.unit, 3::bigint as kind, c.id, c.received_us, c.revision::bigint,"
    "  c.state, c.form, '' as detail, k.u as of_unit"
    " from k join zhibao.form kf on kf.form_id = k.f and kf.reporter = 'village'"
    " join zhibao.confirmation_state c on c.district = k.d and c.unit = k.township"
    "  and c.plan = $5::text and c.form = kf.form and c.period = $7::bigint"
    "  and c.batch < $8::bigint and c.state not in ('withdrawn', 'bad_signature')"
    " cross join lateral (select count(*) > 0 as any, coalesce(bool_or(i.id = k.i), false) as this"
    "  from zhibao.confirmation_item i where i.district = c.district"
    "  and i.confirmation_unit = c.unit and i.confirmation_id = c.id and i.unit = k.u) n"
    " where n.this or (k.i = '' and not n.any)"
    " union all"
    " select 'sign_off', e.unit, e.kind, e.id, e.received_us, r.revision,"
    "  case e.event when 'reviewed' then 'reviewed' else 'signed' end, f.form,"
    "  coalesce((select h.holder from zhibao.unit_key h where h.key_id = e.key_id), ''), k.u"
    " from k join zhibao.report r on r.district = k.d and r.unit = k.u and r.id = k.i"
    " join zhibao.form f on f.form_id = r.form_id"
    " join zhibao.report_event e on e.subject_unit = k.u and e.subject_id = k.i"
    "  and e.subject_kind = 1 and e.event in ('reviewed', 'signed')"
    " union all"
    " select 'attachment', d.unit, 12, d.id, d.received_us, 0, d.state, '', d.file_name, k.u"
    " from k join zhibao.document_state d on d.district = k.d and d.unit = k.u"
    "  and d.report_id = k.i and d.duty = ''"
    " union all"
    " select 'lock', e.unit, e.kind, e.id, e.received_us, 0, 'locked', '', '', 0"
    " from zhibao.report_event e where e.event = 'locked' and e.plan = $5::text"
    "  and e.period = $7::bigint and e.place = any (zhibao.place_ancestors($6::bigint))"
    "  and e.batch < $8::bigint"
    " union all"
    " select 'document', d.unit, 12, d.id, d.received_us, 0, d.state, '',"
    "  d.duty || ' ' || d.file_name, 0"
    " from b, zhibao.document_state d"
    " join zhibao.duty y on y.plan = d.plan and y.duty = d.duty and y.what in ('evaluation',"
    "  'implementation_report', 'monitoring_report', 'yearbook')"
    " where d.plan = $5::text and d.period in (0, $7::bigint) and d.batch < b.batch"
    "  and d.unit between $9::bigint and $10::bigint"
    " union all"
    " select 'uplink', s.unit, 0, '', s.told_us, s.revision, (array['stored', 'stored',"
    "  'checked', 'accepted', 'returned', 'confirmed', 'final', 'locked', 'superseded',"
    "  'bad_signature', 'withdrawn'])[s.state + 1], s.form, s.plan, 0"
    " from b, zhibao.uplink_state s where s.period = $7::bigint"
    "  and s.unit between $9::bigint and $10::bigint and s.revision > 0"
    " order by 1, 2, 5 limit $11::bigint";
/* clang-format on */

static enum status add_replaced(struct db_params *params, struct arena *arena,
                                const struct affected_scope *scope)
{
    size_t count = scope->replaced_count;
    int64_t *districts = arena_array(arena, count, sizeof *districts);
    int64_t *units = arena_array(arena, count, sizeof *units);
    int64_t *forms = arena_array(arena, count, sizeof *forms);
    struct db_bytes *ids = arena_array(arena, count, sizeof *ids);
    if (districts == NULL || units == NULL || forms == NULL || ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct replaced_report *replaced = &scope->replaced[i];
        districts[i] = (int64_t)replaced->district;
        units[i] = (int64_t)replaced->unit;
        forms[i] = replaced->form_id;
        ids[i] = (struct db_bytes){replaced->id.bytes, replaced->had ? RECORD_ID_BYTES : 0};
    }
    db_params_init(params, arena);
    db_add_ints(params, districts, count);
    db_add_ints(params, units, count);
    db_add_ints(params, forms, count);
    db_add_bytes_array(params, ids, count);
    return STATUS_OK;
}

static enum status result_read(const PGresult *result, int row, struct arena *arena,
                               struct affected_result *out_result)
{
    struct affected_result read = {.what = arena_string(arena, db_text(result, row, 0)),
                                   .unit = (uint64_t)db_int(result, row, 1),
                                   .kind = (int)db_int(result, row, 2),
                                   .time_us = db_int(result, row, 4),
                                   .revision = (int)db_int(result, row, 5),
                                   .form = arena_string(arena, db_text(result, row, 7)),
                                   .detail = arena_string(arena, db_text(result, row, 8)),
                                   .of_unit = (uint64_t)db_int(result, row, 9)};
    if (read.what == NULL || read.form == NULL || read.detail == NULL)
        return STATUS_NO_MEMORY;
    if ((read.kind != 0 && !db_fixed(result, row, 3, read.id.bytes, RECORD_ID_BYTES)) ||
        !record_state_parse(db_text(result, row, 6), &read.state))
        return STATUS_MISMATCH;
    *out_result = read;
    return STATUS_OK;
}

enum status query_affected_results(struct db *db, struct arena *arena,
                                   const struct affected_scope *scope,
                                   struct affected_result **out_results, size_t *out_count)
{
    struct unit_span span = unit_span_of(scope->place);
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_replaced(&params, arena, scope);
    if (status != STATUS_OK)
        return status;
    db_add_text(&params, scope->plan);
    db_add_int(&params, (int64_t)scope->place);
    db_add_int(&params, scope->period);
    db_add_int(&params, scope->unlocked);
    db_add_int(&params, span.first_unit);
    db_add_int(&params, span.last_unit);
    db_add_int(&params, AFFECTED_RESULTS_MAX);
    status = db_run(db, results_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct affected_result *results = arena_array(arena, count, sizeof *results);
    if (results == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = result_read(result, (int)i, arena, &results[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_results = results;
    *out_count = count;
    return STATUS_OK;
}
