#include "server/store/query_receipt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/log.h"
#include "record.pb-c.h"

enum { HEADER_LAYOUT = 1, LEVELS_MAX = 33 };

/* One batch as stored, and all levels of its tree: leaves first, the root last. */
struct batch_row {
    struct batch_header header;
    uint8_t algorithm;
    struct key_id key;
    struct signature signature;
    size_t level_count;
    size_t level_size[LEVELS_MAX];
    struct hash *levels[LEVELS_MAX]; /* all in one allocation, levels[0] */
};

bool receipt_row_read(const PGresult *result, int row, int first, struct receipt_row *out_row)
{
    struct receipt_row read;
    memset(&read, 0, sizeof read);
    read.leaf.kind = (uint8_t)db_int(result, row, first);
    read.leaf.unit = (uint64_t)db_int(result, row, first + 1);
    read.leaf.received_us = db_int(result, row, first + 3);
    read.leaf.algorithm = (uint8_t)db_int(result, row, first + 4);
    read.chain = (int16_t)db_int(result, row, first + 8);
    read.batch = db_int(result, row, first + 9);
    read.index = (uint32_t)db_int(result, row, first + 10);
    bool good = db_fixed(result, row, first + 2, read.leaf.id.bytes, RECORD_ID_BYTES) &&
                db_fixed(result, row, first + 5, read.leaf.key.bytes, KEY_ID_BYTES) &&
                db_fixed(result, row, first + 6, read.leaf.payload_sha256.bytes, HASH_BYTES) &&
                db_fixed(result, row, first + 7, read.leaf.signature_sha256.bytes, HASH_BYTES);
    if (good)
        *out_row = read;
    return good;
}

/* The signed header's fields. Encoding them again must give the stored bytes back, so a layout
 * that changes without this reader is noticed. */
static bool header_decode(const uint8_t *bytes, size_t size, struct batch_header *out_header)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct batch_header header = {0};
    uint8_t again[BATCH_HEADER_BYTES];
    uint64_t layout = read_number(&reader, 1);
    read_bytes(&reader, header.chain, sizeof header.chain);
    header.number = read_number(&reader, 8);
    header.time_us = (int64_t)read_number(&reader, 8);
    header.leaf_count = (uint32_t)read_number(&reader, 4);
    read_bytes(&reader, header.root.bytes, HASH_BYTES);
    read_bytes(&reader, header.previous.bytes, HASH_BYTES);
    if (reader.bad || reader.used != size || layout != HEADER_LAYOUT || size != sizeof again)
        return false;
    batch_header_encode(&header, again);
    if (memcmp(again, bytes, size) != 0)
        return false;
    *out_header = header;
    return true;
}

/* Pairs level by level, an odd last node rising as it is: the tree of RFC 6962, kept whole so that
 * many paths cost no hashing. */
static enum status levels_build(struct batch_row *batch, const uint8_t *leaves, size_t count)
{
    size_t total = 0;
    size_t size = count;
    for (batch->level_count = 0; batch->level_count < LEVELS_MAX; size = (size + 1) / 2) {
        batch->level_size[batch->level_count++] = size;
        total += size;
        if (size == 1)
            break;
    }
    batch->levels[0] = malloc(total * sizeof(struct hash));
    if (batch->levels[0] == NULL)
        return STATUS_NO_MEMORY;
    memcpy(batch->levels[0], leaves, count * sizeof(struct hash));
    for (size_t level = 1; level < batch->level_count; level++) {
        const struct hash *below = batch->levels[level - 1];
        size_t below_size = batch->level_size[level - 1];
        batch->levels[level] = batch->levels[level - 1] + below_size;
        for (size_t i = 0; i < batch->level_size[level]; i++)
            batch->levels[level][i] =
                2 * i + 1 < below_size ? merkle_root(below + 2 * i, 2) : below[2 * i];
    }
    return STATUS_OK;
}

static void path_take(const struct batch_row *batch, size_t index, struct merkle_path *out_path)
{
    out_path->length = 0;
    for (size_t level = 0; level + 1 < batch->level_count; level++, index /= 2) {
        size_t sibling = index ^ 1;
        if (sibling < batch->level_size[level])
            out_path->nodes[out_path->length++] = batch->levels[level][sibling];
    }
}

/* Columns: chain, number, leaves, header, algorithm, key_id, signature. STATUS_MISMATCH for a row
 * that contradicts itself. */
static enum status batch_read(const PGresult *result, int row, struct batch_row *out_batch)
{
    size_t leaves_size = 0;
    size_t header_size = 0;
    const uint8_t *leaves = db_bytes(result, row, 2, &leaves_size);
    const uint8_t *header = db_bytes(result, row, 3, &header_size);
    memset(out_batch, 0, sizeof *out_batch);
    out_batch->algorithm = (uint8_t)db_int(result, row, 4);
    if (!header_decode(header, header_size, &out_batch->header) || leaves_size == 0 ||
        out_batch->header.leaf_count != leaves_size / HASH_BYTES || leaves_size % HASH_BYTES != 0 ||
        (int64_t)out_batch->header.number != db_int(result, row, 1) ||
        !db_fixed(result, row, 5, out_batch->key.bytes, KEY_ID_BYTES) ||
        !db_fixed(result, row, 6, out_batch->signature.bytes, SIGN_SIGNATURE_BYTES))
        return STATUS_MISMATCH;
    enum status status = levels_build(out_batch, leaves, out_batch->header.leaf_count);
    if (status == STATUS_OK && memcmp(out_batch->levels[out_batch->level_count - 1][0].bytes,
                                      out_batch->header.root.bytes, HASH_BYTES) != 0)
        status = STATUS_MISMATCH;
    return status;
}

static void batch_clear(struct batch_row *batch)
{
    free(batch->levels[0]);
    batch->levels[0] = NULL;
}

/* `out_receipt` stays empty when the row is not its batch's leaf. */
static enum status receipt_make(const struct batch_row *batch, const struct receipt_row *row,
                                struct arena *arena, struct receipt_bytes *out_receipt)
{
    uint8_t bytes[RECEIPT_MAX_BYTES];
    struct receipt receipt;
    struct hash leaf = leaf_hash(&row->leaf);
    if (row->index >= batch->header.leaf_count ||
        memcmp(leaf.bytes, batch->levels[0][row->index].bytes, HASH_BYTES) != 0)
        return STATUS_MISMATCH;
    memset(&receipt, 0, sizeof receipt);
    receipt.leaf = row->leaf;
    receipt.index = row->index;
    receipt.header = batch->header;
    receipt.algorithm = batch->algorithm;
    receipt.key = batch->key;
    receipt.signature = batch->signature;
    path_take(batch, row->index, &receipt.path);
    size_t size = receipt_encode(&receipt, bytes);
    out_receipt->bytes = arena_copy(arena, bytes, size);
    if (out_receipt->bytes == NULL)
        return STATUS_NO_MEMORY;
    out_receipt->size = size;
    return STATUS_OK;
}

static void mismatch_log(const struct receipt_row *row)
{
    log_error("could not rebuild receipt: stored record is not its batch's leaf kind=%u "
              "unit=%" PRIu64 " chain=%d batch=%" PRId64 " leaf=%" PRIu32,
              row->leaf.kind, row->leaf.unit, row->chain, row->batch, row->index);
}

/* Rows by batch: pointers into the caller's array, so that answers keep its order. */
static int by_batch(const void *left, const void *right)
{
    const struct receipt_row *a = *(const struct receipt_row *const *)left;
    const struct receipt_row *b = *(const struct receipt_row *const *)right;
    if (a->chain != b->chain)
        return a->chain < b->chain ? -1 : 1;
    return (a->batch > b->batch) - (a->batch < b->batch);
}

static bool same_batch(const struct receipt_row *a, const struct receipt_row *b)
{
    return a->chain == b->chain && a->batch == b->batch;
}

struct rebuild {
    struct db *db;
    struct arena *arena;
    const struct receipt_row *rows;          /* as the caller gave them */
    const struct receipt_row *const *sorted; /* by batch, kind 0 left out */
    size_t count;                            /* of sorted */
    struct receipt_bytes *receipts;          /* parallel to rows */
};

/* Receipts of sorted[*next ...] that lie in the batch of `result` row `row`. */
static enum status batch_serve(struct rebuild *rebuild, const PGresult *result, int row,
                               size_t *next)
{
    struct batch_row batch;
    enum status readable = batch_read(result, row, &batch);
    enum status status = readable == STATUS_NO_MEMORY ? readable : STATUS_OK;
    const struct receipt_row *head = rebuild->sorted[*next];
    for (; *next < rebuild->count && same_batch(head, rebuild->sorted[*next]); (*next)++) {
        const struct receipt_row *wanted = rebuild->sorted[*next];
        enum status made = readable;
        if (status == STATUS_OK && readable == STATUS_OK)
            made = receipt_make(&batch, wanted, rebuild->arena,
                                &rebuild->receipts[wanted - rebuild->rows]);
        if (made == STATUS_MISMATCH)
            mismatch_log(wanted);
        else if (made != STATUS_OK)
            status = made;
    }
    batch_clear(&batch);
    return status;
}

/* Fetches the next batches and serves the rows in them. */
static enum status chunk_serve(struct rebuild *rebuild, size_t *next)
{
    int64_t chains[RECEIPT_BATCHES];
    int64_t batches[RECEIPT_BATCHES];
    size_t count = 0;
    struct db_params params;
    PGresult *result = NULL;
    for (size_t i = *next; i < rebuild->count && count < RECEIPT_BATCHES; i++) {
        const struct receipt_row *row = rebuild->sorted[i];
        if (i > *next && same_batch(row, rebuild->sorted[i - 1]))
            continue;
        chains[count] = row->chain;
        batches[count++] = row->batch;
    }
    db_params_init(&params, rebuild->arena);
    db_add_ints(&params, chains, count);
    db_add_ints(&params, batches, count);
    enum status status = db_run(rebuild->db,
                                "select b.chain, b.number, b.leaves, b.header, b.algorithm,"
                                " b.key_id, b.signature"
                                " from unnest($1::bigint[], $2::bigint[]) as k (c, n)"
                                " join zhibao.batch b on b.chain = k.c::smallint and b.number = k.n"
                                " order by b.chain, b.number",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    int row = 0;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        bool found = row < PQntuples(result) && db_int(result, row, 0) == chains[i] &&
                     db_int(result, row, 1) == batches[i];
        if (found) {
            status = batch_serve(rebuild, result, row++, next);
            continue;
        }
        const struct receipt_row *head = rebuild->sorted[*next];
        for (; *next < rebuild->count && same_batch(head, rebuild->sorted[*next]); (*next)++)
            mismatch_log(rebuild->sorted[*next]);
    }
    PQclear(result);
    return status;
}

enum status receipts_of_rows(struct db *db, struct arena *arena, const struct receipt_row *rows,
                             size_t count, struct receipt_bytes *out_receipts)
{
    const struct receipt_row **sorted = arena_array(arena, count, sizeof *sorted);
    if (sorted == NULL)
        return STATUS_NO_MEMORY;
    struct rebuild rebuild = {
        .db = db, .arena = arena, .rows = rows, .sorted = sorted, .receipts = out_receipts};
    for (size_t i = 0; i < count; i++) {
        out_receipts[i] = (struct receipt_bytes){0};
        if (rows[i].leaf.kind != 0)
            sorted[rebuild.count++] = &rows[i];
    }
    if (rebuild.count > 1)
        qsort(sorted, rebuild.count, sizeof *sorted, by_batch);
    size_t next = 0;
    enum status status = STATUS_OK;
    while (next < rebuild.count && status == STATUS_OK)
        status = chunk_serve(&rebuild, &next);
    return status;
}

/* clang-format off: a statement keeps its own lines */
#define RECORD_IS " where t.district = $1::bigint and t.unit = $2::bigint and t.id = $3"

static const char *const record_sql[] = {
    [RECORD_TABLE_REPORT] =
        "select " RECEIPT_COLUMNS("1", "t") " from zhibao.report t" RECORD_IS " and $4::bigint = 1",
    [RECORD_TABLE_EVENT] = "select " RECEIPT_COLUMNS(
        "t.kind", "t") " from zhibao.report_event t" RECORD_IS " and t.kind = $4::bigint",
    [RECORD_TABLE_REGISTRY] = "select " RECEIPT_COLUMNS(
        "t.kind", "t") " from zhibao.registry_event t" RECORD_IS " and t.kind = $4::bigint",
};
/* clang-format on */

enum status receipt_rebuild(struct db *db, struct arena *arena, enum record_table table,
                            uint64_t district, uint64_t unit, uint8_t kind,
                            const struct record_id *id, uint8_t **out_bytes, size_t *out_size,
                            struct hash *out_payload_sha256)
{
    struct db_params params;
    struct receipt_row row;
    struct receipt_bytes receipt;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)unit);
    db_add_bytes(&params, id->bytes, sizeof id->bytes);
    db_add_int(&params, kind);
    enum status status = db_run(db, record_sql[table], &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        status = STATUS_NOT_FOUND;
    else if (!receipt_row_read(result, 0, 0, &row))
        status = STATUS_MISMATCH;
    PQclear(result);
    if (status == STATUS_OK)
        status = receipts_of_rows(db, arena, &row, 1, &receipt);
    if (status == STATUS_OK && receipt.size == 0)
        status = STATUS_MISMATCH;
    if (status != STATUS_OK)
        return status;
    *out_bytes = receipt.bytes;
    *out_size = receipt.size;
    *out_payload_sha256 = row.leaf.payload_sha256;
    return STATUS_OK;
}
