#include "server/audit/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "server/audit/compare.h"
#include "server/audit/keys.h"
#include "server/audit/record.h"
#include "server/audit/replay.h"
#include "server/audit/stream.h"
#include "server/audit/witness.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, PROGRESS_MS = 2000 };

void audit_find(struct audit *audit, const struct audit_place *place, const char *zh,
                const char *en)
{
    char unit[UNIT_TEXT_BYTES], id[2 * RECORD_ID_BYTES + 1];
    bool chinese = audit->language == LANGUAGE_ZH;
    bool itself = place->batch != 0 && strcmp(place->table, "batch") == 0;
    audit->findings++;
    fprintf(audit->out, "%s%s", itself ? "" : place->table, itself || place->batch == 0 ? "" : " ");
    if (place->batch != 0)
        fprintf(audit->out, chinese ? "第%" PRId64 "批" : "batch %" PRId64, place->batch);
    if (place->batch != 0 && place->leaf >= 0) /* people count from 1, as `zhibao verify` does */
        fprintf(audit->out, chinese ? "第%" PRId64 "件" : " number %" PRId64, place->leaf + 1);
    if (place->unit != 0)
        fprintf(audit->out, chinese ? " 单位%s" : " unit %s", unit_format(place->unit, unit));
    if (place->id != NULL)
        fprintf(audit->out, chinese ? " 编号%s" : " id %s",
                hex_encode(place->id, RECORD_ID_BYTES, id));
    fprintf(audit->out, chinese ? "：%s\n" : ": %s\n", chinese ? zh : en);
}

/* What a batch's row says, and its tree's leaves. */
struct batch {
    struct batch_header header; /* recomputed */
    struct hash *leaves;
    bool *seen;
    struct audit_place place;
};

static bool is(const PGresult *rows, int row, int column, const void *bytes, size_t size)
{
    size_t found = 0;
    const uint8_t *stored = db_bytes(rows, row, column, &found);
    return found == size && memcmp(stored, bytes, size) == 0;
}

/* The row's columns: number, time_us, leaf_count, leaves, header, header_sha256, algorithm, key_id,
 * signature. */
static void batch_check(struct audit *audit, const PGresult *rows, const struct batch *batch)
{
    uint8_t bytes[BATCH_HEADER_BYTES];
    struct hash digest = batch_header_hash(&batch->header);
    struct key_id key = sign_key_id(&audit->server_key);
    size_t size = 0;
    const uint8_t *signature = db_bytes(rows, 0, 8, &size);
    batch_header_encode(&batch->header, bytes);
    if (!is(rows, 0, 4, bytes, sizeof bytes) || !is(rows, 0, 5, digest.bytes, sizeof digest.bytes))
        audit_find(audit, &batch->place, "批头与哈希树或上一批不符：被改动、删去、插入或调换过",
                   "its header is not that of its tree and of the batch before: something was "
                   "altered, removed, added or reordered");
    if (!is(rows, 0, 7, key.bytes, sizeof key.bytes) ||
        db_int(rows, 0, 6) != audit->server_key.algorithm ||
        batch_header_verify(&batch->header, &audit->server_key, signature, size) != STATUS_OK)
        audit_find(audit, &batch->place, "签名不是服务器密钥的",
                   "its signature is not the server's");
}

/* The next batch after `number`; STATUS_NOT_FOUND after the last one. */
static enum status batch_read(struct audit *audit, int64_t number, const struct hash *previous,
                              struct batch *batch)
{
    struct db_params params;
    PGresult *rows = NULL;
    size_t size = 0;
    db_params_init(&params, audit->arena);
    db_add_int(&params, number);
    enum status status = db_run(
        audit->db,
        "select number, time_us, leaf_count, leaves, header, header_sha256, algorithm, key_id,"
        " signature from zhibao.batch where chain = 1::smallint and number > $1::bigint"
        " order by number limit 1",
        &params, &rows);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(rows) == 0) {
        PQclear(rows);
        return STATUS_NOT_FOUND;
    }
    const uint8_t *leaves = db_bytes(rows, 0, 3, &size);
    size_t count = size / HASH_BYTES;
    batch->leaves = arena_copy(audit->arena, leaves, size);
    batch->seen = arena_array(audit->arena, count, sizeof *batch->seen);
    batch->place = (struct audit_place){.table = "batch", .batch = db_int(rows, 0, 0), .leaf = -1};
    if (batch->leaves == NULL || batch->seen == NULL) {
        PQclear(rows);
        return STATUS_NO_MEMORY;
    }
    batch->header = (struct batch_header){.number = (uint64_t)number + 1,
                                          .time_us = db_int(rows, 0, 1),
                                          .leaf_count = (uint32_t)count,
                                          .root = merkle_root(batch->leaves, count),
                                          .previous = *previous};
    memcpy(batch->header.chain, audit->chain_id, sizeof batch->header.chain);
    if (batch->place.batch != number + 1 || db_int(rows, 0, 2) != (int64_t)count)
        audit_find(audit, &batch->place, "前面缺了一批，或件数不对",
                   "the batch before it is missing, or its count is wrong");
    batch_check(audit, rows, batch);
    PQclear(rows);
    return STATUS_OK;
}

static enum status batch_records(struct audit *audit, struct stream *streams, struct batch *batch)
{
    enum status status = STATUS_OK;
    struct stream *stream = NULL;
    while (status == STATUS_OK && (stream = streams_first(streams, batch->place.batch)) != NULL) {
        int64_t leaf = db_int(stream->rows, stream->row, AT_LEAF);
        struct audit_place place = {.table = stream->name,
                                    .batch = batch->place.batch,
                                    .leaf = leaf,
                                    .unit = (uint64_t)db_int(stream->rows, stream->row, AT_UNIT)};
        if (leaf < 0 || leaf >= (int64_t)batch->header.leaf_count || batch->seen[leaf]) {
            audit_find(audit, &place, "是多出来的一件", "is one too many");
        } else {
            batch->seen[leaf] = true;
            status = audit_record(audit, stream, &batch->leaves[leaf]);
        }
        if (status == STATUS_OK)
            status = stream_next(stream);
    }
    for (uint32_t i = 0; i < batch->header.leaf_count && status == STATUS_OK; i++) {
        struct audit_place place = {.table = "batch", .batch = batch->place.batch, .leaf = i};
        if (!batch->seen[i])
            audit_find(audit, &place, "这一件不见了", "this record is missing");
    }
    return status;
}

/* Rows that belong to no batch: before `batch` (all before it are done), or any at the end. */
static enum status strays_find(struct audit *audit, struct stream *streams, int64_t batch)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < STREAM_COUNT; i++)
        while (status == STATUS_OK && !stream_ended(&streams[i]) &&
               db_int(streams[i].rows, streams[i].row, AT_BATCH) < batch) {
            const PGresult *rows = streams[i].rows;
            struct audit_place place = {.table = streams[i].name,
                                        .batch = db_int(rows, streams[i].row, AT_BATCH),
                                        .leaf = db_int(rows, streams[i].row, AT_LEAF),
                                        .unit = (uint64_t)db_int(rows, streams[i].row, AT_UNIT)};
            audit_find(audit, &place, "不属于任何一批", "belongs to no batch");
            status = stream_next(&streams[i]);
        }
    return status;
}

static void progress(const struct audit *audit, int64_t *told_ms)
{
    if (clock_monotonic_ms() < *told_ms + PROGRESS_MS)
        return;
    *told_ms = clock_monotonic_ms();
    fprintf(stderr,
            audit->language == LANGUAGE_ZH ? "… %" PRIu64 " 批，%" PRIu64 " 件\n"
                                           : "… %" PRIu64 " batches, %" PRIu64 " records\n",
            audit->batches, audit->records);
}

static enum status batches_check(struct audit *audit, struct stream *streams)
{
    struct hash previous = {0};
    int64_t number = 0, told_ms = clock_monotonic_ms();
    enum status status = STATUS_OK;
    for (;;) {
        struct batch batch;
        arena_reset(audit->arena);
        status = batch_read(audit, number, &previous, &batch);
        if (status != STATUS_OK)
            break;
        status = strays_find(audit, streams, batch.place.batch);
        if (status == STATUS_OK)
            status = replay_batch(audit->replay, batch.place.batch, batch.header.time_us);
        if (status == STATUS_OK)
            status = batch_records(audit, streams, &batch);
        if (status != STATUS_OK)
            return status;
        batch.header.number = (uint64_t)batch.place.batch;
        previous = batch_header_hash(&batch.header);
        number = batch.place.batch;
        audit->batches++;
        progress(audit, &told_ms);
    }
    return status == STATUS_NOT_FOUND ? strays_find(audit, streams, INT64_MAX) : status;
}

/* One snapshot; whose chain it is and how far zhibaod has checked signatures itself. */
static enum status snapshot_open(struct audit *audit)
{
    PGresult *rows = NULL;
    enum status status =
        db_exec(audit->db, "begin transaction isolation level repeatable read read only", NULL);
    if (status == STATUS_OK)
        status = db_exec(audit->db, "set local statement_timeout = 0", NULL);
    if (status == STATUS_OK)
        status = db_exec(audit->db, "set local idle_in_transaction_session_timeout = 0", NULL);
    if (status == STATUS_OK) /* whose chain: as the first signed header says */
        status = db_run(audit->db,
                        "select coalesce((select substring(b.header from 2 for 16)"
                        "  from zhibao.batch b where b.chain = 1 order by b.number limit 1),"
                        "  c.chain_id), coalesce(s.number, 0) from zhibao.chain c"
                        " left join zhibao.signature_check s on s.chain = c.chain"
                        " where c.chain = 1::smallint",
                        NULL, &rows);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(rows) == 1 && PQgetlength(rows, 0, 0) == CHAIN_ID_BYTES) {
        memcpy(audit->chain_id, PQgetvalue(rows, 0, 0), CHAIN_ID_BYTES);
        audit->checked = db_int(rows, 0, 1);
    }
    PQclear(rows);
    return STATUS_OK;
}

/* What the records made, beside what is stored. */
static enum status tables_check(struct audit *audit)
{
    struct db *made = NULL;
    enum status status = replay_end(audit->replay, &made);
    if (status == STATUS_OK)
        status = audit_compare(audit, made);
    return status == STATUS_OK ? audit_contents(audit) : status;
}

enum status audit_run(struct audit *audit, const struct options *options)
{
    struct stream streams[STREAM_COUNT] = {0};
    lookup_init(&audit->keys, sizeof(struct audited_key), sizeof(struct key_id));
    lookup_init(&audit->voids, sizeof(struct audited_void), sizeof(struct void_key));
    audit->arena = arena_create(ARENA_BYTES);
    enum status status = audit->arena == NULL ? STATUS_NO_MEMORY : snapshot_open(audit);
    if (status == STATUS_OK && options->receipts[0] != '\0')
        status = audit_receipts(audit, options->receipts);
    if (status == STATUS_OK)
        status = replay_open(audit, options, &audit->replay);
    if (status == STATUS_OK)
        status = streams_open(audit->db, streams);
    if (status == STATUS_OK)
        status = batches_check(audit, streams);
    streams_close(streams);
    if (status == STATUS_OK)
        status = tables_check(audit);
    if (status == STATUS_OK)
        audit_voids_compare(audit);
    return status;
}

void audit_close(struct audit *audit)
{
    replay_close(&audit->replay);
    lookup_clear(&audit->keys);
    lookup_clear(&audit->voids);
    arena_destroy(&audit->arena);
}
