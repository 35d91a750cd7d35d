#include "server/audit/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/unit_id.h"
#include "case/case_seal.h"
#include "document.pb-c.h"
#include "notify.pb-c.h"
#include "server/audit/scratch.h"
#include "server/documents/document.h"
#include "server/ingest/record_type.h"
#include "server/store/document_store.h"
#include "server/store/history_store.h"
#include "server/store/ingest_store.h"
#include "server/store/key_store.h"
#include "server/store/notify_store.h"
#include "server/store/registry_store.h"

enum { ARENA_BYTES = 256 * 1024 * 1024, CHAIN = 1 };

struct replay {
    struct audit *audit;
    struct scratch *scratch;
    struct db *db;
    struct registry *registry;
    struct arena *arena; /* of one record */
    struct apply apply;
    bool open; /* a transaction */
};

static enum status chain_begin(struct replay *replay)
{
    struct db_params params;
    db_params_init(&params, replay->arena);
    db_add_bytes(&params, replay->audit->chain_id, sizeof replay->audit->chain_id);
    enum status status =
        db_exec(replay->db, "insert into zhibao.chain (chain, chain_id) values (1, $1)", &params);
    if (status == STATUS_OK)
        status = db_exec(replay->db,
                         "insert into zhibao.signature_check (chain, number) values (1, 0)", NULL);
    if (status == STATUS_OK)
        status = db_exec(replay->db, "set synchronous_commit = off", NULL);
    return status;
}

enum status replay_open(struct audit *audit, const struct options *options,
                        struct replay **out_replay)
{
    struct replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL)
        return STATUS_NO_MEMORY;
    replay->audit = audit;
    replay->arena = arena_create(ARENA_BYTES);
    enum status status =
        replay->arena == NULL ? STATUS_NO_MEMORY : scratch_open(options, &replay->scratch);
    if (status == STATUS_OK)
        status = db_open(scratch_conninfo(replay->scratch), DB_OWNER, &replay->db);
    if (status == STATUS_OK)
        status = registry_create(&replay->registry);
    if (status == STATUS_OK)
        status = chain_begin(replay);
    if (status != STATUS_OK) {
        replay_close(&replay);
        return status;
    }
    replay->apply = (struct apply){.db = replay->db,
                                   .arena = replay->arena,
                                   .registry = replay->registry,
                                   .options = options,
                                   .chain = CHAIN};
    *out_replay = replay;
    return STATUS_OK;
}

void replay_close(struct replay **replay)
{
    if (*replay == NULL)
        return;
    registry_destroy(&(*replay)->registry);
    db_close(&(*replay)->db);
    scratch_close(&(*replay)->scratch);
    arena_destroy(&(*replay)->arena);
    free(*replay);
    *replay = NULL;
}

static enum status batch_end(struct replay *replay)
{
    enum status status = replay->open ? store_commit(replay->db) : STATUS_OK;
    replay->open = false;
    if (status == STATUS_OK && replay->apply.registry_changed)
        status = registry_refresh(replay->registry, replay->db, NULL);
    replay->apply.registry_changed = false;
    return status;
}

/* Whoever acted on a report waited until its signature had been checked: those of all batches
 * before this one are. */
enum status replay_batch(struct replay *replay, int64_t number, int64_t time_us)
{
    struct db_params params;
    enum status status = batch_end(replay);
    if (status == STATUS_OK)
        status = store_begin(replay->db);
    if (status != STATUS_OK)
        return status;
    replay->open = true;
    replay->apply.batch = number;
    replay->apply.now_us = time_us;
    arena_reset(replay->arena);
    db_params_init(&params, replay->arena);
    db_add_int(&params, number - 1);
    return db_exec(replay->db, "update zhibao.signature_check set number = $1::bigint", &params);
}

static enum status report_apply(struct apply *apply, struct task *task)
{
    struct task *tasks[] = {task};
    if (task->form.form == NULL)
        return STATUS_E_FORM_UNKNOWN;
    enum status status = store_copy_reports(apply->db, apply->chain, apply->batch, tasks, 1);
    return status == STATUS_OK ? store_insert_explanations(apply->db, apply->arena, tasks, 1)
                               : status;
}

static enum status enrol_apply(struct apply *apply, struct task *task)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    enum status status = store_key_insert(apply->db, apply->arena, &task->leaf, change, "active");
    apply->registry_changed = true;
    return status == STATUS_OK ? store_insert_registry_event(apply->db, apply->arena, apply->chain,
                                                             apply->batch, task, task->leaf.unit)
                               : status;
}

/* Which hosts may be called is the server's present configuration: then it was another, perhaps. */
static enum status contact_apply(struct apply *apply, struct task *task)
{
    const Zhibao__Contact *contact = (const Zhibao__Contact *)task->message;
    enum status status = store_insert_registry_event(apply->db, apply->arena, apply->chain,
                                                     apply->batch, task, contact->unit);
    return status == STATUS_OK ? store_contact(apply, task, contact) : status;
}

/* The content came before, chunk by chunk; the chunks themselves are looked at where they are. */
static enum status document_apply(struct apply *apply, struct task *task)
{
    const Zhibao__Document *document = (const Zhibao__Document *)task->message;
    struct upload upload = {.district = task->district, .unit = task->leaf.unit};
    if (document->content_sha256.len != HASH_BYTES ||
        strlen(document->media_type) >= sizeof upload.media_type)
        return STATUS_E_MALFORMED;
    memcpy(upload.sha256.bytes, document->content_sha256.data, HASH_BYTES);
    enum status status = store_upload_lock(apply->db, apply->arena, &upload);
    if (status == STATUS_OK && upload.stage == STAGE_NONE) {
        upload.size = document->size;
        memcpy(upload.media_type, document->media_type, strlen(document->media_type) + 1);
        status = store_upload_begin(apply->db, apply->arena, &upload, apply->now_us);
        upload.stage = STAGE_COMPLETE;
        if (status == STATUS_OK)
            status = store_upload_update(apply->db, apply->arena, &upload, apply->now_us);
    }
    return status == STATUS_OK ? apply_document(apply, task) : status;
}

static enum status apply_one(struct apply *apply, struct task *task)
{
    const struct record_type *type = record_type_of(task->leaf.kind);
    switch (task->leaf.kind) {
    case ZHIBAO__RECORD_KIND__RECORD_REPORT:
        type->validate(task, apply->registry); /* finds the form */
        return report_apply(apply, task);
    case ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION:
        type->validate(task, apply->registry);
        return task->form.form == NULL ? STATUS_E_FORM_UNKNOWN : type->apply(apply, task);
    case ZHIBAO__RECORD_KIND__RECORD_KEY:
        if (((const Zhibao__KeyChange *)task->message)->action == ZHIBAO__KEY_ACTION__KEY_ENROL)
            return enrol_apply(apply, task);
        return type->apply(apply, task);
    case ZHIBAO__RECORD_KIND__RECORD_CONTACT: return contact_apply(apply, task);
    case ZHIBAO__RECORD_KIND__RECORD_DOCUMENT: return document_apply(apply, task);
    case ZHIBAO__RECORD_KIND__RECORD_NOTICE: return replay_notice(apply, task);
    default: return type->apply(apply, task);
    }
}

/* `zhibaod first-code` makes an administrator's unit without a record; its enrolment is one. */
static enum status author_find(struct replay *replay, struct task *task)
{
    uint64_t unit = task->leaf.unit;
    if (unit == 0)
        return STATUS_OK;
    if (unit_number(unit) == CASE_MAILBOX) {
        task->district = unit_place(unit);
        return STATUS_OK;
    }
    bool known = registry_unit(replay->registry, unit, &task->author);
    bool enrols =
        task->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_KEY && unit_number(unit) == UNIT_ADMIN;
    if (!known && enrols) {
        enum status status = registry_store_admin_unit(replay->db, replay->arena, unit_place(unit));
        if (status == STATUS_OK)
            status = registry_refresh(replay->registry, replay->db, NULL);
        if (status != STATUS_OK)
            return status;
        known = registry_unit(replay->registry, unit, &task->author);
    }
    task->district = task->author.district;
    return known ? STATUS_OK : STATUS_E_UNIT_UNKNOWN;
}

/* Behind a savepoint: what does not apply leaves the rest alone. */
enum status replay_record(struct replay *replay, const struct audit_place *place, struct task *task,
                          const ProtobufCMessage *message)
{
    arena_reset(replay->arena);
    task->type = TASK_RECORD;
    task->arena = replay->arena;
    task->message = message;
    problems_init(&task->problems);
    enum status status = store_savepoint(replay->db);
    if (status != STATUS_OK)
        return status;
    enum status applied = author_find(replay, task);
    if (applied == STATUS_OK)
        applied = apply_one(&replay->apply, task);
    problems_clear(&task->problems);
    if (applied == STATUS_OK)
        return store_release(replay->db);
    if (!db_usable(replay->db))
        return STATUS_DATABASE;
    char zh[256], en[256];
    snprintf(zh, sizeof zh, "不能接在前面的材料之后：%s", status_zh(applied));
    snprintf(en, sizeof en, "cannot follow the records before it: %s", status_en(applied));
    audit_find(replay->audit, place, zh, en);
    return store_rollback_to(replay->db);
}

enum status replay_end(struct replay *replay, struct db **out_db)
{
    enum status status = batch_end(replay);
    *out_db = replay->db;
    return status;
}
