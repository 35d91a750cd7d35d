#include "server/store/query_inbox.h"

#include <string.h>

/* found: the events that concern the asker, each with its subject as the asker sees it; for what
 * happened to a total that names the asker's own report, that report. No two have one leaf.
 *
 *   $1 the asker, $2 its home district, $3 to $4 the units below it, $5 whether only what
 * statistics reviews itself concerns it of those, $6 to $8 the cursor, $9 the limit */
/* clang-format off: a statement keeps its own lines */
#define EVENT                                                                                \
    "e.chain as at_chain, e.batch as at_batch, e.leaf as at_leaf, e.event, e.unit as actor," \
    " e.received_us, e.reason"
#define SUBJECT                 "e.subject_kind, e.subject_unit, e.subject_id"
#define TOTAL(unit, id, period) unit " as total_unit, " id " as total_id, " period " as lock_period"
#define NO_TOTAL                TOTAL("0::bigint", "null::bytea", "null::smallint")
#define NAMED_TOTAL             TOTAL("n.confirmation_unit", "n.confirmation_id", "null::smallint")
#define AFTER(t)                "(" t ".chain, " t ".batch, " t ".leaf) > ($6::bigint, $7::bigint, $8::bigint)"
#define EVENT_RECEIPT           RECEIPT_COLUMNS("e.kind", "e")

static const char inbox_sql[] =
    "with named as (select i.district, i.confirmation_unit, i.confirmation_id, i.unit, i.id"
    "  from zhibao.confirmation_item i"
    "  where i.district = $2::bigint and i.unit = $1::bigint),"
    " found as ("
    /* what was found about the asker's records */
    "  select " EVENT ", " SUBJECT ", " NO_TOTAL ", " EVENT_RECEIPT
    "  from zhibao.report_event e where e.subject_unit = $1::bigint and " AFTER(
        "e") "  union all"
             /* by others, about records below */
             "  select " EVENT ", " SUBJECT ", " NO_TOTAL ", " EVENT_RECEIPT
             "  from zhibao.report_event e where e.subject_unit between $3::bigint and "
             "$4::bigint"
             "  and e.unit <> $1::bigint and e.subject_unit <> $1::bigint and " AFTER(
                 "e") "  and (not $5::boolean or e.subject_kind = 3 or exists (select from "
                      "zhibao.report r"
                      "   join zhibao.form f on f.form_id = r.form_id where r.district = "
                      "$2::bigint"
                      "   and r.unit = e.subject_unit and r.id = e.subject_id and f.reporter "
                      "<> 'village'))"
                      "  union all"
                      /* what arrived from below, and what the township entered for the asker */
                      "  select r.chain, r.batch, r.leaf, 'stored', coalesce(r.entered_by, "
                      "r.unit), r.received_us,"
                      "   '', 1::smallint, r.unit, r.id, " NO_TOTAL ", " RECEIPT_COLUMNS(
                          "1",
                          "r") "  from zhibao.report r where r.district = $2::bigint"
                               "  and r.unit between $3::bigint and $4::bigint and r.unit <> "
                               "$1::bigint and " AFTER(
                                   "r") "  and r.entered_by is distinct from $1::bigint and "
                                        "exists (select from zhibao.form f"
                                        "   where f.form_id = r.form_id and (f.reporter = "
                                        "'village') = not $5::boolean)"
                                        "  union all"
                                        "  select r.chain, r.batch, r.leaf, 'stored', "
                                        "r.entered_by, r.received_us,"
                                        "   '', 1::smallint, r.unit, r.id, " NO_TOTAL
                                        ", " RECEIPT_COLUMNS(
                                            "1",
                                            "r") "  from zhibao.report r where r.district = "
                                                 "$2::bigint and r.unit = $1::bigint"
                                                 "  and r.entered_by is not null and " AFTER(
                                                     "r") "  union all"
                                                          "  select " EVENT
                                                          ", 3::smallint, e.unit, "
                                                          "e.id, " NO_TOTAL ", " EVENT_RECEIPT
                                                          "  from zhibao.report_event e where "
                                                          "$5::boolean and e.district = "
                                                          "$2::bigint"
                                                          "  and e.unit between $3::bigint and "
                                                          "$4::bigint and e.kind = 3 "
                                                          "and " AFTER(
                                                              "e") "  union all"
                                                                   /* confirmations that name
                                                                      the asker's reports, and
                                                                      what became of those */
                                                                   "  select " EVENT
                                                                   ", 1::smallint, n.unit, "
                                                                   "n.id, " NAMED_TOTAL
                                                                   ", " EVENT_RECEIPT
                                                                   "  from named n join "
                                                                   "zhibao.report_event e on "
                                                                   "e.district = n.district"
                                                                   "  and e.unit = "
                                                                   "n.confirmation_unit and "
                                                                   "e.kind = 3 and e.id = "
                                                                   "n.confirmation_id"
                                                                   "  where " AFTER(
                                                                       "e") "  union all"
                                                                            "  select " EVENT
                                                                            ", 1::smallint, "
                                                                            "n.unit, "
                                                                            "n.id, " NAMED_TOTAL
                                                                            ", " EVENT_RECEIPT
                                                                            "  from named n "
                                                                            "join "
                                                                            "zhibao.report_"
                                                                            "event e on "
                                                                            "e.subject_unit = "
                                                                            "n.confirmation_"
                                                                            "unit"
                                                                            "  and "
                                                                            "e.subject_id = "
                                                                            "n.confirmation_id "
                                                                            "and "
                                                                            "e.subject_kind = "
                                                                            "3 where " AFTER(
                                                                                "e") "  union "
                                                                                     "all"
                                                                                     "  "
                                                                                     "select"
                                                                                     " " EVENT ", "
                                                                                     "4::"
                                                                                     "smallint,"
                                                                                     " e.unit, "
                                                                                     "e.id,"
                                                                                     " " TOTAL(
                                                                                         "0::"
                                                                                         "bigin"
                                                                                         "t",
                                                                                         "null:"
                                                                                         ":byte"
                                                                                         "a",
                                                                                         "e."
                                                                                         "perio"
                                                                                         "d") ","
                                                                                              " " EVENT_RECEIPT
                                                                                              "  "
                                                                                              "from"
                                                                                              " zhi"
                                                                                              "bao."
                                                                                              "repo"
                                                                                              "rt_"
                                                                                              "even"
                                                                                              "t e "
                                                                                              "wher"
                                                                                              "e "
                                                                                              "e."
                                                                                              "even"
                                                                                              "t "
                                                                                              "in "
                                                                                              "('"
                                                                                              "lock"
                                                                                              "ed',"
                                                                                              " '"
                                                                                              "unlo"
                                                                                              "cked"
                                                                                              "')"
                                                                                              "  "
                                                                                              "and "
                                                                                              "e."
                                                                                              "plac"
                                                                                              "e = "
                                                                                              "any "
                                                                                              "(zhi"
                                                                                              "bao."
                                                                                              "plac"
                                                                                              "e_"
                                                                                              "ance"
                                                                                              "stor"
                                                                                              "s($"
                                                                                              "2::"
                                                                                              "bigi"
                                                                                              "nt))"
                                                                                              " and"
                                                                                              " e."
                                                                                              "unit"
                                                                                              " <> "
                                                                                              "$1::"
                                                                                              "bigi"
                                                                                              "nt"
                                                                                              "  "
                                                                                              "and"
                                                                                              " " AFTER(
                                                                                                  "e") "),"
                                                                                                       " page as (select * from found order by at_chain, at_batch, at_leaf limit $9::bigint)"
                                                                                                       " select k.*, coalesce(f.form, ''), coalesce(r.period, c.period, k.lock_period),"
                                                                                                       "  coalesce(r.revision, c.revision, 0), coalesce(r.entered_by, 0)"
                                                                                                       " from page k"
                                                                                                       " left join zhibao.report r on k.subject_kind = 1 and r.district = $2::bigint"
                                                                                                       "  and r.unit = k.subject_unit and r.id = k.subject_id"
                                                                                                       " left join zhibao.report_event c on k.subject_kind = 3 and c.district = $2::bigint"
                                                                                                       "  and c.unit = k.subject_unit and c.kind = 3 and c.id = k.subject_id"
                                                                                                       " left join zhibao.form f on f.form_id = coalesce(r.form_id, c.form_id)"
                                                                                                       " order by k.at_chain, k.at_batch, k.at_leaf";
/* clang-format on */

enum { COLUMN_RECEIPT = 13, COLUMN_FORM = COLUMN_RECEIPT + RECEIPT_COLUMN_COUNT };

static bool id_read(const PGresult *result, int row, int column, struct record_id *out_id)
{
    size_t size = 0;
    const uint8_t *id = db_bytes(result, row, column, &size);
    if (id == NULL || size != RECORD_ID_BYTES)
        return false;
    memcpy(out_id->bytes, id, RECORD_ID_BYTES);
    return true;
}

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
    };
    if (read.event == NULL || read.reason == NULL || read.form == NULL)
        return STATUS_NO_MEMORY;
    if (!id_read(result, row, 9, &read.subject) ||
        (read.total_unit != 0 && !id_read(result, row, 11, &read.total)) ||
        !receipt_row_read(result, row, COLUMN_RECEIPT, &read.record))
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
