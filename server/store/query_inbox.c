#include "server/store/query_inbox.h"

#include <string.h>

#include "server/store/query_track.h"

/* found: the events that concern the asker, each with its subject as the asker sees it; for what
 * happened to a total that names the asker's own report, that report. No two have one leaf.
 *
 *   $1 the asker, $2 its home district, $3 to $4 the units below it, $5 whether only what
 * statistics reviews itself concerns it of those, $6 to $8 the cursor, $9 the limit */
#define EVENT                                                                                \
    "e.chain as at_chain, e.batch as at_batch, e.leaf as at_leaf, e.event, e.unit as actor," \
    " e.received_us, e.reason"
#define STORED \
    "r.chain, r.batch, r.leaf, 'stored', coalesce(r.entered_by, r.unit), r.received_us, ''"
#define TOTAL(unit, id, period) unit " as total_unit, " id " as total_id, " period " as lock_period"
#define NO_TOTAL                TOTAL("0::bigint", "null::bytea", "null::smallint")
#define NAMED_TOTAL             TOTAL("n.confirmation_unit", "n.confirmation_id", "null::smallint")
#define LOCK_PERIOD             TOTAL("0::bigint", "null::bytea", "e.period")
#define E_RECEIPT               RECEIPT_COLUMNS("e.kind", "e")
#define R_RECEIPT               RECEIPT_COLUMNS("1", "r")
#define E_AFTER                 "(e.chain, e.batch, e.leaf) > ($6::bigint, $7::bigint, $8::bigint)"
#define R_AFTER                 "(r.chain, r.batch, r.leaf) > ($6::bigint, $7::bigint, $8::bigint)"
#define UNION                   " union all "

/* what was found about the asker's records */
#define OWN                                                                                    \
    "select " EVENT ", e.subject_kind, e.subject_unit, e.subject_id, " NO_TOTAL ", " E_RECEIPT \
    " from zhibao.report_event e"                                                              \
    " where e.subject_unit = $1::bigint and e.subject_kind is not null and " E_AFTER
/* by others, about records below */
#define BELOW                                                                                  \
    "select " EVENT ", e.subject_kind, e.subject_unit, e.subject_id, " NO_TOTAL ", " E_RECEIPT \
    " from zhibao.report_event e"                                                              \
    " where e.subject_unit between $3::bigint and $4::bigint and e.subject_kind is not null"   \
    " and e.unit <> $1::bigint and e.subject_unit <> $1::bigint and " E_AFTER                  \
    " and (not $5::boolean or e.subject_kind = 3 or exists (select from zhibao.report r"       \
    "  join zhibao.form f on f.form_id = r.form_id where r.district = $2::bigint"              \
    "  and r.unit = e.subject_unit and r.id = e.subject_id and f.reporter <> 'village'))"
/* what arrived from below */
#define ARRIVED                                                                           \
    "select " STORED ", 1::smallint, r.unit, r.id, " NO_TOTAL ", " R_RECEIPT              \
    " from zhibao.report r where r.district = $2::bigint"                                 \
    " and r.unit between $3::bigint and $4::bigint and r.unit <> $1::bigint and " R_AFTER \
    " and r.entered_by is distinct from $1::bigint and exists (select from zhibao.form f" \
    "  where f.form_id = r.form_id and (f.reporter = 'village') = not $5::boolean)"
/* what the township entered for the asker */
#define ENTERED                                                              \
    "select " STORED ", 1::smallint, r.unit, r.id, " NO_TOTAL ", " R_RECEIPT \
    " from zhibao.report r where r.district = $2::bigint"                    \
    " and r.unit = $1::bigint and r.entered_by is not null and " R_AFTER
/* totals that wait for statistics */
#define CONFIRMED                                                               \
    "select " EVENT ", 3::smallint, e.unit, e.id, " NO_TOTAL ", " E_RECEIPT     \
    " from zhibao.report_event e where $5::boolean and e.district = $2::bigint" \
    " and e.unit between $3::bigint and $4::bigint and e.kind = 3 and " E_AFTER
/* confirmations that name the asker's reports, and what became of those */
#define NAMED                                                                       \
    "select " EVENT ", 1::smallint, n.unit, n.id, " NAMED_TOTAL ", " E_RECEIPT      \
    " from named n join zhibao.report_event e on e.district = n.district"           \
    " and e.unit = n.confirmation_unit and e.kind = 3 and e.id = n.confirmation_id" \
    " where " E_AFTER
#define NAMED_REVIEW                                                                   \
    "select " EVENT ", 1::smallint, n.unit, n.id, " NAMED_TOTAL ", " E_RECEIPT         \
    " from named n join zhibao.report_event e on e.subject_unit = n.confirmation_unit" \
    " and e.subject_id = n.confirmation_id and e.subject_kind = 3 where " E_AFTER
#define LOCKED                                                                          \
    "select " EVENT ", 4::smallint, e.unit, e.id, " LOCK_PERIOD ", " E_RECEIPT          \
    " from zhibao.report_event e where e.event in ('locked', 'unlocked')"               \
    " and e.place = any (zhibao.place_ancestors($2::bigint)) and e.unit <> $1::bigint " \
    "and " E_AFTER
/* corrections after locking, to the office; statistics has those of direct reports among BELOW */
#define CORRECTED                                                                              \
    "select " EVENT ", e.subject_kind, e.subject_unit, e.subject_id, " NO_TOTAL ", " E_RECEIPT \
    " from zhibao.report_event e join zhibao.form f on f.form_id = e.form_id"                  \
    " join zhibao.unit u on u.unit = $1::bigint and u.place = $2::bigint"                      \
    "  and (u.role = 'office' or (u.role = 'statistics' and f.reporter = 'village'))"          \
    " where e.event = 'corrected' and e.district = $2::bigint and " E_AFTER
/* notices about cut-offs: to the unit that has not reported, and to the next level */
#define CUTOFF                                                                           \
    "select " EVENT ", 8::smallint, c.about_unit, e.id, " LOCK_PERIOD ", " E_RECEIPT     \
    " from zhibao.cutoff_notice c join zhibao.report_event e on e.district = c.district" \
    " and e.unit = 0 and e.kind = 8 and e.id = c.id"                                     \
    " where (c.about_unit = $1::bigint or c.told_unit = $1::bigint) and " E_AFTER
/* and those that an outage moved, to everyone who reports or reviews the form */
#define CUTOFF_MOVED                                                                       \
    "select " EVENT ", 8::smallint, 0::bigint, e.id, " LOCK_PERIOD ", " E_RECEIPT          \
    " from zhibao.unit u"                                                                  \
    " join zhibao.cutoff_notice c on c.district = u.district and c.about_unit = 0"         \
    " join zhibao.report_event e on e.district = c.district and e.unit = 0 and e.kind = 8" \
    "  and e.id = c.id"                                                                    \
    " join zhibao.form o on o.form_id = e.form_id"                                         \
    " where u.unit = $1::bigint and (u.role in ('statistics', 'office')"                   \
    "  or case c.level when 2 then u.role = 'township'"                                    \
    "   else o.reporter in (u.role, u.department)"                                         \
    "    or (o.reporter = 'village' and u.role = 'township') end) and " E_AFTER

/* exceptions granted to the asker */
#define EXTENDED                                                                                 \
    "select e.chain, e.batch, e.leaf, 'extended', e.unit, e.received_us, x.reason,"              \
    " e.kind, x.about_unit, e.id, 0::bigint, null::bytea, x.period, " E_RECEIPT                  \
    " from zhibao.extension x join zhibao.registry_event e on e.unit = x.unit"                   \
    " and e.kind = 10 and e.id = x.id and e.district = any (zhibao.place_ancestors($2::bigint))" \
    " where x.district = $2::bigint and x.about_unit = $1::bigint and " E_AFTER

/* tasks, and documents for the asker: zhibao.inbox_event has them ready */
#define TASKS_AND_DOCUMENTS                                                           \
    "select e.chain, e.batch, e.leaf, e.event, e.unit, e.received_us, e.reason,"      \
    " e.subject_kind, e.subject_unit, e.subject_id, 0::bigint, null::bytea, e.period" \
    ", " E_RECEIPT " from zhibao.inbox_event e where e.concerns = $1::bigint and " E_AFTER

/* clang-format off: a statement keeps its own lines */
static const char inbox_sql[] =
    "with named as (select i.district, i.confirmation_unit, i.confirmation_id, i.unit, i.id"
    "  from zhibao.confirmation_item i"
    "  where i.district = $2::bigint and i.unit = $1::bigint),"
    " found as (" OWN UNION BELOW UNION ARRIVED UNION ENTERED UNION CONFIRMED UNION NAMED UNION
        NAMED_REVIEW UNION LOCKED UNION CORRECTED UNION CUTOFF UNION CUTOFF_MOVED UNION EXTENDED
            UNION TASKS_AND_DOCUMENTS "),"
    " page as (select * from found order by at_chain, at_batch, at_leaf limit $9::bigint)"
    " select k.*, coalesce(f.form, x.form, ''), coalesce(r.period, c.period, k.lock_period),"
    "  coalesce(r.revision, c.revision, 0), coalesce(r.entered_by, 0), coalesce(n.payload, "
    "x.payload),"
    "  coalesce(r.demonstration, false) or (c.id is not null and " DEMONSTRATION_TOTAL(
        "c") "),"
             "  coalesce(f.plan, '')"
             " from page k"
             " left join zhibao.report r on k.subject_kind = 1 and r.district = $2::bigint"
             "  and r.unit = k.subject_unit and r.id = k.subject_id"
             " left join zhibao.report_event c on k.subject_kind = 3 and c.district = $2::bigint"
             "  and c.unit = k.subject_unit and c.kind = 3 and c.id = k.subject_id"
             " left join zhibao.report_event n on k.subject_kind = 8 and n.district = $2::bigint"
             "  and n.unit = 0 and n.kind = 8 and n.id = k.subject_id"
             " left join lateral (select y.form, g.payload from zhibao.extension y"
             "  join zhibao.registry_event g on g.unit = y.unit and g.kind = 10 and g.id = y.id"
             "   and g.district = any (zhibao.place_ancestors($2::bigint))"
             "  where k.subject_kind = 10 and y.district = $2::bigint and y.about_unit = "
             "k.subject_unit"
             "   and y.id = k.subject_id and y.unit = k.actor limit 1) x on true"
             " left join zhibao.form f on f.form_id = coalesce(r.form_id, c.form_id, n.form_id)"
             " order by k.at_chain, k.at_batch, k.at_leaf";
/* clang-format on */

enum { COLUMN_RECEIPT = 13, COLUMN_FORM = COLUMN_RECEIPT + RECEIPT_COLUMN_COUNT };

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
        .total_unit = (uint64_t)db_int(result, row, 10),
        .form = arena_string(arena, db_text(result, row, COLUMN_FORM)),
        .period = (int)db_int(result, row, COLUMN_FORM + 1),
        .revision = (int)db_int(result, row, COLUMN_FORM + 2),
        .entered_by = (uint64_t)db_int(result, row, COLUMN_FORM + 3),
        .demonstration = db_bool(result, row, COLUMN_FORM + 5),
        .plan = arena_string(arena, db_text(result, row, COLUMN_FORM + 6)),
    };
    if (read.plan == NULL || read.event == NULL || read.reason == NULL || read.form == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 9, read.subject.bytes, RECORD_ID_BYTES) ||
        (read.total_unit != 0 && !db_fixed(result, row, 11, read.total.bytes, RECORD_ID_BYTES)) ||
        !receipt_row_read(result, row, COLUMN_RECEIPT, &read.record))
        return STATUS_MISMATCH;
    const uint8_t *notice = db_bytes(result, row, COLUMN_FORM + 4, &read.notice_size);
    read.notice = arena_copy(arena, notice, read.notice_size);
    if (read.notice == NULL)
        return STATUS_NO_MEMORY;
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
    db_add_bool(&params, scope->direct_only);
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
