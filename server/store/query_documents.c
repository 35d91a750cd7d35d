#include "server/store/query_documents.h"

#include "document/content.h"

static const char documents_sql[] =
    "select d.chain, d.batch, d.leaf, d.unit, d.id, d.receiver, e.payload_sha256, d.plan, d.duty,"
    " d.period, d.report_id, d.file_name, d.media_type, d.size, d.sha256, d.state,"
    " coalesce(d.reason, ''), d.received_us, d.verdict_us, d.verdict_by, d.promulgated"
    " from zhibao.document_state d"
    " join zhibao.registry_event e on e.district = d.district and e.unit = d.unit and e.kind = 12"
    "  and e.id = d.id"
    " where d.district between $1::bigint and $2::bigint"
    " and d.unit between $3::bigint and $4::bigint"
    " and ($5::bigint = 0 or d.receiver = $5::bigint)"
    " and ($6 = '' or d.duty = $6) and ($7::bigint = 0 or d.period = $7::bigint)"
    " and ($8::bytea is null or d.id = $8::bytea)"
    " and ($9::bytea is null or d.report_id = $9::bytea)"
    " and (not $10::boolean or d.state = 'stored')"
    " and (d.chain, d.batch, d.leaf) > ($11::bigint, $12::bigint, $13::bigint)"
    " order by d.chain, d.batch, d.leaf limit $14::bigint";

static enum status document_read(const PGresult *result, int row, struct arena *arena,
                                 void *out_row)
{
    struct document_row read = {
        .chain = db_int(result, row, 0),
        .batch = db_int(result, row, 1),
        .leaf = db_int(result, row, 2),
        .unit = (uint64_t)db_int(result, row, 3),
        .receiver = (uint64_t)db_int(result, row, 5),
        .plan = arena_string(arena, db_text(result, row, 7)),
        .duty = arena_string(arena, db_text(result, row, 8)),
        .period = (int)db_int(result, row, 9),
        .has_report = !PQgetisnull(result, row, 10),
        .file_name = arena_string(arena, db_text(result, row, 11)),
        .media_type = arena_string(arena, db_text(result, row, 12)),
        .size = (uint64_t)db_int(result, row, 13),
        .state = arena_string(arena, db_text(result, row, 15)),
        .reason = arena_string(arena, db_text(result, row, 16)),
        .received_us = db_int(result, row, 17),
        .reviewed_us = db_int(result, row, 18),
        .reviewer = (uint64_t)db_int(result, row, 19),
        .promulgated = (uint32_t)db_int(result, row, 20),
    };
    if (read.plan == NULL || read.duty == NULL || read.file_name == NULL ||
        read.media_type == NULL || read.state == NULL || read.reason == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 4, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 6, read.payload_sha256.bytes, HASH_BYTES) ||
        !db_fixed(result, row, 14, read.content_sha256.bytes, HASH_BYTES) ||
        (read.has_report && !db_fixed(result, row, 10, read.report.bytes, RECORD_ID_BYTES)))
        return STATUS_MISMATCH;
    *(struct document_row *)out_row = read;
    return STATUS_OK;
}

static void add_id(struct db_params *params, const struct record_id *id)
{
    if (id == NULL)
        db_add_null(params);
    else
        db_add_bytes(params, id->bytes, RECORD_ID_BYTES);
}

enum status query_documents(struct db *db, struct arena *arena,
                            const struct document_filter *filter, size_t limit,
                            struct document_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)filter->first_district);
    db_add_int(&params, (int64_t)filter->last_district);
    db_add_int(&params, (int64_t)filter->first_unit);
    db_add_int(&params, (int64_t)filter->last_unit);
    db_add_int(&params, (int64_t)filter->receiver);
    db_add_text(&params, filter->duty);
    db_add_int(&params, filter->period);
    add_id(&params, filter->id);
    add_id(&params, filter->report);
    db_add_bool(&params, filter->waiting);
    for (int i = 0; i < 3; i++)
        db_add_int(&params, filter->after[i]);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, documents_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(struct document_row), document_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

static void add_content(struct db_params *params, struct arena *arena, uint64_t district,
                        uint64_t unit, const struct hash *sha256)
{
    db_params_init(params, arena);
    db_add_int(params, (int64_t)district);
    db_add_int(params, (int64_t)unit);
    db_add_bytes(params, sha256->bytes, HASH_BYTES);
}

#define CONTENT_IS " where c.district = $1::bigint and c.unit = $2::bigint and c.sha256 = $3"

enum status query_content(struct db *db, struct arena *arena, uint64_t district, uint64_t unit,
                          const struct hash *sha256, struct content_row *out_content,
                          uint8_t *out_have)
{
    struct db_params params;
    PGresult *result = NULL;
    add_content(&params, arena, district, unit, sha256);
    enum status status = db_run(db,
                                "select c.stage, c.size, c.media_type, c.error"
                                " from zhibao.document_upload c" CONTENT_IS,
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    bool found = PQntuples(result) == 1;
    struct content_row content = {0};
    if (found)
        content = (struct content_row){.stage = arena_string(arena, db_text(result, 0, 0)),
                                       .size = (uint64_t)db_int(result, 0, 1),
                                       .media_type = arena_string(arena, db_text(result, 0, 2)),
                                       .error = (int)db_int(result, 0, 3)};
    PQclear(result);
    if (!found)
        return STATUS_NOT_FOUND;
    if (content.stage == NULL || content.media_type == NULL)
        return STATUS_NO_MEMORY;
    add_content(&params, arena, district, unit, sha256);
    status = db_run(db, "select c.chunk from zhibao.document_chunk c" CONTENT_IS, &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t index = db_int(result, row, 0);
        if (index >= 0 && index < CONTENT_CHUNKS_MAX)
            out_have[index / 8] = (uint8_t)(out_have[index / 8] | 1U << (index % 8));
    }
    PQclear(result);
    *out_content = content;
    return STATUS_OK;
}

enum status query_chunk(struct db *db, struct arena *arena, uint64_t district, uint64_t unit,
                        const struct hash *sha256, uint32_t index, struct chunk_row *out_chunk)
{
    struct db_params params;
    PGresult *result = NULL;
    add_content(&params, arena, district, unit, sha256);
    db_add_int(&params, index);
    enum status status =
        db_run(db,
               "select c.chunk_sha256, c.content from zhibao.document_chunk c" CONTENT_IS
               " and c.chunk = $4::int",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    struct chunk_row chunk = {0};
    if (PQntuples(result) != 1) {
        status = STATUS_NOT_FOUND;
    } else if (!db_fixed(result, 0, 0, chunk.sha256.bytes, HASH_BYTES)) {
        status = STATUS_MISMATCH;
    } else {
        const uint8_t *content = db_bytes(result, 0, 1, &chunk.size);
        chunk.content = arena_copy(arena, content, chunk.size);
        status = chunk.content == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    PQclear(result);
    if (status == STATUS_OK)
        *out_chunk = chunk;
    return status;
}
