#include "server/store/document_store.h"

#include <stdio.h>
#include <string.h>

#include "document.pb-c.h"
#include "document/content.h"

static const char *const stages[] = {"", "open", "complete", "stored", "bad"};

/* District, unit and hash, as $1, $2 and $3 of every statement here. */
static void add_key(struct db_params *params, struct arena *arena, const struct upload *upload)
{
    db_params_init(params, arena);
    db_add_int(params, (int64_t)upload->district);
    db_add_int(params, (int64_t)upload->unit);
    db_add_bytes(params, upload->sha256.bytes, HASH_BYTES);
}

#define KEY_IS " district = $1::bigint and unit = $2::bigint and sha256 = $3"

enum status store_upload_lock(struct db *db, struct arena *arena, struct upload *upload)
{
    struct db_params params;
    PGresult *result = NULL;
    add_key(&params, arena, upload);
    enum status status =
        db_run(db,
               "select stage, size, media_type, error from zhibao.document_upload where" KEY_IS
               " for update skip locked",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    upload->stage = STAGE_NONE;
    if (PQntuples(result) == 1) {
        for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
            if (strcmp(stages[i], db_text(result, 0, 0)) == 0)
                upload->stage = (enum upload_stage)i;
        upload->size = (uint64_t)db_int(result, 0, 1);
        snprintf(upload->media_type, sizeof upload->media_type, "%s", db_text(result, 0, 2));
        upload->error = (enum status)db_int(result, 0, 3);
    }
    PQclear(result);
    return STATUS_OK;
}

enum status store_upload_use(struct db *db, struct arena *arena, const struct upload *upload,
                             struct upload_use *out_use)
{
    struct db_params params;
    PGresult *result = NULL;
    add_key(&params, arena, upload);
    enum status status =
        db_run(db,
               "select coalesce(sum(size) filter (where stage <> 'bad'), 0)::bigint,"
               " count(*) filter (where stage in ('open', 'complete')),"
               " count(*) filter (where stage = 'bad'),"
               " (select coalesce(sum(u.size), 0)::bigint from zhibao.document_upload u"
               "  where u.stage <> 'stored')"
               " from zhibao.document_upload where district = $1::bigint and unit = $2::bigint"
               " and sha256 <> $3",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_use = (struct upload_use){.unit_bytes = (uint64_t)db_int(result, 0, 0),
                                   .unit_unfinished = (uint64_t)db_int(result, 0, 1),
                                   .unit_bad = (uint64_t)db_int(result, 0, 2),
                                   .all_unfinished_bytes = (uint64_t)db_int(result, 0, 3)};
    PQclear(result);
    return STATUS_OK;
}

enum status store_upload_begin(struct db *db, struct arena *arena, const struct upload *upload,
                               int64_t now_us)
{
    struct db_params params;
    add_key(&params, arena, upload);
    db_add_int(&params, (int64_t)upload->size);
    db_add_int(&params, now_us);
    return db_exec(db,
                   "insert into zhibao.document_upload (district, unit, sha256, size, stage,"
                   " touched_us) values ($1::bigint, $2::bigint, $3, $4::bigint, 'open',"
                   " $5::bigint)",
                   &params);
}

enum status store_upload_update(struct db *db, struct arena *arena, const struct upload *upload,
                                int64_t now_us)
{
    struct db_params params;
    add_key(&params, arena, upload);
    db_add_text(&params, stages[upload->stage]);
    db_add_text(&params, upload->media_type);
    db_add_int(&params, upload->error);
    db_add_int(&params, now_us);
    db_add_int(&params, (int64_t)upload->size);
    return db_exec(db,
                   "update zhibao.document_upload set stage = $4, media_type = $5,"
                   " error = $6::smallint, touched_us = $7::bigint, size = $8::bigint"
                   " where" KEY_IS,
                   &params);
}

enum status store_upload_chunk(struct db *db, struct arena *arena, const struct upload *upload,
                               const struct upload_chunk *chunk, uint32_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    add_key(&params, arena, upload);
    db_add_int(&params, chunk->index);
    db_add_bytes(&params, chunk->sha256.bytes, HASH_BYTES);
    db_add_bytes(&params, chunk->content, chunk->size);
    enum status status =
        db_exec(db,
                "insert into zhibao.document_chunk (district, unit, sha256, chunk, chunk_sha256,"
                " content) values ($1::bigint, $2::bigint, $3, $4::int, $5, $6)"
                " on conflict do nothing",
                &params);
    if (status != STATUS_OK)
        return status;
    add_key(&params, arena, upload);
    status =
        db_run(db, "select count(*) from zhibao.document_chunk where" KEY_IS, &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_count = (uint32_t)db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status store_upload_hash(struct db *db, struct arena *arena, const struct upload *upload,
                              uint32_t count, struct hash *out_hash)
{
    struct hash_stream stream;
    enum status status = STATUS_OK;
    hash_stream_begin(&stream);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        struct db_params params;
        PGresult *result = NULL;
        size_t size = 0;
        add_key(&params, arena, upload);
        db_add_int(&params, i);
        status = db_run(
            db, "select content from zhibao.document_chunk where" KEY_IS " and chunk = $4::int",
            &params, &result);
        if (status != STATUS_OK)
            return status;
        if (PQntuples(result) != 1)
            status = STATUS_NOT_FOUND;
        else
            hash_stream_add(&stream, db_bytes(result, 0, 0, &size),
                            content_chunk_size(upload->size, i));
        PQclear(result);
    }
    if (status == STATUS_OK)
        *out_hash = hash_stream_end(&stream);
    return status;
}

enum status store_upload_clear(struct db *db, struct arena *arena, const struct upload *upload)
{
    struct db_params params;
    add_key(&params, arena, upload);
    return db_exec(db, "delete from zhibao.document_chunk where" KEY_IS, &params);
}

enum status store_uploads_expire(struct db *db, struct arena *arena, int64_t before_us,
                                 uint64_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, before_us);
    /* the row first: its lock keeps a record from being stored over the chunks that go */
    enum status status = db_run(
        db,
        "with gone as (delete from zhibao.document_upload u where u.stage <> 'stored'"
        "  and u.touched_us < $1::bigint returning u.district, u.unit, u.sha256),"
        " cut as (delete from zhibao.document_chunk c using gone g where c.district = g.district"
        "  and c.unit = g.unit and c.sha256 = g.sha256 returning 1)"
        " select (select count(*) from gone), (select count(*) from cut)",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_count = (uint64_t)db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status store_insert_document(struct db *db, struct arena *arena, int16_t chain, int64_t batch,
                                  const struct task *task, const struct record_id *report,
                                  uint64_t receiver)
{
    const Zhibao__Document *document = (const Zhibao__Document *)task->message;
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_text(&params, document->plan);
    db_add_text(&params, document->duty);
    db_add_int(&params, document->period);
    if (report == NULL)
        db_add_null(&params);
    else
        db_add_bytes(&params, report->bytes, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)receiver);
    db_add_text(&params, document->file_name);
    db_add_text(&params, document->media_type);
    db_add_int(&params, (int64_t)document->size);
    db_add_bytes(&params, document->content_sha256.data, document->content_sha256.len);
    db_add_int(&params, document->promulgated);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, chain);
    db_add_int(&params, batch);
    db_add_int(&params, task->index);
    return db_exec(db,
                   "insert into zhibao.document (district, unit, id, plan, duty, period, report_id,"
                   " receiver, file_name, media_type, size, sha256, promulgated, received_us,"
                   " chain, batch, leaf) values ($1::bigint, $2::bigint, $3, $4, $5,"
                   " $6::smallint, $7::bytea, $8::bigint, $9, $10, $11::bigint, $12, $13::int,"
                   " $14::bigint, $15::smallint, $16::bigint, $17::int)",
                   &params);
}

enum status store_document_subject(struct db *db, struct arena *arena,
                                   struct document_subject *subject)
{
    struct db_params params;
    PGresult *result = NULL;
    size_t size = 0;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)subject->district);
    db_add_int(&params, (int64_t)subject->unit);
    db_add_bytes(&params, subject->id.bytes, RECORD_ID_BYTES);
    enum status status =
        db_run(db,
               "select e.payload_sha256, d.receiver, d.period, d.state from zhibao.document_state d"
               " join zhibao.registry_event e on e.district = d.district and e.unit = d.unit"
               " and e.kind = 12 and e.id = d.id"
               " where d.district = $1::bigint and d.unit = $2::bigint and d.id = $3",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) != 1) {
        PQclear(result);
        return STATUS_NOT_FOUND;
    }
    memcpy(subject->payload_sha256.bytes, db_bytes(result, 0, 0, &size), HASH_BYTES);
    subject->receiver = (uint64_t)db_int(result, 0, 1);
    subject->period = (int)db_int(result, 0, 2);
    snprintf(subject->state, sizeof subject->state, "%s", db_text(result, 0, 3));
    PQclear(result);
    return STATUS_OK;
}

enum status store_report_hash(struct db *db, struct arena *arena, uint64_t district, uint64_t unit,
                              const struct record_id *id, struct hash *out_payload_sha256)
{
    struct db_params params;
    PGresult *result = NULL;
    size_t size = 0;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)unit);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    enum status status = db_run(db,
                                "select payload_sha256 from zhibao.report where"
                                " district = $1::bigint and unit = $2::bigint and id = $3",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 1)
        memcpy(out_payload_sha256->bytes, db_bytes(result, 0, 0, &size), HASH_BYTES);
    else
        status = STATUS_NOT_FOUND;
    PQclear(result);
    return status;
}
