/* Keys of past years that their holders destroyed. */
#include "server/store/case_store.h"

enum status store_insert_case_key_end(struct db *db, struct arena *arena, struct case_place place,
                                      const struct task *task, const Zhibao__CaseKeyEnd *end)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.key.bytes, KEY_ID_BYTES);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, end->year);
    db_add_bytes(&params, end->key.data, end->key.len);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, place.chain);
    db_add_int(&params, place.batch);
    db_add_int(&params, task->index);
    return db_exec(db,
                   "insert into zhibao.case_key_end (district, unit, holder, id, year, key,"
                   " received_us, chain, batch, leaf) values ($1::bigint, $2::bigint, $3, $4,"
                   " $5::smallint, $6, $7::bigint, $8::smallint, $9::bigint, $10::int)",
                   &params);
}

static enum status row_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct case_key_end_row *end = out;
    (void)arena;
    end->unit = (uint64_t)db_int(result, row, 0);
    end->year = (int)db_int(result, row, 2);
    end->received_us = db_int(result, row, 4);
    for (int i = 0; i < 3; i++)
        end->at[i] = db_int(result, row, 5 + i);
    return db_fixed(result, row, 1, end->holder.bytes, KEY_ID_BYTES) &&
                   db_fixed(result, row, 3, end->key.bytes, KEY_ID_BYTES)
               ? STATUS_OK
               : STATUS_MISMATCH;
}

enum status query_case_key_ends(struct db *db, struct arena *arena, uint64_t district,
                                const int64_t after[3], size_t limit,
                                struct case_key_end_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    for (int i = 0; i < 3; i++)
        db_add_int(&params, after[i]);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db,
                                "select unit, holder, year, key, received_us, chain, batch, leaf"
                                " from zhibao.case_key_end where district = $1::bigint"
                                " and (chain, batch, leaf) > ($2::bigint, $3::bigint, $4::bigint)"
                                " order by chain, batch, leaf limit $5::bigint",
                                &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct case_key_end_row), row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
