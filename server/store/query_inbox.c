#include "server/store/query_inbox.h"

#include <string.h>

/* found: the events that concern the asker, each with its subject as the asker sees it; for a
 * confirmation that is the asker's own report. */
/* clang-format off: a statement keeps its own lines */
static const char inbox_sql[] =
    "with named as (select i.district, i.confirmation_unit, i.confirmation_id, i.unit, i.id"
    "  from zhibao.confirmation_item i"
    "  where i.district = $2::bigint and i.unit = $1::bigint),"
    " found as ("
    /* what was found about the asker's records, and by others about records below a township */
    "  select e.district, e.unit, e.kind, e.id, e.subject_kind, e.subject_unit, e.subject_id"
    "  from zhibao.report_event e where e.subject_unit = $1::bigint"
    "  union all"
    "  select e.district, e.unit, e.kind, e.id, e.subject_kind, e.subject_unit, e.subject_id"
    "  from zhibao.report_event e where e.subject_unit between $3::bigint and $4::bigint"
    "  and e.unit <> $1::bigint and e.subject_unit <> $1::bigint"
    "  union all"
    /* confirmations that name the asker's reports, and their acceptance */
    "  select n.district, n.confirmation_unit, 3::smallint, n.confirmation_id, 1::smallint,"
    "   n.unit, n.id from named n"
    "  union all"
    "  select e.district, e.unit, e.kind, e.id, 1::smallint, n.unit, n.id from named n"
    "  join zhibao.report_event e on e.subject_unit = n.confirmation_unit"
    "  and e.subject_id = n.confirmation_id and e.subject_kind = 3 and e.event = 'accepted'"
    "  union all"
    "  select e.district, e.unit, e.kind, e.id, 4::smallint, e.unit, e.id"
    "  from zhibao.report_event e where e.event in ('locked', 'unlocked')"
    "  and e.place = any (zhibao.place_ancestors($2::bigint)) and e.unit <> $1::bigint)"
    " select e.chain, e.batch, e.leaf, e.event, e.unit, e.received_us, e.reason,"
    "  k.subject_kind, k.subject_unit, k.subject_id, coalesce(f.form, ''),"
    "  coalesce(r.period, c.period, e.period), coalesce(r.revision, c.revision, "
    "0), " RECEIPT_COLUMNS(
        "e.kind",
        "e") " from found k"
             " join zhibao.report_event e on e.district = k.district and e.unit = k.unit"
             "  and e.kind = k.kind and e.id = k.id"
             " left join zhibao.report r on k.subject_kind = 1 and r.district = $2::bigint"
             "  and r.unit = k.subject_unit and r.id = k.subject_id"
             " left join zhibao.report_event c on k.subject_kind = 3 and c.district = $2::bigint"
             "  and c.unit = k.subject_unit and c.kind = 3 and c.id = k.subject_id"
             " left join zhibao.form f on f.form_id = coalesce(r.form_id, c.form_id)"
             " where (e.chain, e.batch, e.leaf) > ($5::bigint, $6::bigint, $7::bigint)"
             " order by e.chain, e.batch, e.leaf limit $8::bigint";
/* clang-format on */

static enum status row_read(const PGresult *result, int row, struct arena *arena,
                            struct inbox_row *out_row)
{
    struct inbox_row read = {
        .position = {db_int(result, row, 0), db_int(result, row, 1), db_int(result, row, 2)},
        .event = arena_string(arena, db_text(result, row, 3)),
        .actor = (uint64_t)db_int(result, row, 4),
        .time_us = db_int(result, row, 5),
        .reason = arena_string(arena, db_text(result, row, 6)),
        .subject_kind = (int)db_int(result, row, 7),
        .subject_unit = (uint64_t)db_int(result, row, 8),
        .form = arena_string(arena, db_text(result, row, 10)),
        .period = (int)db_int(result, row, 11),
        .revision = (int)db_int(result, row, 12),
    };
    size_t size = 0;
    const uint8_t *id = db_bytes(result, row, 9, &size);
    if (read.event == NULL || read.reason == NULL || read.form == NULL)
        return STATUS_NO_MEMORY;
    if (size != RECORD_ID_BYTES)
        return STATUS_MISMATCH;
    memcpy(read.subject.bytes, id, RECORD_ID_BYTES);
    if (!receipt_row_read(result, row, 13, &read.record))
        return STATUS_MISMATCH;
    *out_row = read;
    return STATUS_OK;
}

enum status query_inbox(struct db *db, struct arena *arena, const struct inbox_scope *scope,
                        const struct chain_position *after, size_t limit,
                        struct inbox_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)scope->unit);
    db_add_int(&params, (int64_t)scope->district);
    db_add_int(&params, (int64_t)scope->first_below);
    db_add_int(&params, (int64_t)scope->last_below);
    db_add_int(&params, after->chain);
    db_add_int(&params, after->batch);
    db_add_int(&params, after->leaf);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, inbox_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct inbox_row *rows = arena_array(arena, count, sizeof *rows);
    if (rows == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = row_read(result, (int)i, arena, &rows[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}
