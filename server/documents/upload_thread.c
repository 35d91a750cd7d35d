#include "server/documents/upload_thread.h"

#include <inttypes.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/loop/router.h"
#include "server/trust/rights.h"
#include "wire/codec.h"

enum {
    ARENA_BYTES = 8 * 1024 * 1024, /* one chunk, decoded, and what goes with it */
    SWEEP_MS = 60 * 1000,
    WAIT_MS = 200, /* then it looks whether it is to stop or to sweep */
};

struct upload_thread {
    const struct upload_thread_config *config;
    struct upload_limits limits;
    struct db *db;
    struct arena *arena;
    struct db_retry retry;
    int64_t sweep_at_ms;
};

static void sweep(struct upload_thread *thread)
{
    uint64_t count = 0;
    int64_t kept_us = (int64_t)thread->config->options->upload_keep_hours * 3600 * 1000000;
    if (clock_monotonic_ms() < thread->sweep_at_ms ||
        db_ready(thread->config->conninfo, DB_INGEST, &thread->retry, &thread->db) != STATUS_OK)
        return;
    thread->sweep_at_ms = clock_monotonic_ms() + SWEEP_MS;
    arena_reset(thread->arena);
    if (store_uploads_expire(thread->db, thread->arena, clock_now_us() - kept_us, &count) ==
            STATUS_OK &&
        count > 0)
        log_info("removed unfinished uploads: count=%" PRIu64, count);
}

static enum status run(struct upload_thread *thread, const struct job *job,
                       struct problems *problems, Zhibao__Upload *answer)
{
    ProtobufCMessage *message = NULL;
    struct registry_unit author;
    enum status status = message_read(&zhibao__put_chunk__descriptor, thread->arena, job->body,
                                      job->body_size, &message);
    if (status != STATUS_OK)
        return status;
    const Zhibao__PutChunk *chunk = (const Zhibao__PutChunk *)message;
    uint64_t unit = chunk->unit == 0 ? job->key.unit : chunk->unit;
    if (!registry_unit(thread->config->registry, unit, &author))
        return STATUS_E_UNIT_UNKNOWN;
    if (!registry_may_carry(thread->config->registry, job->key.unit, unit))
        return STATUS_E_FORBIDDEN;
    status = rights_check(author.role, RIGHT_ASK, (int)job->kind, NULL, "", problems);
    if (status != STATUS_OK)
        return status;
    status = db_ready(thread->config->conninfo, DB_INGEST, &thread->retry, &thread->db);
    if (status != STATUS_OK)
        return status;
    return upload_put(thread->db, thread->arena, author.district, unit, chunk, &thread->limits,
                      problems, answer);
}

static struct reply *handle(struct upload_thread *thread, struct job *job)
{
    struct problems problems;
    Zhibao__Upload answer = ZHIBAO__UPLOAD__INIT;
    struct reply *reply = NULL;
    problems_init(&problems);
    arena_reset(thread->arena);
    enum status status = run(thread, job, &problems, &answer);
    if (status == STATUS_OK) {
        reply = reply_message(job, ZHIBAO__KIND__KIND_UPLOAD, &answer.base);
    } else {
        if ((int)status < 100)
            status = status == STATUS_DATABASE ? STATUS_E_UNAVAILABLE : STATUS_E_BUSY;
        reply = reply_error(job, status, &problems);
    }
    problems_clear(&problems);
    return reply;
}

void upload_thread_run(const struct upload_thread_config *config)
{
    const uint64_t megabyte = 1024 * 1024;
    struct upload_thread thread = {
        .config = config,
        .limits = {(uint64_t)config->options->document_unit_mb * megabyte,
                   (uint64_t)config->options->upload_mb * megabyte},
        .arena = arena_create(ARENA_BYTES),
    };
    void *work = pipe_create(config->context, ZMQ_PULL, PIPE_UPLOAD, false);
    void *answers = pipe_create(config->context, ZMQ_PUSH, PIPE_REPLY, false);
    struct job *job = NULL;
    while (work && answers && thread.arena) {
        sweep(&thread);
        bool last = atomic_load(config->stop);
        job = pipe_receive(work, last ? 0 : WAIT_MS);
        if (job == NULL && last)
            break;
        if (job == NULL)
            continue;
        struct reply *reply = handle(&thread, job);
        job_destroy(&job);
        if (pipe_send(answers, reply) != STATUS_OK)
            reply_destroy(&reply);
    }
    db_close(&thread.db);
    arena_destroy(&thread.arena);
    if (work != NULL)
        zmq_close(work);
    if (answers != NULL)
        zmq_close(answers);
}
