#include "server/ingest/writer.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/cases/case_limits.h"
#include "server/clock/now.h"
#include "server/ingest/batch.h"
#include "server/loop/problem_message.h"
#include "server/loop/router.h"
#include "server/store/writer_lock.h"
#include "wire/codec.h"

enum {
    RECONNECT_MS_MIN = 100,
    RECONNECT_MS_MAX = 2000,
    LOCK_PATIENCE_MS = 1000,
    WAIT_MS = 100,    /* then it looks whether it is to stop */
    REFRESH_MS = 500, /* sees what other servers of this database changed */
};

struct writer_thread {
    const struct writer_config *config;
    void *work, *reply, *verify; /* pipes: in, out, out */
    struct batch batch;
    struct task **tasks;
    size_t count;
    bool failing;        /* the database cannot be connected to */
    int64_t retry_at_ms; /* with the database gone: not before */
    int64_t retry_wait_ms;
    int64_t refreshed_ms;
    int64_t announced; /* batch number last told to the verifier */
};

static void reply_send(struct writer_thread *writer, struct reply *reply)
{
    if (pipe_send(writer->reply, reply) != STATUS_OK)
        reply_destroy(&reply);
}

static struct reply *receipt_reply(const struct task *task)
{
    Zhibao__ReceiptReply message = ZHIBAO__RECEIPT_REPLY__INIT;
    message.receipt.data = (uint8_t *)(uintptr_t)task->receipt;
    message.receipt.len = task->receipt_size;
    return reply_message(task->job, ZHIBAO__KIND__KIND_RECEIPT, &message.base);
}

static struct reply *enrolled_reply(struct writer_thread *writer, const struct task *task)
{
    const struct options *options = writer->config->options;
    const struct server_keys *server = writer->config->keys;
    Zhibao__Enrolled message = ZHIBAO__ENROLLED__INIT;
    Zhibao__ServerKey key = ZHIBAO__SERVER_KEY__INIT;
    Zhibao__ServerKey *keys[] = {&key};
    struct registry_unit unit;
    struct registry_key key_of;
    if (!registry_unit(writer->config->registry, task->leaf.unit, &unit) ||
        !registry_key_by_id(writer->config->registry, &task->leaf.key, &key_of))
        return reply_error(task->job, STATUS_E_INTERNAL, NULL);
    key.key = (ProtobufCBinaryData){KEY_ID_BYTES, (uint8_t *)(uintptr_t)server->sign_id.bytes};
    key.algorithm = (Zhibao__Algorithm)server->sign_public.algorithm;
    key.sign_public =
        (ProtobufCBinaryData){SIGN_PUBLIC_BYTES, (uint8_t *)(uintptr_t)server->sign_public.bytes};
    message.unit = unit.id;
    message.name_zh = unit.name_zh;
    message.role = (char *)(uintptr_t)role_text(unit.role);
    message.endpoint = (char *)(uintptr_t)options->public_endpoint;
    message.transport_public =
        (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)server->transport_public};
    message.n_keys = 1;
    message.keys = keys;
    message.pending = key_of.status == KEY_PENDING;
    message.receipt.data = (uint8_t *)(uintptr_t)task->receipt;
    message.receipt.len = task->receipt_size;
    return reply_message(task->job, ZHIBAO__KIND__KIND_ENROLLED, &message.base);
}

/* Signed: the client may move the record to its refused box. */
static struct reply *refusal_reply(struct writer_thread *writer, const struct task *task)
{
    Zhibao__RefusalReply message = ZHIBAO__REFUSAL_REPLY__INIT;
    struct error_message *problem = error_message_create(task->refusal, &task->problems);
    size_t size = 0;
    uint8_t bytes[REFUSAL_BYTES];
    if (problem == NULL)
        return reply_error(task->job, STATUS_E_BUSY, NULL);
    uint8_t *error = message_write(task->arena, &error_message_get(problem)->base, &size);
    error_message_destroy(&problem);
    if (error == NULL)
        return reply_error(task->job, STATUS_E_BUSY, NULL);
    struct refusal refusal = {.kind = task->leaf.kind,
                              .unit = task->leaf.unit,
                              .id = task->leaf.id,
                              .payload_sha256 = task->leaf.payload_sha256,
                              .time_us = server_now_us(),
                              .code = (uint16_t)task->refusal,
                              .error_sha256 = hash_bytes(error, size)};
    refusal_seal(&refusal, &writer->config->keys->sign_secret, bytes);
    message.refusal = (ProtobufCBinaryData){sizeof bytes, bytes};
    message.error = (ProtobufCBinaryData){size, error};
    refusal_log(task->job, task->refusal, &task->problems, &task->leaf);
    struct reply *reply = reply_message(task->job, ZHIBAO__KIND__KIND_REFUSAL, &message.base);
    reply->code = task->refusal;
    return reply;
}

static void answer(struct writer_thread *writer, struct task *task)
{
    struct reply *reply = NULL;
    switch (task->outcome) {
    case TASK_STORED:
    case TASK_DUPLICATE:
        if (task->receipt ==
            NULL) /* stored, but no memory for the receipt: the client asks again */
            reply = reply_error(task->job, STATUS_E_BUSY, NULL);
        else
            reply = task->type == TASK_ENROL ? enrolled_reply(writer, task) : receipt_reply(task);
        break;
    case TASK_REFUSED:
        reply = task->type == TASK_RECORD ? refusal_reply(writer, task)
                                          : reply_error(task->job, task->refusal, &task->problems);
        break;
    case TASK_FAILED: reply = reply_error(task->job, task->refusal, &task->problems); break;
    case TASK_ANSWERED:
        reply = task->answer;
        task->answer = NULL;
        break;
    case TASK_WAITING: reply = reply_error(task->job, STATUS_E_INTERNAL, NULL); break;
    }
    reply_send(writer, reply);
}

/* Answers and frees all tasks; `unavailable` when nothing of them is known to be stored. */
static void finish(struct writer_thread *writer, bool unavailable)
{
    for (size_t i = 0; i < writer->count; i++) {
        struct task *task = writer->tasks[i];
        if (task->job == NULL)
            continue;
        if (unavailable) {
            reply_put_back(task->job, &task->answer);
            reply_send(writer, reply_error(task->job, STATUS_E_UNAVAILABLE, NULL));
        } else {
            answer(writer, task);
        }
    }
    for (size_t i = 0; i < writer->count; i++)
        task_destroy(&writer->tasks[i]);
    writer->count = 0;
}

static void verifier_tell(struct writer_thread *writer)
{
    int64_t number = writer->batch.head.number;
    if (writer->verify != NULL && number != writer->announced &&
        zmq_send(writer->verify, &number, sizeof number, ZMQ_DONTWAIT) == sizeof number)
        writer->announced = number;
}

static bool told_to_stop(void *context)
{
    const struct writer_thread *writer = context;
    return atomic_load(writer->config->stop);
}

/* A connection with the chain's head known, or STATUS_DATABASE and a time before which not to
 * try again. */
static enum status database_ready(struct writer_thread *writer)
{
    struct batch *batch = &writer->batch;
    if (batch->db != NULL && db_usable(batch->db))
        return STATUS_OK;
    if (clock_monotonic_ms() < writer->retry_at_ms)
        return STATUS_DATABASE;
    arena_reset(batch->arena);
    period_memory_forget(batch->periods); /* another server may have written meanwhile */
    enum status status =
        db_reopen(writer->config->conninfo, DB_INGEST, &writer->failing, &batch->db);
    if (status == STATUS_OK)
        status = writer_lock(batch->db, LOCK_PATIENCE_MS, told_to_stop, writer);
    if (status == STATUS_CONFLICT)
        log_warning("another session writes to this database, trying again");
    if (status == STATUS_OK)
        status = store_chain_open(batch->db, batch->arena, &batch->head);
    if (status == STATUS_OK)
        status = registry_refresh(writer->config->registry, batch->db, NULL);
    if (status == STATUS_OK) {
        log_info("writer connected batch=%lld", (long long)batch->head.number);
        writer->retry_wait_ms = RECONNECT_MS_MIN;
        verifier_tell(writer);
        return STATUS_OK;
    }
    db_close(&batch->db);
    writer->retry_at_ms = clock_monotonic_ms() + writer->retry_wait_ms;
    writer->retry_wait_ms =
        writer->retry_wait_ms * 2 > RECONNECT_MS_MAX ? RECONNECT_MS_MAX : writer->retry_wait_ms * 2;
    return STATUS_DATABASE;
}

static enum status registry_follow(struct writer_thread *writer)
{
    int64_t now = clock_monotonic_ms();
    if (!writer->batch.registry_changed && now - writer->refreshed_ms < REFRESH_MS)
        return STATUS_OK;
    enum status status = registry_refresh(writer->config->registry, writer->batch.db, NULL);
    if (status == STATUS_OK) {
        writer->batch.registry_changed = false;
        writer->refreshed_ms = now;
    }
    return status;
}

static void batch_turn(struct writer_thread *writer)
{
    struct batch *batch = &writer->batch;
    struct vitals *vitals = writer->config->vitals;
    enum status status = database_ready(writer);
    atomic_store(&vitals->database, status == STATUS_OK);
    atomic_store(&vitals->writer_ms, clock_monotonic_ms());
    if (status == STATUS_OK && batch->registry_changed)
        status = registry_follow(writer); /* it failed last time, and a lock may be among it */
    if (status == STATUS_OK && writer->count > 0)
        status = batch_store_bisecting(batch, writer->tasks, writer->count);
    /* before the answers: who is told of a change can rely on it */
    if (status == STATUS_OK && registry_follow(writer) != STATUS_OK)
        log_warning("could not refresh the registry, trying again before the next batch");
    finish(writer, status != STATUS_OK);
    if (status != STATUS_OK && batch->db != NULL)
        db_close(&batch->db); /* the next connection finds out what happened */
    if (status == STATUS_OK)
        verifier_tell(writer);
}

/* Fills tasks with whatever waits. False when nothing does and the end was asked for. */
static bool collect(struct writer_thread *writer)
{
    size_t most = (size_t)writer->config->options->batch_max;
    int wait_ms = WAIT_MS;
    while (writer->count < most) {
        struct task *task = pipe_receive(writer->work, wait_ms);
        if (task == NULL)
            break;
        wait_ms = 0; /* never waiting for more once there is something */
        writer->tasks[writer->count++] = task;
    }
    return writer->count > 0 || !atomic_load(writer->config->stop);
}

void writer_run(const struct writer_config *config)
{
    struct writer_thread writer = {.config = config, .retry_wait_ms = RECONNECT_MS_MIN};
    size_t room = (size_t)config->options->batch_max;
    size_t ceiling = (size_t)64 * 1024 * 1024 + room * 24576; /* five earlier years of each */
    writer.work = pipe_create(config->context, ZMQ_PULL, PIPE_WRITE, true);
    writer.reply = pipe_create(config->context, ZMQ_PUSH, PIPE_REPLY, false);
    writer.verify = pipe_create(config->context, ZMQ_PUSH, PIPE_VERIFY, true);
    writer.tasks = calloc(room, sizeof(struct task *));
    writer.batch = (struct batch){.registry = config->registry,
                                  .options = config->options,
                                  .keys = config->keys,
                                  .vitals = config->vitals,
                                  .arena = arena_create(ceiling)};
    writer.batch.case_limits = case_limits_create();
    bool running = writer.work && writer.reply && writer.verify && writer.tasks &&
                   writer.batch.arena && writer.batch.case_limits &&
                   period_memory_create(&writer.batch.periods) == STATUS_OK;
    if (!running)
        log_error("could not start the writer");
    if (running)
        batch_turn(&writer); /* connects */
    while (running) {
        running = collect(&writer);
        batch_turn(&writer);
    }
    db_close(&writer.batch.db);
    period_memory_destroy(&writer.batch.periods);
    case_limits_destroy(&writer.batch.case_limits);
    arena_destroy(&writer.batch.arena);
    free(writer.tasks);
    void *sockets[] = {writer.work, writer.reply, writer.verify};
    for (size_t i = 0; i < 3; i++)
        if (sockets[i] != NULL)
            zmq_close(sockets[i]);
}
