/* The register of children (台账): what a file is found by. Nothing of what it says. */
#include <string.h>

#include "server/store/case_store.h"

enum status store_register_key(struct db *db, struct arena *arena, uint64_t district,
                               struct hash *out_key)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, CASE_KIND_KEY);
    enum status status = db_run(db,
                                "select register_key from zhibao.case_report"
                                " where district = $1::bigint and kind = $2::smallint limit 1",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        status = STATUS_NOT_FOUND;
    else if (!db_fixed(result, 0, 0, out_key->bytes, HASH_BYTES))
        status = STATUS_MISMATCH;
    PQclear(result);
    return status;
}

enum status store_register_find(struct db *db, struct arena *arena, uint64_t district,
                                const ProtobufCBinaryData *identity, struct record_id *out_id)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_bytes(&params, identity->data, identity->len);
    db_add_int(&params, CASE_STATE_LEFT);
    enum status status = db_run(
        db,
        "select c.id from zhibao.case_report c where c.district = $1::bigint"
        " and c.identity = $2 and c.identity <> '' and (select e.state from"
        "  zhibao.case_event e where e.district = c.district and e.case_id = c.id"
        "  order by e.chain desc, e.batch desc, e.leaf desc limit 1) <> $3::smallint limit 1",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        status = STATUS_NOT_FOUND;
    else if (!db_fixed(result, 0, 0, out_id->bytes, RECORD_ID_BYTES))
        status = STATUS_MISMATCH;
    PQclear(result);
    return status;
}
