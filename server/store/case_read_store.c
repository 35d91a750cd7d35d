/* Questions about cases, and who read them. */
#include <string.h>

#include "server/store/case_store.h"

enum status store_insert_case_read(struct db *db, struct arena *arena, struct case_place place,
                                   const struct task *task, const Zhibao__CaseRead *reading)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)reading->district);
    db_add_bytes(&params, reading->case_id.data, reading->case_id.len);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.key.bytes, KEY_ID_BYTES);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, reading->purpose);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, place.chain);
    db_add_int(&params, place.batch);
    db_add_int(&params, task->index);
    return db_exec(db,
                   "insert into zhibao.case_read (district, case_id, unit, holder, id, purpose,"
                   " received_us, chain, batch, leaf) values ($1::bigint, $2, $3::bigint, $4, $5,"
                   " $6::smallint, $7::bigint, $8::smallint, $9::bigint, $10::int)",
                   &params);
}

static enum status key_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct case_key *key = out;
    (void)arena;
    key->district = (uint64_t)db_int(result, row, 0);
    key->chain = db_int(result, row, 2);
    key->batch = db_int(result, row, 3);
    key->leaf = db_int(result, row, 4);
    return db_fixed(result, row, 1, key->id.bytes, RECORD_ID_BYTES) ? STATUS_OK : STATUS_MISMATCH;
}

enum status query_case_keys(struct db *db, struct arena *arena, const struct key_id *holder,
                            bool files, const int64_t before[3], size_t limit,
                            struct case_key **out_keys, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *keys = NULL;
    db_params_init(&params, arena);
    db_add_bytes(&params, holder->bytes, KEY_ID_BYTES);
    for (int i = 0; i < 3; i++)
        db_add_int(&params, before[i]);
    db_add_int(&params, (int64_t)limit);
    db_add_bool(&params, files);
    enum status status =
        db_run(db,
               "select c.district, c.id, c.chain, c.batch, c.leaf from zhibao.case_report c"
               " where (c.district, c.id) in (select district, case_id from zhibao.case_recipient"
               "  where holder = $1) and (c.kind <> 0) = $6::boolean"
               " and ($3::bigint = 0 or (c.chain, c.batch, c.leaf) <"
               "  ($2::bigint, $3::bigint, $4::bigint))"
               " order by c.chain desc, c.batch desc, c.leaf desc limit $5::bigint",
               &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(struct case_key), key_read, &keys, out_count);
    if (status == STATUS_OK)
        *out_keys = keys;
    return status;
}

enum status query_case_read_us(struct db *db, struct arena *arena, uint64_t district,
                               const struct record_id *id, const struct key_id *holder,
                               int64_t *out_us)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, holder->bytes, KEY_ID_BYTES);
    enum status status = db_run(db,
                                "select coalesce(max(received_us), 0) from zhibao.case_read"
                                " where district = $1::bigint and case_id = $2 and holder = $3",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_us = db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status case_stored_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct case_stored *stored = out;
    stored->kind = (uint8_t)db_int(result, row, 0);
    stored->unit = (uint64_t)db_int(result, row, 1);
    stored->received_us = db_int(result, row, 2);
    stored->algorithm = (uint8_t)db_int(result, row, 4);
    const uint8_t *payload = db_bytes(result, row, 5, &stored->payload_size);
    const uint8_t *signature = db_bytes(result, row, 6, &stored->signature_size);
    stored->payload = arena_copy(arena, payload, stored->payload_size);
    stored->signature = arena_copy(arena, signature, stored->signature_size);
    if (stored->payload == NULL || stored->signature == NULL)
        return STATUS_NO_MEMORY;
    return db_fixed(result, row, 3, stored->key.bytes, KEY_ID_BYTES) ? STATUS_OK : STATUS_MISMATCH;
}

#define STORED_COLUMNS \
    "e.kind, e.unit, e.received_us, e.key_id, e.algorithm, e.payload, e.signature"

enum status query_case_records(struct db *db, struct arena *arena, uint64_t district,
                               const struct record_id *id, const struct key_id *holder,
                               unsigned level, const struct record_id *after, size_t limit,
                               struct case_stored **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, holder->bytes, KEY_ID_BYTES);
    db_add_int(&params, level);
    if (after == NULL)
        db_add_null(&params);
    else
        db_add_bytes(&params, after->bytes, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)limit);
    enum status status =
        db_run(db,
               "select " STORED_COLUMNS " from zhibao.case_event c join zhibao.case_wrap w"
               " on w.district = c.district and w.case_id = c.case_id and w.record = c.id"
               " and w.holder = $3 and w.level <= $4::bigint"
               " join zhibao.registry_event e on e.district = c.author_district"
               " and e.unit = c.unit and e.kind = case c.action when 1 then 30 else 32 end"
               " and e.id = c.id"
               " where c.district = $1::bigint and c.case_id = $2"
               " and ($5::bytea is null or (c.chain, c.batch, c.leaf) > (select a.chain, a.batch,"
               "  a.leaf from zhibao.case_event a where a.district = $1::bigint"
               "  and a.case_id = $2 and a.id = $5::bytea limit 1))"
               " order by c.chain, c.batch, c.leaf limit $6::bigint",
               &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct case_stored), case_stored_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

enum status query_case_directory(struct db *db, struct arena *arena, uint64_t district,
                                 struct case_stored *out_row)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    size_t count = 0;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    enum status status = db_run(db,
                                "select " STORED_COLUMNS " from zhibao.case_directory d"
                                " join zhibao.registry_event e on e.district = d.author_district"
                                " and e.unit = d.unit and e.kind = 31 and e.id = d.id where "
                                "d.district = $1::bigint order by d.serial desc limit 1",
                                &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof *out_row, case_stored_read, &rows, &count);
    if (status != STATUS_OK)
        return status;
    if (count == 0)
        return STATUS_NOT_FOUND;
    *out_row = *(struct case_stored *)rows;
    return STATUS_OK;
}

static enum status reading_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct case_read_row *read = out;
    (void)arena;
    read->unit = (uint64_t)db_int(result, row, 1);
    read->purpose = (int)db_int(result, row, 3);
    read->received_us = db_int(result, row, 4);
    for (int i = 0; i < 3; i++)
        read->at[i] = db_int(result, row, 6 + i);
    return db_fixed(result, row, 0, read->case_id.bytes, RECORD_ID_BYTES) &&
                   db_fixed(result, row, 2, read->holder.bytes, KEY_ID_BYTES) &&
                   db_fixed(result, row, 5, read->id.bytes, RECORD_ID_BYTES)
               ? STATUS_OK
               : STATUS_MISMATCH;
}

enum status query_case_reads(struct db *db, struct arena *arena, uint64_t district,
                             const struct record_id *case_id, const struct key_id *asker,
                             const int64_t after[3], size_t limit, struct case_read_row **out_rows,
                             size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    if (case_id == NULL)
        db_add_null(&params);
    else
        db_add_bytes(&params, case_id->bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, asker->bytes, KEY_ID_BYTES);
    for (int i = 0; i < 3; i++)
        db_add_int(&params, after[i]);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(
        db,
        "select r.case_id, r.unit, r.holder, r.purpose, r.received_us, r.id, r.chain, r.batch,"
        " r.leaf from zhibao.case_read r where r.district = $1::bigint"
        " and ($2::bytea is null or r.case_id = $2::bytea)"
        " and exists (select from (select distinct on (m.holder) m.role, m.present"
        "  from zhibao.case_recipient m where m.district = r.district and m.case_id = r.case_id"
        "  and m.holder = $3 order by m.holder, m.chain desc, m.batch desc, m.leaf desc) l"
        "  where l.present and l.role in (1, 4))"
        " and (r.chain, r.batch, r.leaf) > ($4::bigint, $5::bigint, $6::bigint)"
        " order by r.chain, r.batch, r.leaf limit $7::bigint",
        &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct case_read_row), reading_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
