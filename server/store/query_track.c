#include "server/store/query_track.h"

#include <string.h>

#include "record.pb-c.h"

/* Keys first and limited, so that states (the costly part) are worked out for one page only.
 * Comparing whole keys would be enough, but only unit ranges can be bounds of an index. A statement
 * keeps its own lines: */
/* clang-format off */
#define HOLDER(r) \
    ", coalesce((select h.holder from zhibao.unit_key h where h.key_id = " r ".key_id), '')"

static const char subjects_sql[] =
    "with page as ("
    " select k.* from ("
    "  select r.district, r.unit, r.id, 1 as kind, r.form_id, r.period, r.revision"
    "  from zhibao.report r"
    "  where r.district between $1::bigint and $2::bigint"
    "  and r.unit between greatest($3::bigint, $8::bigint) and $4::bigint"
    "  and ($5::bigint = 0 or r.period = $5::bigint) and ($6::bytea is null"
    "   or r.id between $6::bytea and $14::bytea)"
    "  union all"
    "  select c.district, c.unit, c.id, 3, c.form_id, c.period, c.revision"
    "  from zhibao.report_event c"
    "  where c.district between $1::bigint and $2::bigint and c.kind = 3"
    "  and c.unit between greatest($3::bigint, $8::bigint) and $4::bigint"
    "  and ($5::bigint = 0 or c.period = $5::bigint) and ($6::bytea is null"
    "   or c.id between $6::bytea and $14::bytea)"
    " ) k"
    " where ($7::text = '' or k.form_id in (select f.form_id from zhibao.form f"
    "  where f.form = $7::text))"
    " and (k.unit, k.period, k.form_id, k.revision, k.kind)"
    "  > ($8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint)"
    " order by k.unit, k.period, k.form_id, k.revision, k.kind limit $13::bigint)"
    " select p.district, p.form_id, p.period, p.revision, f.reporter = 'village', f.plan, f.form,"
    "  exists (select from zhibao.signature_check s where s.chain = r.chain"
    "   and s.number >= r.batch),"
    "  coalesce((select s.checked_us from zhibao.signature_checked s where s.chain = r.chain"
    "   and s.number >= r.batch order by s.number limit 1), 0), coalesce(r.entered_by, 0),"
    "  r.demonstration,"
    "  (select s.state from zhibao.report_state s where s.district = p.district"
    "   and s.unit = p.unit and s.id = p.id), " RECEIPT_COLUMNS("p.kind", "r") HOLDER("r")
    " from page p join zhibao.form f on f.form_id = p.form_id"
    " join zhibao.report r on r.district = p.district and r.unit = p.unit and r.id = p.id"
    " where p.kind = 1"
    " union all"
    " select p.district, p.form_id, p.period, p.revision, f.reporter = 'village', f.plan, f.form,"
    "  true, 0::bigint, 0::bigint, " DEMONSTRATION_TOTAL("c") ","
    "  (select s.state from zhibao.confirmation_state s where s.district = p.district"
    "   and s.unit = p.unit and s.id = p.id), " RECEIPT_COLUMNS("p.kind", "c") HOLDER("c")
    " from page p join zhibao.form f on f.form_id = p.form_id"
    " join zhibao.report_event c on c.district = p.district and c.unit = p.unit"
    "  and c.kind = 3 and c.id = p.id"
    " where p.kind = 3"
    " order by 14, 3, 2, 4, 13";
/* clang-format on */

static enum status subject_read(const PGresult *result, int row, struct arena *arena,
                                struct tracked_subject *out_subject)
{
    struct tracked_subject subject = {
        .district = (uint64_t)db_int(result, row, 0),
        .form_id = (int32_t)db_int(result, row, 1),
        .period = (int)db_int(result, row, 2),
        .revision = (int)db_int(result, row, 3),
        .village_form = db_bool(result, row, 4),
        .plan = arena_string(arena, db_text(result, row, 5)),
        .form = arena_string(arena, db_text(result, row, 6)),
        .checked = db_bool(result, row, 7),
        .checked_us = db_int(result, row, 8),
        .entered_by = (uint64_t)db_int(result, row, 9),
        .demonstration = db_bool(result, row, 10),
    };
    subject.holder = arena_string(arena, db_text(result, row, 12 + RECEIPT_COLUMN_COUNT));
    if (subject.plan == NULL || subject.form == NULL || subject.holder == NULL)
        return STATUS_NO_MEMORY;
    if (!record_state_parse(db_text(result, row, 11), &subject.state) ||
        !receipt_row_read(result, row, 12, &subject.record))
        return STATUS_MISMATCH;
    *out_subject = subject;
    return STATUS_OK;
}

static void add_id(struct db_params *params, const struct record_id *id)
{
    if (id == NULL)
        db_add_null(params);
    else
        db_add_bytes(params, id->bytes, RECORD_ID_BYTES);
}

enum status query_track_subjects(struct db *db, struct arena *arena,
                                 const struct track_filter *filter,
                                 const struct track_position *after, size_t limit,
                                 struct tracked_subject **out_subjects, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)filter->district);
    db_add_int(&params, filter->district == 0 ? INT64_MAX : (int64_t)filter->district);
    db_add_int(&params, (int64_t)filter->first_unit);
    db_add_int(&params, (int64_t)filter->last_unit);
    db_add_int(&params, filter->period);
    add_id(&params, filter->first_id);
    db_add_text(&params, filter->form);
    db_add_int(&params, after->unit);
    db_add_int(&params, after->period);
    db_add_int(&params, after->form_id);
    db_add_int(&params, after->revision);
    db_add_int(&params, after->kind);
    db_add_int(&params, (int64_t)limit);
    add_id(&params, filter->last_id);
    enum status status = db_run(db, subjects_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct tracked_subject *subjects = arena_array(arena, count, sizeof *subjects);
    if (subjects == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = subject_read(result, (int)i, arena, &subjects[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_subjects = subjects;
    *out_count = count;
    return STATUS_OK;
}

/* Reviews come from the subject's district or above, so events are looked up by subject alone. In
 * the order of the chain, whatever the clocks said. A statement keeps its own lines: */
/* clang-format off */
#define STEP_COLUMNS(event, e, total)                                                     \
    "select k.n, " event ", " e ".unit, " e ".received_us, " e ".reason, " total ", "     \
    RECEIPT_COLUMNS(e ".kind", e)
#define NO_TOTAL "0::bigint, null::bytea"
#define NAMED_TOTAL "k.confirmation_unit, k.confirmation_id"
#define NOT_VOID(kind, r)                                                                 \
    " and not exists (select from zhibao.void v where v.subject_unit = " r ".unit"        \
    "  and v.subject_id = " r ".id and v.subject_kind = " kind ")"
#define FORM_VERSIONS "(select f.form_id from zhibao.form f where f.plan = k.plan and f.form = k.form)"

static const char steps_sql[] =
    "with k as (select a.district, a.unit, a.id, a.kind, a.form_id, a.period, a.revision, a.n,"
    "  f.plan, f.form from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[],"
    "  $5::bigint[], $6::bigint[], $7::bigint[]) with ordinality"
    "  as a (district, unit, id, kind, form_id, period, revision, n)"
    "  join zhibao.form f on f.form_id = a.form_id),"
    " named as (select k.n, i.district, i.confirmation_unit, i.confirmation_id"
    "  from k join zhibao.confirmation_item i on i.district = k.district and i.unit = k.unit"
    "  and i.id = k.id where k.kind = 1)"
    " select s.*, coalesce((select h.holder from zhibao.unit_key h where h.key_id = s.key_id), '')"
    " from ("
    STEP_COLUMNS("e.event", "e", NO_TOTAL)
    "  from k join zhibao.report_event e on e.subject_unit = k.unit and e.subject_id = k.id"
    "   and e.subject_kind = k.kind"
    " union all "
    STEP_COLUMNS("e.event", "e", NAMED_TOTAL)
    "  from named k join zhibao.report_event e on e.district = k.district"
    "   and e.unit = k.confirmation_unit and e.kind = 3 and e.id = k.confirmation_id"
    " union all "
    STEP_COLUMNS("e.event", "e", NAMED_TOTAL)
    "  from named k join zhibao.report_event e on e.subject_unit = k.confirmation_unit"
    "   and e.subject_id = k.confirmation_id and e.subject_kind = 3"
    " union all "
    STEP_COLUMNS("e.event", "e", NO_TOTAL)
    "  from k join zhibao.report_event e on e.event in ('locked', 'unlocked')"
    "   and e.plan = k.plan and e.period = k.period"
    "   and e.place = any (zhibao.place_ancestors(k.district))"
    " union all"
    " select k.n, 'superseded', r.unit, r.received_us, '', " NO_TOTAL ", "
    RECEIPT_COLUMNS("1", "r")
    "  from k join zhibao.report r on r.district = k.district and r.unit = k.unit"
    "   and r.period = k.period and r.revision = k.revision + 1 and r.form_id in " FORM_VERSIONS
    "  where k.kind = 1" NOT_VOID("1", "r")
    " union all "
    STEP_COLUMNS("'superseded'", "e", NO_TOTAL)
    "  from k join zhibao.report_event e on e.district = k.district and e.unit = k.unit"
    "   and e.kind = 3 and e.period = k.period and e.revision = k.revision + 1"
    "   and e.form_id in " FORM_VERSIONS
    "  where k.kind = 3" NOT_VOID("3", "e")
    ") s order by 1, 16, 17, 18";
/* clang-format on */

static enum status step_read(const PGresult *result, int row, struct arena *arena,
                             struct track_step *out_step)
{
    struct track_step step = {
        .subject = (size_t)db_int(result, row, 0) - 1,
        .event = arena_string(arena, db_text(result, row, 1)),
        .actor = (uint64_t)db_int(result, row, 2),
        .time_us = db_int(result, row, 3),
        .reason = arena_string(arena, db_text(result, row, 4)),
        .total_unit = (uint64_t)db_int(result, row, 5),
    };
    size_t size = 0;
    const uint8_t *total = db_bytes(result, row, 6, &size);
    step.holder = arena_string(arena, db_text(result, row, 7 + RECEIPT_COLUMN_COUNT));
    if (step.event == NULL || step.reason == NULL || step.holder == NULL)
        return STATUS_NO_MEMORY;
    if (total != NULL && size == RECORD_ID_BYTES)
        memcpy(step.total.bytes, total, RECORD_ID_BYTES);
    if (!receipt_row_read(result, row, 7, &step.record))
        return STATUS_MISMATCH;
    *out_step = step;
    return STATUS_OK;
}

static enum status add_subjects(struct db_params *params, struct arena *arena,
                                const struct tracked_subject *subjects, size_t count)
{
    enum { COLUMNS = 6 };
    int64_t *columns[COLUMNS];
    struct db_bytes *ids = arena_array(arena, count, sizeof *ids);
    for (size_t c = 0; c < COLUMNS; c++) {
        columns[c] = arena_array(arena, count, sizeof **columns);
        if (columns[c] == NULL)
            return STATUS_NO_MEMORY;
    }
    if (ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        columns[0][i] = (int64_t)subjects[i].district;
        columns[1][i] = (int64_t)subjects[i].record.leaf.unit;
        columns[2][i] = subjects[i].record.leaf.kind;
        columns[3][i] = subjects[i].form_id;
        columns[4][i] = subjects[i].period;
        columns[5][i] = subjects[i].revision;
        ids[i] = (struct db_bytes){subjects[i].record.leaf.id.bytes, RECORD_ID_BYTES};
    }
    db_params_init(params, arena);
    db_add_ints(params, columns[0], count);
    db_add_ints(params, columns[1], count);
    db_add_bytes_array(params, ids, count);
    for (size_t c = 2; c < COLUMNS; c++)
        db_add_ints(params, columns[c], count);
    return STATUS_OK;
}

enum status query_track_steps(struct db *db, struct arena *arena,
                              const struct tracked_subject *subjects, size_t count,
                              struct track_step **out_steps, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_subjects(&params, arena, subjects, count);
    if (status == STATUS_OK)
        status = db_run(db, steps_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t step_count = (size_t)PQntuples(result);
    struct track_step *steps = arena_array(arena, step_count, sizeof *steps);
    if (steps == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < step_count && status == STATUS_OK; i++)
        status = step_read(result, (int)i, arena, &steps[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_steps = steps;
    *out_count = step_count;
    return STATUS_OK;
}
