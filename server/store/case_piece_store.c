/* Pieces of attachments of cases: whose they are and where they stand; the bytes are ciphertext in
 * registry_event. */
#include <string.h>

#include "server/store/case_store.h"

static void case_params(struct db_params *params, struct arena *arena, const struct case_row *row)
{
    db_params_init(params, arena);
    db_add_int(params, (int64_t)row->district);
    db_add_bytes(params, row->id.bytes, RECORD_ID_BYTES);
}

enum status store_case_has_piece(struct db *db, struct arena *arena, const struct case_row *row,
                                 const uint8_t *id, bool *out_has)
{
    struct db_params params;
    PGresult *result = NULL;
    case_params(&params, arena, row);
    db_add_bytes(&params, id, RECORD_ID_BYTES);
    enum status status = db_run(db,
                                "select 1 from zhibao.case_piece where district = $1::bigint"
                                " and case_id = $2 and id = $3",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_has = PQntuples(result) > 0;
    PQclear(result);
    return STATUS_OK;
}

enum status store_case_pieces(struct db *db, struct arena *arena, const struct case_row *row,
                              size_t *out_count, struct key_id *out_report_key)
{
    struct db_params params;
    PGresult *result = NULL;
    case_params(&params, arena, row);
    enum status status =
        db_run(db,
               "select (select count(*) from zhibao.case_piece where district = $1::bigint"
               "  and case_id = $2), coalesce((select key_id from zhibao.registry_event"
               " where district = $1::bigint and kind = 30 and id = $2 limit 1),"
               " '\\x00000000000000000000000000000000'::bytea)",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    memset(out_report_key, 0, sizeof *out_report_key);
    *out_count = PQntuples(result) == 1 ? (size_t)db_int(result, 0, 0) : 0;
    if (PQntuples(result) == 1 && !db_fixed(result, 0, 1, out_report_key->bytes, KEY_ID_BYTES))
        status = STATUS_MISMATCH;
    PQclear(result);
    return status;
}

enum status store_insert_case_piece(struct db *db, struct arena *arena, struct case_place place,
                                    const struct task *task, const struct case_row *row,
                                    const uint8_t *record)
{
    struct db_params params;
    case_params(&params, arena, row);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, record, RECORD_ID_BYTES);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, place.chain);
    db_add_int(&params, place.batch);
    db_add_int(&params, task->index);
    return db_exec(db,
                   "insert into zhibao.case_piece (district, case_id, author_district, unit, id,"
                   " record, received_us, chain, batch, leaf) values ($1::bigint, $2, $3::bigint,"
                   " $4::bigint, $5, $6, $7::bigint, $8::smallint, $9::bigint, $10::int)",
                   &params);
}

enum status query_case_pieces(struct db *db, struct arena *arena, const struct case_row *row,
                              const struct key_id *holder, unsigned level,
                              const ProtobufCBinaryData *ids, size_t count,
                              struct case_stored **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    struct db_bytes *wanted = arena_array(arena, count, sizeof *wanted);
    if (wanted == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        wanted[i] = (struct db_bytes){ids[i].data, ids[i].len};
    case_params(&params, arena, row);
    db_add_bytes(&params, holder->bytes, KEY_ID_BYTES);
    db_add_int(&params, level);
    db_add_bytes_array(&params, wanted, count);
    enum status status =
        db_run(db,
               "select e.kind, e.unit, e.received_us, e.key_id, e.algorithm, e.payload, e.signature"
               " from unnest($5::bytea[]) with ordinality as k (id, place)"
               " join zhibao.case_piece p on p.district = $1::bigint and p.case_id = $2"
               "  and p.id = k.id"
               " join zhibao.case_wrap w on w.district = p.district and w.case_id = p.case_id"
               "  and w.record = p.record and w.holder = $3 and w.level <= $4::bigint"
               " join zhibao.registry_event e on e.district = p.author_district"
               "  and e.unit = p.unit and e.kind = 46 and e.id = p.id order by k.place",
               &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct case_stored), case_stored_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
