#include "server/store/query_pending.h"

#include "server/store/query_track.h"

/* Conditions that reports and confirmations (t, of kind `kind` and form f) share. */
#define WAITS(kind)                                                                              \
    " t.district between $11::bigint and $12::bigint"                                            \
    " and (f.reporter = 'district') = (t.district <> $1::bigint) and t.unit between $3::bigint " \
    "and $4::bigint"                                                                             \
    " and ($5::text = '' or f.form = $5::text)"                                                  \
    " and ($6::bigint = 0 or t.period = $6::bigint)"                                             \
    " and (t.chain, t.batch, t.leaf) > ($7::bigint, $8::bigint, $9::bigint)"                     \
    " and not exists (select from zhibao.report_event e where e.subject_unit = t.unit"           \
    "  and e.subject_id = t.id and e.subject_kind = " kind                                       \
    "  and e.event in ('accepted', 'returned', 'withdrawn', 'objected', 'bad_signature'))"       \
    " and not exists (select from zhibao.period_lock l where l.plan = f.plan"                    \
    "  and l.period = t.period and l.locked"                                                     \
    "  and l.place = any (zhibao.place_ancestors(t.district)))"

/* n: a later revision of t, of the same form in whatever version, with a good signature. */
#define NEWER(kind, table)                                                                   \
    " and not exists (select from " table " n join zhibao.form nf on nf.form_id = n.form_id" \
    "  where n.district = t.district and n.unit = t.unit and n.period = t.period"            \
    "  and nf.plan = f.plan and nf.form = f.form and n.revision > t.revision"                \
    "  and not exists (select from zhibao.report_event b where b.subject_unit = n.unit"      \
    "   and b.subject_id = n.id and b.subject_kind = " kind                                  \
    " and b.event in ('bad_signature', 'withdrawn')))"

#define COLUMNS                                                                            \
    " t.chain, t.batch, t.leaf, t.unit, t.id, t.payload_sha256, f.plan, f.form, t.period," \
    " t.revision, t.received_us"

/* clang-format off: a statement keeps its own lines */
static const char pending_sql[] =
    "select p.*, exists (select from zhibao.signature_check s where s.chain = p.chain"
    "  and s.number >= p.batch),"
    " p.kind = 1 and exists (select from zhibao.report_event g where g.subject_unit = p.unit"
    "  and g.subject_id = p.id and g.subject_kind = 1 and g.event = 'reviewed'),"
    " p.kind = 1 and exists (select from zhibao.report_event g where g.subject_unit = p.unit"
    "  and g.subject_id = p.id and g.subject_kind = 1 and g.event = 'signed') from ("
    " select 1::bigint as kind," COLUMNS ", coalesce(t.entered_by, 0), t.demonstration, false"
    "  from zhibao.report t join zhibao.form f on f.form_id = t.form_id"
    "  where (f.reporter = 'village') = $2::boolean and" WAITS("1") NEWER(
        "1",
        "zhibao.report") " union all"
                         " select 3::bigint," COLUMNS ", 0::bigint, " DEMONSTRATION_TOTAL(
                             "t") ", exists (select from zhibao.report_event o"
                                  "   where o.subject_unit = t.unit and o.subject_id = t.id and "
                                  "o.subject_kind = 3"
                                  "   and o.event = 'reopened')"
                                  "  from zhibao.report_event t join zhibao.form f on f.form_id "
                                  "= t.form_id"
                                  "  where t.kind = 3 and not $2::boolean and" WAITS("3")
                                      NEWER("3", "(select * from zhibao.report_event where kind = "
                                                 "3)") " ) p order by 2, 3, 4 limit $10::bigint";
/* clang-format on */

static enum status row_read(const PGresult *result, int row, struct arena *arena, void *out_row)
{
    struct pending_row read = {
        .kind = (int)db_int(result, row, 0),
        .position = {db_int(result, row, 1), db_int(result, row, 2), db_int(result, row, 3)},
        .unit = (uint64_t)db_int(result, row, 4),
        .plan = arena_string(arena, db_text(result, row, 7)),
        .form = arena_string(arena, db_text(result, row, 8)),
        .period = (int)db_int(result, row, 9),
        .revision = (int)db_int(result, row, 10),
        .received_us = db_int(result, row, 11),
        .entered_by = (uint64_t)db_int(result, row, 12),
        .demonstration = db_bool(result, row, 13),
        .reopened = db_bool(result, row, 14),
        .checked = db_bool(result, row, 15),
        .reviewed = db_bool(result, row, 16),
        .signed_off = db_bool(result, row, 17),
    };
    if (read.plan == NULL || read.form == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 5, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 6, read.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    *(struct pending_row *)out_row = read;
    return STATUS_OK;
}

enum status query_pending(struct db *db, struct arena *arena, const struct pending_scope *scope,
                          const struct chain_position *after, size_t limit,
                          struct pending_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)scope->district);
    db_add_bool(&params, scope->village_forms);
    db_add_int(&params, (int64_t)scope->first_unit);
    db_add_int(&params, (int64_t)scope->last_unit);
    db_add_text(&params, scope->form);
    db_add_int(&params, scope->period);
    db_add_int(&params, after->chain);
    db_add_int(&params, after->batch);
    db_add_int(&params, after->leaf);
    db_add_int(&params, (int64_t)limit);
    db_add_int(&params, (int64_t)scope->first_district);
    db_add_int(&params, (int64_t)scope->last_district);
    enum status status = db_run(db, pending_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(struct pending_row), row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
