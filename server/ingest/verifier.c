#include "server/ingest/verifier.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/ingest/task.h"
#include "server/loop/router.h"
#include "server/store/verify_store.h"

enum {
    WAIT_MS = 200,
    RETRY_MS = 1000,
    CHUNK_LEAVES = 4000, /* signatures checked before the mark moves */
    ARENA_BYTES = 1024 * 1024,
};

struct verifier {
    const struct verifier_config *config;
    void *announced, *write; /* pipes */
    struct db *db;
    struct arena *arena;
    int64_t head;    /* latest batch told of */
    int64_t checked; /* everything up to here was given to the writer */
    bool known;      /* `checked` was read from the database */
    bool failing;    /* the database cannot be connected to */
    int64_t retry_at_ms;
};

static bool signature_good(struct verifier *verifier, const struct stored_signature *stored)
{
    struct registry_key key;
    return registry_key_by_id(verifier->config->registry, &stored->key, &key) &&
           key.unit == stored->signer && key.sign_public.algorithm == stored->algorithm &&
           sign_verify(&key.sign_public, record_domain(ZHIBAO__RECORD_KIND__RECORD_REPORT),
                       stored->payload, stored->payload_size, stored->signature,
                       stored->signature_size) == STATUS_OK;
}

static bool bad_add(struct task *task, const struct stored_signature *stored)
{
    struct bad_signature *grown =
        realloc(task->bad, (task->bad_count + 1) * sizeof *grown); /* rare: an attack or a fault */
    if (grown == NULL)
        return false;
    task->bad = grown;
    task->bad[task->bad_count++] = (struct bad_signature){
        .district = stored->district, .unit = stored->unit, .id = stored->id};
    return true;
}

/* Called for each report of the chunk. */
static enum status check_one(void *context, const struct stored_signature *stored)
{
    struct verifier *verifier = ((void **)context)[0];
    struct task *task = ((void **)context)[1];
    if (signature_good(verifier, stored))
        return STATUS_OK;
    return bad_add(task, stored) ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Checks one chunk of whole batches and hands the result to the writer. */
static enum status chunk_check(struct verifier *verifier)
{
    int64_t upto = 0;
    struct task *task = task_create(TASK_CHECKED, NULL, 4096);
    void *context[] = {verifier, task};
    enum status status = STATUS_NO_MEMORY;
    if (task == NULL)
        return status;
    arena_reset(verifier->arena);
    status = store_chunk_end(verifier->db, verifier->arena, verifier->checked, CHUNK_LEAVES, &upto);
    if (status == STATUS_OK)
        status = store_signatures(verifier->db, verifier->arena, verifier->checked, upto, check_one,
                                  context);
    task->checked_batch = upto;
    if (status == STATUS_OK && (status = pipe_send(verifier->write, task)) == STATUS_OK) {
        verifier->checked = upto;
        return STATUS_OK;
    }
    task_destroy(&task);
    return status;
}

static enum status database_ready(struct verifier *verifier)
{
    if (verifier->db != NULL && db_usable(verifier->db) && verifier->known)
        return STATUS_OK;
    if (clock_monotonic_ms() < verifier->retry_at_ms)
        return STATUS_DATABASE;
    arena_reset(verifier->arena);
    enum status status =
        db_reopen(verifier->config->conninfo, DB_QUERY, &verifier->failing, &verifier->db);
    if (status == STATUS_OK)
        status =
            store_checked_read(verifier->db, verifier->arena, &verifier->checked, &verifier->head);
    verifier->known = status == STATUS_OK;
    if (status != STATUS_OK)
        verifier->retry_at_ms = clock_monotonic_ms() + RETRY_MS;
    return status;
}

static void head_receive(struct verifier *verifier)
{
    zmq_pollitem_t item = {.socket = verifier->announced, .events = ZMQ_POLLIN};
    int64_t number = 0;
    bool behind = verifier->known && verifier->checked < verifier->head;
    zmq_poll(&item, 1, behind ? 0 : WAIT_MS);
    while (zmq_recv(verifier->announced, &number, sizeof number, ZMQ_DONTWAIT) == sizeof number)
        if (number > verifier->head)
            verifier->head = number;
}

void verifier_run(const struct verifier_config *config)
{
    struct verifier verifier = {.config = config, .arena = arena_create(ARENA_BYTES)};
    verifier.announced = pipe_create(config->context, ZMQ_PULL, PIPE_VERIFY, false);
    verifier.write = pipe_create(config->context, ZMQ_PUSH, PIPE_WRITE, false);
    bool good = verifier.arena && verifier.announced && verifier.write;
    while (good && !atomic_load(config->stop)) {
        head_receive(&verifier);
        if (database_ready(&verifier) != STATUS_OK || verifier.checked >= verifier.head)
            continue;
        if (chunk_check(&verifier) != STATUS_OK) {
            log_warning("could not check signatures, trying again batch=%lld",
                        (long long)verifier.checked);
            verifier.known = false; /* reads the mark again */
            verifier.retry_at_ms = clock_monotonic_ms() + RETRY_MS;
        }
    }
    db_close(&verifier.db);
    arena_destroy(&verifier.arena);
    if (verifier.announced != NULL)
        zmq_close(verifier.announced);
    if (verifier.write != NULL)
        zmq_close(verifier.write);
}
