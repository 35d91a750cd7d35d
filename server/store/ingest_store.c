#include "server/store/ingest_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/ingest/record_type.h"
#include "server/store/query_receipt.h"

enum { CHAIN = 1 };

static enum status chain_read(struct db *db, struct chain_head *out_head)
{
    PGresult *result = NULL;
    enum status status =
        db_run(db,
               "select c.chain_id, coalesce(b.number, 0), b.header_sha256 from zhibao.chain c"
               " left join zhibao.batch b on b.chain = c.chain"
               " where c.chain = 1 order by b.number desc nulls last limit 1",
               NULL, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0) {
        PQclear(result);
        return STATUS_NOT_FOUND;
    }
    size_t size = 0;
    const uint8_t *id = db_bytes(result, 0, 0, &size);
    out_head->chain = CHAIN;
    memcpy(out_head->chain_id, id, CHAIN_ID_BYTES);
    out_head->number = db_int(result, 0, 1);
    const uint8_t *hash = db_bytes(result, 0, 2, &size);
    memset(&out_head->header_sha256, 0, sizeof out_head->header_sha256);
    if (size == HASH_BYTES)
        memcpy(out_head->header_sha256.bytes, hash, HASH_BYTES);
    PQclear(result);
    return STATUS_OK;
}

enum status store_chain_open(struct db *db, struct arena *arena, struct chain_head *out_head)
{
    struct db_params params;
    uint8_t id[CHAIN_ID_BYTES];
    enum status status = chain_read(db, out_head);
    if (status != STATUS_NOT_FOUND)
        return status;
    random_bytes(id, sizeof id);
    db_params_init(&params, arena);
    db_add_bytes(&params, id, sizeof id);
    status = db_exec(db, "insert into zhibao.chain (chain, chain_id) values (1, $1)", &params);
    if (status == STATUS_OK)
        status =
            db_exec(db, "insert into zhibao.signature_check (chain, number) values (1, 0)", NULL);
    return status == STATUS_OK ? chain_read(db, out_head) : status;
}

enum status store_begin(struct db *db)
{
    return db_exec(db, "begin", NULL);
}

enum status store_commit(struct db *db)
{
    return db_exec(db, "commit", NULL);
}

void store_rollback(struct db *db)
{
    if (db_usable(db) && db_exec(db, "rollback", NULL) != STATUS_OK)
        log_warning("could not roll back");
}

enum status store_savepoint(struct db *db)
{
    return db_exec(db, "savepoint one", NULL);
}

enum status store_release(struct db *db)
{
    return db_exec(db, "release savepoint one", NULL);
}

enum status store_rollback_to(struct db *db)
{
    enum status status = db_exec(db, "rollback to savepoint one", NULL);
    return status == STATUS_OK ? store_release(db) : status;
}

/* The task of `tasks` that a row's unit and id mean. Rows are few: a retry is rare. */
static struct task *task_of(struct task **tasks, size_t count, uint64_t unit, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++)
        if (tasks[i]->leaf.unit == unit &&
            memcmp(tasks[i]->leaf.id.bytes, id, RECORD_ID_BYTES) == 0)
            return tasks[i];
    return NULL;
}

static enum status found_earlier(struct db *db, struct arena *arena, enum record_table table,
                                 struct task *task)
{
    uint8_t *receipt = NULL;
    size_t size = 0;
    struct hash stored;
    enum status status = receipt_rebuild(db, arena, table, task->district, task->leaf.unit,
                                         task->leaf.kind, &task->leaf.id, &receipt, &size, &stored);
    if (status != STATUS_OK)
        return status;
    if (memcmp(stored.bytes, task->leaf.payload_sha256.bytes, HASH_BYTES) != 0) {
        problems_clear(&task->problems);
        task->refusal = STATUS_OK;
        task_problem(task, STATUS_E_ID_CONFLICT, "head.id", NULL, NULL);
        task_refuse(task, STATUS_E_ID_CONFLICT);
        log_warning("refused a record: same id, other content unit=%llu",
                    (unsigned long long)task->leaf.unit);
        return STATUS_OK;
    }
    task->receipt = arena_copy(task->arena, receipt, size);
    if (task->receipt == NULL)
        return STATUS_NO_MEMORY;
    task->receipt_size = size;
    task->outcome = TASK_DUPLICATE;
    return STATUS_OK;
}

/* districts, units and ids of the tasks as three array parameters */
static enum status add_keys(struct db_params *params, struct arena *arena, struct task **tasks,
                            size_t count)
{
    int64_t *districts = arena_array(arena, count, sizeof *districts);
    int64_t *units = arena_array(arena, count, sizeof *units);
    struct db_bytes *ids = arena_array(arena, count, sizeof *ids);
    if (districts == NULL || units == NULL || ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        districts[i] = (int64_t)tasks[i]->district;
        units[i] = (int64_t)tasks[i]->leaf.unit;
        ids[i] = (struct db_bytes){tasks[i]->leaf.id.bytes, RECORD_ID_BYTES};
    }
    db_params_init(params, arena);
    db_add_ints(params, districts, count);
    db_add_ints(params, units, count);
    db_add_bytes_array(params, ids, count);
    return STATUS_OK;
}

enum status store_find_reports(struct db *db, struct arena *arena, struct task **tasks,
                               size_t count)
{
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_keys(&params, arena, tasks, count);
    if (status == STATUS_OK)
        status = db_run(db,
                        "select r.unit, r.id from zhibao.report r"
                        " join unnest($1::bigint[], $2::bigint[], $3::bytea[]) as k (d, u, i)"
                        " on r.district = k.d and r.unit = k.u and r.id = k.i",
                        &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result) && status == STATUS_OK; row++) {
        size_t size = 0;
        const uint8_t *id = db_bytes(result, row, 1, &size);
        struct task *task = task_of(tasks, count, (uint64_t)db_int(result, row, 0), id);
        if (task != NULL)
            status = found_earlier(db, arena, RECORD_TABLE_REPORT, task);
    }
    PQclear(result);
    return status;
}

enum status store_find_event(struct db *db, struct arena *arena, struct task *task)
{
    enum status status = found_earlier(db, arena, record_type_of(task->leaf.kind)->table, task);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status store_known_revisions(struct db *db, struct arena *arena, struct task **tasks,
                                  size_t count)
{
    struct db_params params;
    PGresult *result = NULL;
    int64_t *districts = arena_array(arena, count, sizeof *districts);
    int64_t *units = arena_array(arena, count, sizeof *units);
    int64_t *forms = arena_array(arena, count, sizeof *forms);
    int64_t *periods = arena_array(arena, count, sizeof *periods);
    if (districts == NULL || units == NULL || forms == NULL || periods == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        districts[i] = (int64_t)tasks[i]->district;
        units[i] = (int64_t)tasks[i]->leaf.unit;
        forms[i] = tasks[i]->form.id;
        periods[i] = tasks[i]->report->period;
    }
    db_params_init(&params, arena);
    db_add_ints(&params, districts, count);
    db_add_ints(&params, units, count);
    db_add_ints(&params, forms, count);
    db_add_ints(&params, periods, count);
    enum status status =
        db_run(db,
               /* one series of revisions through all versions of a form; the versions are looked
                * up once a batch, not once a report (155 us of CPU a report, now 5) */
               "with version as materialized (select f.form_id as asked,"
               " array_agg(v.form_id) as ids from zhibao.form f join zhibao.form v"
               " on v.plan = f.plan and v.form = f.form"
               " where f.form_id = any ($3::bigint[]) group by f.form_id)"
               " select (select max(r.revision) from zhibao.report r where r.district = k.d"
               " and r.period = k.p::smallint and r.form_id = any (v.ids) and r.unit = k.u)"
               " from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])"
               " with ordinality as k (d, u, f, p, n) join version v on v.asked = k.f"
               " order by k.n",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++)
        tasks[row]->known_revision = (int)db_int(result, row, 0);
    PQclear(result);
    return STATUS_OK;
}

/* The columns that every stored record has, in this order, starting at $1. */
static void add_record(struct db_params *params, struct arena *arena, int16_t chain, int64_t batch,
                       const struct task *task)
{
    const struct leaf *leaf = &task->leaf;
    db_params_init(params, arena);
    db_add_int(params, (int64_t)task->district);
    db_add_int(params, (int64_t)leaf->unit);
    db_add_int(params, leaf->kind);
    db_add_bytes(params, leaf->id.bytes, RECORD_ID_BYTES);
    db_add_int(params, leaf->received_us);
    db_add_int(params, (int64_t)task->carrier);
    db_add_bytes(params, leaf->key.bytes, KEY_ID_BYTES);
    db_add_int(params, leaf->algorithm);
    db_add_bytes(params, leaf->payload_sha256.bytes, HASH_BYTES);
    db_add_bytes(params, task->payload, task->payload_size);
    db_add_bytes(params, task->signature, task->signature_size);
    db_add_int(params, chain);
    db_add_int(params, batch);
    db_add_int(params, task->index);
}

#define RECORD_COLUMNS                                                                            \
    "district, unit, kind, id, received_us, carrier, key_id, algorithm, payload_sha256, payload," \
    " signature, chain, batch, leaf"
#define RECORD_VALUES                                                                              \
    "$1::bigint, $2::bigint, $3::smallint, $4, $5::bigint, $6::bigint, $7, $8::smallint, $9, $10," \
    " $11, $12::smallint, $13::bigint, $14::int"

static void add_int_or_null(struct db_params *params, int64_t number)
{
    if (number == 0)
        db_add_null(params);
    else
        db_add_int(params, number);
}

enum status store_insert_event(struct db *db, struct arena *arena, int16_t chain, int64_t batch,
                               const struct task *task, const struct event_row *row)
{
    struct db_params params;
    add_record(&params, arena, chain, batch, task);
    db_add_text(&params, row->event);
    add_int_or_null(&params, row->subject_kind);
    add_int_or_null(&params, (int64_t)row->subject_unit);
    if (row->subject_id == NULL)
        db_add_null(&params);
    else
        db_add_bytes(&params, row->subject_id->bytes, RECORD_ID_BYTES);
    db_add_text(&params, row->plan);
    add_int_or_null(&params, row->form_id);
    add_int_or_null(&params, (int64_t)row->place);
    add_int_or_null(&params, row->period);
    add_int_or_null(&params, row->revision);
    db_add_text(&params, row->reason == NULL ? "" : row->reason);
    return db_exec(db,
                   "insert into zhibao.report_event (" RECORD_COLUMNS
                   ", event, subject_kind, subject_unit, subject_id, plan, form_id, place, period,"
                   " revision, reason) values (" RECORD_VALUES
                   ", $15, $16::smallint, $17::bigint, $18, $19, $20::int, $21::bigint,"
                   " $22::smallint, $23::smallint, $24)",
                   &params);
}

enum status store_insert_registry_event(struct db *db, struct arena *arena, int16_t chain,
                                        int64_t batch, const struct task *task,
                                        uint64_t subject_unit)
{
    struct db_params params;
    add_record(&params, arena, chain, batch, task);
    add_int_or_null(&params, (int64_t)subject_unit);
    return db_exec(db,
                   "insert into zhibao.registry_event (" RECORD_COLUMNS ", subject_unit) values"
                   " (" RECORD_VALUES ", $15::bigint)",
                   &params);
}

enum status store_insert_items(struct db *db, struct arena *arena, const struct task *task,
                               const Zhibao__Confirmation *confirmation)
{
    struct db_params params;
    size_t count = confirmation->n_reports;
    int64_t *units = arena_array(arena, count, sizeof *units);
    struct db_bytes *ids = arena_array(arena, count, sizeof *ids);
    if (units == NULL || ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        units[i] = (int64_t)confirmation->reports[i]->unit;
        ids[i] =
            (struct db_bytes){confirmation->reports[i]->id.data, confirmation->reports[i]->id.len};
    }
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_ints(&params, units, count);
    db_add_bytes_array(&params, ids, count);
    return db_exec(db,
                   "insert into zhibao.confirmation_item"
                   " (district, confirmation_unit, confirmation_id, unit, id)"
                   " select $1::bigint, $2::bigint, $3, u, i"
                   " from unnest($4::bigint[], $5::bytea[]) as k (u, i)",
                   &params);
}

enum status store_insert_batch(struct db *db, struct arena *arena, int16_t chain,
                               const struct batch_header *header, const struct hash *leaves,
                               const struct sign_public *signer, const struct signature *signature)
{
    struct db_params params;
    struct key_id key = sign_key_id(signer);
    uint8_t bytes[BATCH_HEADER_BYTES];
    struct hash digest = batch_header_hash(header);
    batch_header_encode(header, bytes);
    db_params_init(&params, arena);
    db_add_int(&params, chain);
    db_add_int(&params, (int64_t)header->number);
    db_add_int(&params, header->time_us);
    db_add_int(&params, header->leaf_count);
    db_add_bytes(&params, leaves, header->leaf_count * sizeof *leaves);
    db_add_bytes(&params, bytes, sizeof bytes);
    db_add_bytes(&params, digest.bytes, sizeof digest.bytes);
    db_add_int(&params, signer->algorithm);
    db_add_bytes(&params, key.bytes, sizeof key.bytes);
    db_add_bytes(&params, signature->bytes, sizeof signature->bytes);
    return db_exec(db,
                   "insert into zhibao.batch (chain, number, time_us, leaf_count, leaves, header,"
                   " header_sha256, algorithm, key_id, signature) values ($1::smallint, $2::bigint,"
                   " $3::bigint, $4::int, $5, $6, $7, $8::smallint, $9, $10)",
                   &params);
}

enum status store_signatures_checked(struct db *db, struct arena *arena, int16_t chain,
                                     int64_t batch, int64_t now_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, chain);
    db_add_int(&params, batch);
    db_add_int(&params, now_us);
    enum status status = db_exec(db,
                                 "insert into zhibao.signature_checked (chain, number, checked_us)"
                                 " select s.chain, $2::bigint, $3::bigint"
                                 " from zhibao.signature_check s"
                                 " where s.chain = $1::smallint and s.number < $2::bigint",
                                 &params);
    if (status != STATUS_OK)
        return status;
    db_params_init(&params, arena);
    db_add_int(&params, chain);
    db_add_int(&params, batch);
    return db_exec(db,
                   "update zhibao.signature_check set number = $2::bigint"
                   " where chain = $1::smallint and number < $2::bigint",
                   &params);
}
