#include "server/store/query_as_of.h"

#include <string.h>

enum status query_batch_after(struct db *db, struct arena *arena, int64_t time_us,
                              int64_t *out_before)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, time_us == 0 ? INT64_MAX : time_us);
    enum status status = db_run(db,
                                "select (coalesce(max(number), 0) + 1)::bigint from zhibao.batch"
                                " where time_us <= $1::bigint",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_before = db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

/* Columns unit, id, payload_sha256, batch, leaf of the first row. */
static enum status import_read(const PGresult *result, struct plan_import *out_import)
{
    struct plan_import import = {0};
    if (PQntuples(result) == 0)
        return STATUS_NOT_FOUND;
    if (!db_fixed(result, 0, 1, import.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, 0, 2, import.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    import.unit = (uint64_t)db_int(result, 0, 0);
    import.batch = db_int(result, 0, 3);
    import.leaf = db_int(result, 0, 4);
    *out_import = import;
    return STATUS_OK;
}

enum status query_plan_import(struct db *db, struct arena *arena, const char *plan,
                              struct plan_import *out_import)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    enum status status =
        db_run(db,
               "select e.unit, e.id, e.payload_sha256, e.batch, e.leaf from zhibao.plan p"
               " join zhibao.registry_event e on e.district = p.district and e.unit = p.unit"
               " and e.kind = 6 and e.id = p.id where p.plan = $1",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    status = import_read(result, out_import);
    PQclear(result);
    return status;
}

enum status query_import_before(struct db *db, struct arena *arena, int64_t batch, int64_t leaf,
                                struct plan_import *out_import, struct stored_import *out_stored,
                                PGresult **out_result)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, batch);
    db_add_int(&params, leaf);
    enum status status = db_run(db,
                                "select unit, id, payload_sha256, batch, leaf, payload"
                                " from zhibao.registry_event where kind = 6"
                                " and (batch, leaf) < ($1::bigint, $2::bigint)"
                                " order by batch desc, leaf desc limit 1",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    status = import_read(result, out_import);
    if (status != STATUS_OK) {
        PQclear(result);
        return status;
    }
    *out_stored =
        (struct stored_import){.plan = "", .batch = out_import->batch, .leaf = out_import->leaf};
    out_stored->payload = db_bytes(result, 0, 5, &out_stored->payload_size);
    *out_result = result;
    return STATUS_OK;
}

enum status query_locked_before(struct db *db, struct arena *arena, const char *plan,
                                const int64_t *places, size_t count, int period, int64_t before,
                                bool *out_locked)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    db_add_ints(&params, places, count);
    db_add_int(&params, period);
    db_add_int(&params, before);
    enum status status = db_run(
        db,
        "select coalesce(bool_or(l.event = 'locked'), false) from ("
        " select distinct on (e.place) e.event from zhibao.report_event e"
        " where e.event in ('locked', 'unlocked') and e.plan = $1"
        " and e.place = any ($2::bigint[]) and e.period = $3::bigint and e.batch < $4::bigint"
        " order by e.place, e.chain desc, e.batch desc, e.leaf desc) l",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_locked = db_bool(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}
