#include "server/query/query_thread.h"

#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/loop/router.h"
#include "server/query/query.h"
#include "server/store/scope.h"
#include "server/trust/rights.h"
#include "wire/codec.h"

enum {
    ANSWER_BYTES_MAX = 64 * 1024 * 1024, /* of arena for one answer */
};

struct query_thread {
    const struct query_thread_config *config;
    struct db *db;
    struct arena *arena;
    struct db_retry retry;
};

static const struct query_entry *entry_of(Zhibao__Kind kind)
{
    for (const struct query_entry *entry = query_table; entry->kind != 0; entry++)
        if (entry->kind == kind)
            return entry;
    return NULL;
}

/* On the enrolment endpoint nobody is known, and no district's rows are seen. */
static enum status scope_see(struct query_thread *thread, const struct job *job,
                             const struct registry_unit *asker)
{
    struct db_scope scope = {.first = 1};
    if (!job->from.enrol)
        scope_of_place(unit_place(asker->id), registry_places(thread->config->registry), &scope);
    return scope_set(thread->db, thread->arena, &scope);
}

static enum status run(struct query_thread *thread, const struct job *job,
                       const struct query_entry *entry, struct problems *problems,
                       ProtobufCMessage **out_reply)
{
    ProtobufCMessage *request = NULL;
    struct query query = {.registry = thread->config->registry,
                          .keys = thread->config->keys,
                          .arena = thread->arena,
                          .problems = problems,
                          .rollups = thread->config->rollups,
                          .vitals = thread->config->vitals};
    enum status status =
        message_read(entry->request, thread->arena, job->body, job->body_size, &request);
    if (status != STATUS_OK)
        return status;
    if (!job->from.enrol && !registry_unit(thread->config->registry, job->key.unit, &query.asker))
        return STATUS_E_UNIT_UNKNOWN; /* on the enrolment endpoint nobody is known */
    query.asker_key = job->key.id;
    if (!job->from.enrol)
        status = rights_check(query.asker.role, RIGHT_ASK, (int)job->kind, NULL, "", problems);
    if (status != STATUS_OK)
        return status;
    status = db_ready(thread->config->conninfo, DB_ASKED, &thread->retry, &thread->db);
    if (status == STATUS_OK)
        status = scope_see(thread, job, &query.asker);
    if (status != STATUS_OK)
        return status;
    query.db = thread->db;
    return entry->run(&query, request, out_reply);
}

/* Codes below 100 are ours and mean nothing to a peer. */
static enum status public_status(enum status status)
{
    if ((int)status >= 100)
        return status;
    return status == STATUS_DATABASE ? STATUS_E_UNAVAILABLE : STATUS_E_INTERNAL;
}

static struct reply *handle(struct query_thread *thread, struct job *job)
{
    struct problems problems;
    ProtobufCMessage *message = NULL;
    struct reply *reply = NULL;
    const struct query_entry *entry = entry_of(job->kind);
    problems_init(&problems);
    arena_reset(thread->arena);
    enum status status =
        entry == NULL ? STATUS_E_KIND : run(thread, job, entry, &problems, &message);
    if (status == STATUS_OK)
        reply = reply_message(job, entry->reply_kind, message);
    else
        reply = reply_error(job, public_status(status), &problems);
    if (reply->size > WIRE_MESSAGE_MAX)
        log_warning("answer is larger than a message kind=%d bytes=%zu", (int)job->kind,
                    reply->size);
    problems_clear(&problems);
    return reply;
}

void query_thread_run(const struct query_thread_config *config)
{
    struct query_thread thread = {.config = config, .arena = arena_create(ANSWER_BYTES_MAX)};
    void *work = pipe_create(config->context, ZMQ_PULL, PIPE_QUERY, false);
    void *answers = pipe_create(config->context, ZMQ_PUSH, PIPE_REPLY, false);
    struct job *job = NULL;
    while (work && answers && thread.arena && (job = job_wait(work, config->stop)) != NULL) {
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
