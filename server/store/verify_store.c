#include "server/store/verify_store.h"

#include <string.h>

enum status store_checked_read(struct db *db, struct arena *arena, int64_t *out_checked,
                               int64_t *out_head)
{
    (void)arena;
    PGresult *result = NULL;
    enum status status =
        db_run(db,
               "select s.number, coalesce((select max(b.number) from zhibao.batch b"
               " where b.chain = s.chain), 0)"
               " from zhibao.signature_check s where s.chain = 1",
               NULL, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 1) {
        *out_checked = db_int(result, 0, 0);
        *out_head = db_int(result, 0, 1);
    } else {
        status = STATUS_NOT_FOUND; /* the writer makes the row when it first connects */
    }
    PQclear(result);
    return status;
}

enum status store_chunk_end(struct db *db, struct arena *arena, int64_t checked, int64_t leaves,
                            int64_t *out_upto)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, checked);
    db_add_int(&params, leaves);
    enum status status =
        db_run(db,
               "select max(n.number) from (select b.number, sum(b.leaf_count)"
               " over (order by b.number) - b.leaf_count as before from zhibao.batch b"
               " where b.chain = 1 and b.number > $1::bigint order by b.number limit 1000) n"
               " where n.before < $2::bigint",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    int64_t upto = db_int(result, 0, 0);
    PQclear(result);
    if (upto == 0)
        return STATUS_NOT_FOUND;
    *out_upto = upto;
    return STATUS_OK;
}

static struct stored_signature row_read(const PGresult *result, int row)
{
    struct stored_signature stored = {0};
    size_t size = 0;
    stored.district = (uint64_t)db_int(result, row, 0);
    stored.unit = (uint64_t)db_int(result, row, 1);
    const uint8_t *id = db_bytes(result, row, 2, &size);
    memcpy(stored.id.bytes, id, size < RECORD_ID_BYTES ? size : RECORD_ID_BYTES);
    const uint8_t *key = db_bytes(result, row, 3, &size);
    memcpy(stored.key.bytes, key, size < KEY_ID_BYTES ? size : KEY_ID_BYTES);
    stored.algorithm = (uint8_t)db_int(result, row, 4);
    stored.payload = db_bytes(result, row, 5, &stored.payload_size);
    stored.signature = db_bytes(result, row, 6, &stored.signature_size);
    stored.signer = (uint64_t)db_int(result, row, 7);
    return stored;
}

enum status store_signatures(struct db *db, struct arena *arena, int64_t after, int64_t upto,
                             enum status (*each)(void *context,
                                                 const struct stored_signature *stored),
                             void *context)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, after);
    db_add_int(&params, upto);
    enum status status = db_run(db,
                                "select district, unit, id, key_id, algorithm, payload, signature,"
                                " coalesce(entered_by, unit)"
                                " from zhibao.report where chain = 1::smallint"
                                " and batch > $1::bigint and batch <= $2::bigint",
                                &params, &result);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        struct stored_signature stored = row_read(result, row);
        status = each(context, &stored);
    }
    PQclear(result);
    return status;
}
