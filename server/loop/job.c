#include "server/loop/job.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include "base/bytes.h"
#include "base/log.h"
#include "base/unit_id.h"
#include "server/cases/case_record.h"
#include "server/loop/problem_message.h"
#include "wire/codec.h"

enum { RETRY_AFTER_MS = 1000, WAIT_MS = 200 };

struct job *job_create(void)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return NULL;
    job->reserve = calloc(1, sizeof *job->reserve);
    if (job->reserve == NULL)
        job_destroy(&job);
    return job;
}

void job_destroy(struct job **job)
{
    if (job == NULL || *job == NULL)
        return;
    reply_destroy(&(*job)->reserve);
    free((*job)->bytes);
    free(*job);
    *job = NULL;
}

static struct reply *reply_take(struct job *job)
{
    struct reply *reply = job->reserve;
    assert(reply != NULL);
    job->reserve = NULL;
    reply->code = STATUS_OK;
    reply->to = job->from;
    reply->class = job->class;
    reply->key = job->key.id;
    return reply;
}

/* protobuf-c's fields are not const though packing only reads them */
static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

/* E_BUSY into the reply's own bytes: packing takes no memory. */
static void spare_fill(struct reply *reply, uint64_t request)
{
    Zhibao__Problem problem = ZHIBAO__PROBLEM__INIT;
    Zhibao__Error error = ZHIBAO__ERROR__INIT;
    Zhibao__Envelope envelope = ZHIBAO__ENVELOPE__INIT;
    uint8_t body[REPLY_SPARE_BYTES];
    problem.code = STATUS_E_BUSY;
    problem.name = text(status_name(STATUS_E_BUSY));
    problem.zh = text(status_zh(STATUS_E_BUSY));
    problem.en = text(status_en(STATUS_E_BUSY));
    error.problem = &problem;
    error.retry = true;
    error.retry_after_ms = RETRY_AFTER_MS;
    assert(zhibao__error__get_packed_size(&error) < sizeof body);
    envelope.version = WIRE_VERSION;
    envelope.request = request;
    envelope.kind = ZHIBAO__KIND__KIND_ERROR;
    envelope.body = (ProtobufCBinaryData){zhibao__error__pack(&error, body), body};
    assert(zhibao__envelope__get_packed_size(&envelope) <= sizeof reply->spare);
    reply->bytes = reply->spare;
    reply->size = zhibao__envelope__pack(&envelope, reply->spare);
}

struct reply *reply_message(struct job *job, Zhibao__Kind kind, const ProtobufCMessage *body)
{
    struct reply *reply = reply_take(job);
    if (envelope_write(job->request, kind, 0, body, &reply->bytes, &reply->size) != STATUS_OK) {
        log_error("could not answer, told to try later: out of memory kind=%d", (int)kind);
        spare_fill(reply, job->request);
    }
    return reply;
}

static bool is_of_case(const struct job *job, const struct leaf *leaf)
{
    return (leaf != NULL && case_kind(leaf->kind)) ||
           (job->kind >= ZHIBAO__KIND__KIND_LIST_CASES &&
            job->kind <= ZHIBAO__KIND__KIND_CASE_READ_ROWS);
}

void refusal_log(const struct job *job, enum status status, const struct problems *problems,
                 const struct leaf *leaf)
{
    static const uint8_t nobody[KEY_ID_BYTES];
    const ProtobufCEnumValue *kind =
        protobuf_c_enum_descriptor_get_value(&zhibao__kind__descriptor, (int)job->kind);
    if (is_of_case(job, leaf)) { /* neither who nor which: CASES.md section 7 */
        log_limited(LOG_INFO, "%s: %s request_kind=%s",
                    status_retry(status) ? "put off" : "refused", status_name(status),
                    kind == NULL ? "unknown" : kind->name);
        return;
    }
    bool named = memcmp(job->key.id.bytes, nobody, sizeof nobody) != 0;
    char unit[UNIT_TEXT_BYTES], key[2 * KEY_ID_BYTES + 1], record[UNIT_TEXT_BYTES + 40] = "";
    if (leaf != NULL) {
        char author[UNIT_TEXT_BYTES];
        snprintf(record, sizeof record, " author=%s record_kind=%u",
                 unit_format(leaf->unit, author), leaf->kind);
    }
    /* on the enrolment endpoint a peer has nothing but its transport key */
    hex_encode(named ? job->key.id.bytes : job->key.transport_public, KEY_ID_BYTES, key);
    log_limited(LOG_INFO, "%s: %s request_kind=%s unit=%s %s=%s request=%" PRIx64 "%s field=%s",
                status_retry(status) ? "put off" : "refused", status_name(status),
                kind == NULL ? "unknown" : kind->name,
                job->key.unit == 0 ? "unknown" : unit_format(job->key.unit, unit),
                named ? "key" : "transport_key", key, job->request, record,
                problems == NULL || problems->count == 0 ? "" : problems->items[0].field);
}

struct reply *reply_error(struct job *job, enum status status, const struct problems *problems)
{
    if (status == STATUS_NO_MEMORY)
        status = STATUS_E_BUSY; /* the protocol's word for it */
    struct error_message *message = error_message_create(status, problems);
    refusal_log(job, status, problems, NULL);
    if (message == NULL) {
        struct reply *reply = reply_take(job);
        spare_fill(reply, job->request);
        reply->code = STATUS_E_BUSY;
        return reply;
    }
    Zhibao__Error *error = error_message_get(message);
    error->retry_after_ms = error->retry ? RETRY_AFTER_MS : 0;
    struct reply *reply = reply_message(job, ZHIBAO__KIND__KIND_ERROR, &error->base);
    reply->code = status;
    error_message_destroy(&message);
    return reply;
}

static void bytes_free(struct reply *reply)
{
    if (reply->bytes != reply->spare)
        free(reply->bytes);
    reply->bytes = NULL;
}

void reply_put_back(struct job *job, struct reply **reply)
{
    if (*reply == NULL)
        return;
    if (job == NULL) {
        reply_destroy(reply);
        return;
    }
    assert(job->reserve == NULL);
    bytes_free(*reply);
    job->reserve = *reply;
    *reply = NULL;
}

void reply_destroy(struct reply **reply)
{
    if (reply == NULL || *reply == NULL)
        return;
    bytes_free(*reply);
    free(*reply);
    *reply = NULL;
}

void *pipe_create(void *context, int type, const char *endpoint, bool bind)
{
    int unlimited = 0; /* the loop's own job limit bounds these queues */
    int linger = 0;
    void *socket = zmq_socket(context, type);
    if (socket == NULL)
        return NULL;
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if ((bind ? zmq_bind(socket, endpoint) : zmq_connect(socket, endpoint)) != 0) {
        log_error("could not open pipe: %s endpoint=%s", zmq_strerror(errno), endpoint);
        zmq_close(socket);
        return NULL;
    }
    return socket;
}

/* What was written before a pointer is sent is read after it is received: libzmq sees to it, and
 * ThreadSanitizer has to be told, because it does not see into libzmq (tests/tsan.supp). */
#ifdef __SANITIZE_THREAD__
#define HANDED_OUT(pointer) __tsan_release(pointer)
#define TAKEN(pointer)      __tsan_acquire(pointer)
#else
#define HANDED_OUT(pointer) (void)(pointer)
#define TAKEN(pointer)      (void)(pointer)
#endif

enum status pipe_send(void *socket, void *pointer)
{
    HANDED_OUT(pointer);
    while (zmq_send(socket, &pointer, sizeof pointer, 0) < 0)
        if (errno != EINTR)
            return STATUS_CANCELLED;
    return STATUS_OK;
}

void pipe_wake(void *socket)
{
    void *nothing = NULL;
    (void)zmq_send(socket, &nothing, sizeof nothing, ZMQ_DONTWAIT);
}

struct job *job_wait(void *work, const atomic_bool *stop)
{
    for (;;) {
        bool last = atomic_load(stop); /* what was sent before the flag was set is waiting by now */
        struct job *job = pipe_receive(work, last ? 0 : WAIT_MS);
        if (job != NULL || last)
            return job;
    }
}

void *pipe_receive(void *socket, int timeout_ms)
{
    void *pointer = NULL;
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    if (timeout_ms != 0 && zmq_poll(&item, 1, timeout_ms) <= 0)
        return NULL;
    if (zmq_recv(socket, &pointer, sizeof pointer, ZMQ_DONTWAIT) != sizeof pointer)
        return NULL;
    TAKEN(pointer);
    return pointer;
}
