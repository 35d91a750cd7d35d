/* Sending what waits in the outbox, pipelined, until every record has its answer.
 *
 * A pass walks the waiting records in order of putting. Answers settle them (settle.c); records the
 * server cannot take now are held back with back-off, records it will not take stay for another
 * drain. When the line breaks or stays silent, whatever is in flight is sent again: the server
 * answers a repeated record with the same receipt. Settlements that arrive together become durable
 * together, before anyone is told. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "lib/backoff.h"
#include "lib/handle.h"
#include "lib/request.h"
#include "lib/rotate.h"
#include "lib/settle.h"
#include "lib/upload.h"

enum { LATER_FIRST_MS = 200, LATER_MOST_MS = 10000 };

struct flight {
    bool used;
    uint64_t request;
    int64_t sent_ms;
    struct settle_subject subject;
};

struct drain {
    struct zhibao *zhibao;
    zhibao_visit *settled;
    void *context;
    struct zhibao_drained done;
    struct flight flights[ZHIBAO_IN_FLIGHT_MAX];
    size_t in_flight;
    int64_t cursor; /* sequence of the last record of this pass */
    bool exhausted; /* the pass has come to its end */
    struct backoff backoff;
    enum status why;                    /* the last reason why a record was left */
    int64_t news[ZHIBAO_IN_FLIGHT_MAX]; /* sequences settled but not yet durable */
    size_t news_count;
    bool in_batch;
    /* the next message to be sent */
    uint8_t *message;
    size_t message_size;
    struct settle_subject subject;
};

/* Submit around a Record that is already bytes: field 1, length-delimited. */
static enum status wrap_record(const struct zhibao_item *item, uint64_t request,
                               uint32_t timeout_ms, uint8_t **out_bytes, size_t *out_size)
{
    uint8_t *body = malloc(item->record_size + 11);
    if (body == NULL)
        return STATUS_NO_MEMORY;
    size_t used = 0, left = item->record_size;
    body[used++] = 0x0a;
    for (; left >= 0x80; left >>= 7)
        body[used++] = (uint8_t)(left | 0x80);
    body[used++] = (uint8_t)left;
    memcpy(body + used, item->record, item->record_size);
    enum status status = envelope_wrap(request, ZHIBAO__KIND__KIND_SUBMIT, timeout_ms, body,
                                       used + item->record_size, out_bytes, out_size);
    free(body);
    return status;
}

static enum status take_next(const struct zhibao_item *item, void *context)
{
    struct drain *drain = context;
    drain->subject = (struct settle_subject){item->sequence, item->kind, item->unit, item->id,
                                             item->payload_sha256};
    return wrap_record(item, drain->zhibao->last_request + 1, drain->zhibao->timeout_ms,
                       &drain->message, &drain->message_size);
}

/* Makes the next message of the pass ready, unless one is or all places are taken. */
static enum status prepare(struct drain *drain)
{
    if (drain->message != NULL || drain->exhausted || drain->in_flight == ZHIBAO_IN_FLIGHT_MAX)
        return STATUS_OK;
    struct zhibao *zhibao = drain->zhibao;
    enum status status =
        outbox_next(zhibao->outbox, drain->cursor, clock_monotonic_ms(), take_next, drain);
    if (status == STATUS_NOT_FOUND) {
        drain->exhausted = true;
        return STATUS_OK;
    }
    return cause_outbox(zhibao, status);
}

static enum status begin_batch(struct drain *drain)
{
    if (drain->in_batch)
        return STATUS_OK;
    enum status status = cause_outbox(drain->zhibao, outbox_begin(drain->zhibao->outbox));
    drain->in_batch = status == STATUS_OK;
    return status;
}

/* Makes what was settled durable, then tells. */
static enum status end_batch(struct drain *drain)
{
    struct zhibao *zhibao = drain->zhibao;
    if (!drain->in_batch)
        return STATUS_OK;
    drain->in_batch = false;
    size_t count = drain->news_count;
    drain->news_count = 0;
    enum status status = cause_outbox(zhibao, outbox_commit(zhibao->outbox));
    for (size_t i = 0; status == STATUS_OK && drain->settled != NULL && i < count; i++)
        status = cause_outbox(
            zhibao, outbox_item(zhibao->outbox, drain->news[i], drain->settled, drain->context));
    return status;
}

static enum status send_prepared(struct drain *drain)
{
    struct zhibao *zhibao = drain->zhibao;
    struct flight *flight = drain->flights;
    while (flight->used)
        flight++;
    uint64_t request = zhibao_next_request(zhibao);
    enum status status = link_send(zhibao->session.link, drain->message, drain->message_size);
    free(drain->message);
    drain->message = NULL;
    if (status == STATUS_UNREACHABLE)
        return STATUS_OK; /* no room after all: the pass comes by again */
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    *flight = (struct flight){true, request, clock_monotonic_ms(), drain->subject};
    drain->in_flight++;
    drain->done.sent++;
    drain->cursor = drain->subject.sequence;
    status = begin_batch(drain);
    if (status == STATUS_OK)
        status = outbox_tried(zhibao->outbox, drain->subject.sequence);
    return status == STATUS_NOT_FOUND ? STATUS_OK : cause_outbox(zhibao, status);
}

/* Everything in flight may be lost: begin a new pass. */
static void forget_flights(struct drain *drain)
{
    memset(drain->flights, 0, sizeof drain->flights);
    drain->in_flight = 0;
    drain->cursor = 0;
    drain->exhausted = false;
    free(drain->message);
    drain->message = NULL;
}

static enum status apply(struct drain *drain, int64_t sequence, enum settled settled,
                         uint32_t later_ms)
{
    struct zhibao *zhibao = drain->zhibao;
    int64_t until = INT64_MAX;
    switch (settled) {
    case SETTLED_RECEIPTED:
    case SETTLED_REFUSED:
        *(settled == SETTLED_RECEIPTED ? &drain->done.receipted : &drain->done.refused) += 1;
        drain->news[drain->news_count++] = sequence;
        drain->backoff.current_ms = 0;
        session_extend(zhibao);
        return STATUS_OK;
    case SETTLED_UNVERIFIED: drain->done.unverified++; break;
    case SETTLED_STUCK: break;
    case SETTLED_LATER: {
        uint32_t pause = backoff_next(&drain->backoff);
        until = clock_monotonic_ms() + (pause > later_ms ? pause : later_ms);
        break;
    }
    }
    drain->why = zhibao_cause(zhibao)->status;
    return cause_outbox(zhibao, outbox_hold(zhibao->outbox, sequence, until));
}

static enum status digest_message(struct drain *drain, const struct link_event *event)
{
    struct envelope answer = {0};
    enum status status = envelope_read(event->bytes, event->size, &answer);
    if (status != STATUS_OK) {
        log_warning("could not read answer: %s", status_en(status));
        return STATUS_OK;
    }
    for (size_t i = 0; i < ZHIBAO_IN_FLIGHT_MAX; i++) {
        struct flight *flight = &drain->flights[i];
        if (!flight->used || flight->request != answer.request)
            continue;
        enum settled settled = SETTLED_STUCK;
        uint32_t later_ms = 0;
        flight->used = false;
        drain->in_flight--;
        status = begin_batch(drain);
        if (status == STATUS_OK)
            status = settle(drain->zhibao, &flight->subject, &answer, &settled, &later_ms);
        if (status == STATUS_OK)
            status = apply(drain, flight->subject.sequence, settled, later_ms);
        if (status == STATUS_OK && drain->news_count == ZHIBAO_IN_FLIGHT_MAX)
            status = end_batch(drain);
        return status;
    }
    return STATUS_OK;
}

/* When the oldest message in flight has waited too long. */
static int64_t silence_ms(const struct drain *drain)
{
    int64_t oldest = INT64_MAX;
    for (size_t i = 0; i < ZHIBAO_IN_FLIGHT_MAX; i++)
        if (drain->flights[i].used && drain->flights[i].sent_ms < oldest)
            oldest = drain->flights[i].sent_ms;
    return oldest == INT64_MAX ? oldest : oldest + answer_time_ms(drain->zhibao->timeout_ms);
}

/* The pass is over and nothing is in flight. Begins another when something can be sent now or
 * before the deadline (*out_wake_ms), and says whether the drain is at its end. */
static enum status turn(struct drain *drain, bool *out_end, int64_t *out_wake_ms)
{
    struct zhibao *zhibao = drain->zhibao;
    enum status status = end_batch(drain);
    if (status != STATUS_OK)
        return status;
    drain->cursor = 0;
    drain->exhausted = false;
    status = prepare(drain);
    if (status != STATUS_OK || drain->message != NULL)
        return status;
    int64_t until = INT64_MAX;
    status = cause_outbox(zhibao, outbox_held_until(zhibao->outbox, &until));
    *out_end = until >= zhibao->session.deadline_ms;
    *out_wake_ms = until;
    return status;
}

/* One event. Answers that are already here go into the batch; it is made durable before waiting. */
static enum status step(struct drain *drain, int64_t wake_ms)
{
    struct zhibao *zhibao = drain->zhibao;
    enum session_news news = SESSION_QUIET;
    struct link_event event = {0};
    bool want_write = drain->message != NULL;
    enum status status = STATUS_OK;
    if (drain->news_count > 0) {
        status = session_wait(zhibao, want_write, clock_monotonic_ms(), &news, &event);
        if (status == STATUS_OK && news == SESSION_QUIET)
            status = end_batch(drain);
    }
    if (status == STATUS_OK && news == SESSION_QUIET)
        status = session_wait(zhibao, want_write, wake_ms, &news, &event);
    if (status != STATUS_OK)
        return status;
    switch (news) {
    case SESSION_MESSAGE: return digest_message(drain, &event);
    case SESSION_WRITABLE: return send_prepared(drain);
    case SESSION_LOST: forget_flights(drain); break;
    case SESSION_QUIET:
        if (clock_monotonic_ms() >= silence_ms(drain)) {
            link_rebuild(zhibao->session.link);
            forget_flights(drain);
        }
        break;
    }
    return STATUS_OK;
}

static enum status run(struct drain *drain)
{
    enum status status = STATUS_OK;
    bool end = false;
    while (status == STATUS_OK) {
        int64_t wake_ms = INT64_MAX;
        status = prepare(drain);
        if (status == STATUS_OK && drain->message == NULL && drain->in_flight == 0)
            status = turn(drain, &end, &wake_ms);
        if (status != STATUS_OK || end)
            break;
        int64_t silence = silence_ms(drain);
        status = step(drain, silence < wake_ms ? silence : wake_ms);
    }
    return status;
}

/* Documents go last and in order, each record after its content, so that a large one keeps nothing
 * else waiting. One that cannot go now keeps those after it. */
static enum status send_documents(struct drain *drain, const struct upload_subject *documents,
                                  size_t count)
{
    struct zhibao *zhibao = drain->zhibao;
    for (size_t i = 0; i < count; i++) {
        session_extend(zhibao);
        enum status status = upload_send(zhibao, &documents[i]);
        if (!upload_settled(status)) {
            drain->why = status;
            return status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT ? status : STATUS_OK;
        }
        status = cause_outbox(zhibao, outbox_unhold(zhibao->outbox, documents[i].sequence));
        drain->cursor = 0;
        drain->exhausted = false;
        if (status == STATUS_OK)
            status = run(drain);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status drain_all(struct zhibao *zhibao, zhibao_visit *settled, void *context,
                             struct zhibao_drained *out_drained)
{
    struct drain drain = {
        .zhibao = zhibao,
        .settled = settled,
        .context = context,
        .backoff = {.first_ms = LATER_FIRST_MS, .most_ms = LATER_MOST_MS},
    };
    cause_clear(zhibao);
    memset(out_drained, 0, sizeof *out_drained);
    size_t waiting = 0;
    enum status status =
        cause_outbox(zhibao, outbox_count(zhibao->outbox, ZHIBAO_WAITING, &waiting));
    if (status != STATUS_OK || waiting == 0)
        return status;
    struct upload_subject *documents = NULL;
    size_t document_count = 0;
    status = cause_outbox(zhibao, outbox_release(zhibao->outbox));
    if (status == STATUS_OK)
        status = uploads_hold(zhibao, &documents, &document_count);
    if (status == STATUS_OK)
        status = session_begin(zhibao);
    if (status == STATUS_OK)
        status = run(&drain);
    if (status == STATUS_OK)
        status = send_documents(&drain, documents, document_count);
    free(documents);
    free(drain.message);
    enum status stored = end_batch(&drain);
    outbox_rollback(zhibao->outbox);
    if (status == STATUS_OK)
        status = stored;
    enum status counted = outbox_count(zhibao->outbox, ZHIBAO_WAITING, &drain.done.left);
    if (status == STATUS_OK)
        status = cause_outbox(zhibao, counted);
    if (document_count > 0)
        uploads_tidy(zhibao);
    *out_drained = drain.done;
    return status == STATUS_OK && drain.done.left > 0 ? drain.why : status;
}

enum status zhibao_drain(struct zhibao *zhibao, zhibao_visit *settled, void *context,
                         struct zhibao_drained *out_drained)
{
    enum status status = drain_all(zhibao, settled, context, out_drained);
    if (status == STATUS_E_KEY_REVOKED && rotation_rescue(zhibao))
        status = drain_all(zhibao, settled, context, out_drained);
    enum status rotated = rotation_settle(zhibao, NULL);
    return status == STATUS_OK && rotated != STATUS_OK ? cause_plain(zhibao, rotated) : status;
}
