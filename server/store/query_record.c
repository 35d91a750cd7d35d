#include "server/store/query_record.h"

#include "record.pb-c.h"
#include "server/ingest/record_type.h"

/* clang-format off: a statement keeps its own lines */
#define RECORD_COLUMNS(kind, subject, place)                                             \
    "select " RECEIPT_COLUMNS(kind, "t") ", t.carrier, t.payload, t.signature, " subject \
                                         "::bigint, " place "::bigint"
#define RECORD_IS \
    " where t.district between $1::bigint and $2::bigint and t.unit = $3::bigint and t.id = $4"

static const char *const record_sql[] = {
    [RECORD_TABLE_REPORT] =
        RECORD_COLUMNS("1", "0", "0") " from zhibao.report t" RECORD_IS " and $5::bigint = 1",
    [RECORD_TABLE_EVENT] = RECORD_COLUMNS("t.kind", "t.subject_unit",
                                          "t.place") " from zhibao.report_event t" RECORD_IS
                                                     " and t.kind = $5::bigint",
    [RECORD_TABLE_REGISTRY] =
        RECORD_COLUMNS("t.kind", "t.subject_unit", "0") " from zhibao.registry_event t" RECORD_IS
                                                        " and t.kind = $5::bigint",
};
/* clang-format on */

static enum status record_read(const PGresult *result, struct arena *arena,
                               struct stored_record *out_record)
{
    struct stored_record record;
    const int after = RECEIPT_COLUMN_COUNT;
    const uint8_t *payload = db_bytes(result, 0, after + 1, &record.payload_size);
    const uint8_t *signature = db_bytes(result, 0, after + 2, &record.signature_size);
    if (!receipt_row_read(result, 0, 0, &record.row))
        return STATUS_MISMATCH;
    record.carrier = (uint64_t)db_int(result, 0, after);
    record.payload = arena_copy(arena, payload, record.payload_size);
    record.signature = arena_copy(arena, signature, record.signature_size);
    record.subject_unit = (uint64_t)db_int(result, 0, after + 3);
    record.place = (uint64_t)db_int(result, 0, after + 4);
    if (record.payload == NULL || record.signature == NULL)
        return STATUS_NO_MEMORY;
    *out_record = record;
    return STATUS_OK;
}

enum status query_record(struct db *db, struct arena *arena, uint64_t first_district,
                         uint64_t last_district, uint64_t unit, uint8_t kind,
                         const struct record_id *id, struct stored_record *out_record)
{
    const struct record_type *type = record_type_of(kind);
    struct db_params params;
    PGresult *result = NULL;
    if (type == NULL)
        return STATUS_NOT_FOUND;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first_district);
    db_add_int(&params, (int64_t)last_district);
    db_add_int(&params, (int64_t)unit);
    db_add_bytes(&params, id->bytes, sizeof id->bytes);
    db_add_int(&params, kind);
    enum status status = db_run(db, record_sql[type->table], &params, &result);
    if (status != STATUS_OK)
        return status;
    status = PQntuples(result) == 0 ? STATUS_NOT_FOUND : record_read(result, arena, out_record);
    PQclear(result);
    return status;
}

enum status query_record_names(struct db *db, struct arena *arena,
                               const struct stored_record *record, uint64_t district,
                               uint64_t reporter, bool *out_names)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)reporter);
    db_add_int(&params, record->row.leaf.kind);
    db_add_int(&params, (int64_t)record->row.leaf.unit);
    db_add_bytes(&params, record->row.leaf.id.bytes, RECORD_ID_BYTES);
    enum status status = db_run(db,
                                "select exists (select from zhibao.confirmation_item i"
                                " where i.district = $1::bigint and i.unit = $2::bigint"
                                " and ($3::bigint = 3 and i.confirmation_unit = $4::bigint"
                                "  and i.confirmation_id = $5"
                                "  or $3::bigint = 2 and exists (select from zhibao.report_event e"
                                "   where e.subject_unit = i.confirmation_unit"
                                "   and e.subject_id = i.confirmation_id and e.subject_kind = 3"
                                "   and e.kind = 2 and e.unit = $4::bigint and e.id = $5)))",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_names = db_bool(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}
