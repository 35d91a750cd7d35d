#include <inttypes.h>
#include <stdlib.h>

#include "affected.pb-c.h"
#include "analysis.pb-c.h"
#include "base/bytes.h"
#include "base/log.h"
#include "calendar.pb-c.h"
#include "case.pb-c.h"
#include "checks.pb-c.h"
#include "comment.pb-c.h"
#include "document.pb-c.h"
#include "duty.pb-c.h"
#include "enrol.pb-c.h"
#include "export.pb-c.h"
#include "lib/backoff.h"
#include "lib/handle.h"
#include "lib/request.h"
#include "lib/rotate.h"
#include "notify.pb-c.h"
#include "oversight.pb-c.h"
#include "place.pb-c.h"
#include "reconcile.pb-c.h"
#include "witness.pb-c.h"

#define EXCHANGE(asks, answers, message)                                                          \
    {                                                                                             \
        ZHIBAO__KIND__KIND_##asks, ZHIBAO__KIND__KIND_##answers, &zhibao__##message##__descriptor \
    }

/* One a line, so that additions do not meet. */
static const struct exchange {
    Zhibao__Kind ask, answer;
    const ProtobufCMessageDescriptor *type;
} exchanges[] = {
    EXCHANGE(PING, PONG, pong),
    EXCHANGE(GET_CALENDAR, CALENDAR, calendar_reply),
    EXCHANGE(GET_COMPLETENESS, COMPLETENESS, completeness_reply),
    EXCHANGE(ENROL, ENROLLED, enrolled),
    EXCHANGE(GET_RECEIPT, RECEIPT, receipt_reply),
    EXCHANGE(GET_PREVIOUS, PREVIOUS, previous),
    EXCHANGE(GET_FORM, FORM, form),
    EXCHANGE(TRACK, TRACKED, tracked),
    EXCHANGE(INBOX, INBOX_ITEMS, inbox_items),
    EXCHANGE(PENDING, PENDING_ITEMS, pending_items),
    EXCHANGE(TOTAL, TOTAL_REPLY, total),
    EXCHANGE(PULL, PULLED, pulled),
    EXCHANGE(ENROL_CODES, ENROL_CODES_ISSUED, enrol_codes_issued),
    EXCHANGE(LIST_UNITS, UNITS, units),
    EXCHANGE(GET_RECORD, RECORD, record_reply),
    EXCHANGE(CARRIERS, CARRIERS_REPLY, carriers_reply),
    EXCHANGE(WARNINGS, WARNING_LIST, warning_list),
    EXCHANGE(PLACES, PLACES_REPLY, places_reply),
    EXCHANGE(PLACE_HISTORY, PLACE_HISTORY_REPLY, place_history_reply),
    EXCHANGE(SERIES, SERIES_REPLY, series_reply),
    EXCHANGE(UPLINK, UPLINK_REPLY, uplink_reply),
    EXCHANGE(RECONCILE, RECONCILED, reconciled),
    EXCHANGE(AFFECTED, AFFECTED_REPLY, affected_reply),
    EXCHANGE(FIGURES, FIGURE_ROWS, figure_rows),
    EXCHANGE(EVALUATE, EVALUATION, evaluation),
    EXCHANGE(PUT_CHUNK, UPLOAD, upload),
    EXCHANGE(GET_UPLOAD, UPLOAD, upload),
    EXCHANGE(GET_CHUNK, CHUNK, chunk),
    EXCHANGE(LIST_DOCUMENTS, DOCUMENTS, documents),
    EXCHANGE(DUTIES, DUTY_ITEMS, duty_items),
    EXCHANGE(QUALITY, QUALITY_SCORES, quality_scores),
    EXCHANGE(AREAS, AREA_ROWS, area_rows),
    EXCHANGE(TASKS, TASK_ITEMS, task_items),
    EXCHANGE(GET_ROOTS, ROOTS, roots),
    EXCHANGE(EVENTS, EVENT_ROWS, event_rows),
    EXCHANGE(COMMENTS, COMMENT_ITEMS, comment_items),
    EXCHANGE(GET_NOTICES, NOTICE_ROWS, notice_rows),
    EXCHANGE(GET_CASE_DIRECTORY, CASE_DIRECTORY, case_directory_reply),
    EXCHANGE(LIST_CASES, CASE_ITEMS, case_items),
    EXCHANGE(GET_CASE, CASE_FILE, case_file),
    EXCHANGE(ASK_CASE_STATE, CASE_STATE_REPLY, case_state_reply),
    EXCHANGE(LIST_CASE_READS, CASE_READ_ROWS, case_read_rows),
    EXCHANGE(GET_CASE_PIECES, CASE_PIECES, case_pieces),
    EXCHANGE(LIST_CASE_KEY_ENDS, CASE_KEY_END_ROWS, case_key_end_rows),
};

struct request {
    struct zhibao *zhibao;
    const struct exchange *exchange;
    const ProtobufCMessage *body;
    uint64_t id;
    bool sent, done;
    int64_t wake_ms; /* sent: when silence is taken for a dead line; else: not to send before */
    struct backoff backoff;
};

static const struct exchange *find_exchange(Zhibao__Kind kind)
{
    for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++)
        if (exchanges[i].ask == kind)
            return &exchanges[i];
    return NULL;
}

int64_t answer_time_ms(uint32_t timeout_ms)
{
    int64_t third = timeout_ms / 3;
    return third < ANSWER_LEAST_MS ? ANSWER_LEAST_MS : third;
}

static enum status send_request(struct request *request)
{
    struct zhibao *zhibao = request->zhibao;
    uint8_t *bytes = NULL;
    size_t size = 0;
    request->id = zhibao_next_request(zhibao);
    enum status status = envelope_write(request->id, request->exchange->ask, zhibao->timeout_ms,
                                        request->body, &bytes, &size);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    status = link_send(zhibao->session.link, bytes, size);
    request->sent = status == STATUS_OK;
    free(bytes);
    request->wake_ms = clock_monotonic_ms() + answer_time_ms(zhibao->timeout_ms);
    return status == STATUS_UNREACHABLE || status == STATUS_OK ? STATUS_OK
                                                               : cause_plain(zhibao, status);
}

/* The server said no. STATUS_OK when it is worth asking again by and by. */
static enum status digest_error(struct request *request, const struct envelope *envelope)
{
    struct zhibao *zhibao = request->zhibao;
    enum status status = cause_error(zhibao, envelope->body, envelope->body_size);
    const Zhibao__Error *error = zhibao_cause(zhibao)->error;
    bool again = error != NULL && error->retry &&
                 (status == STATUS_E_BUSY || (zhibao->patient && status != STATUS_E_KEY_PENDING));
    if (!again)
        return status;
    uint32_t pause = backoff_next(&request->backoff);
    if (pause < error->retry_after_ms)
        pause = error->retry_after_ms;
    request->wake_ms = clock_monotonic_ms() + pause;
    if (request->wake_ms >= zhibao->session.deadline_ms)
        return status;
    request->sent = false;
    return STATUS_OK;
}

/* Reads one message; anything but the answer to this request is passed over. */
static enum status digest_message(struct request *request, const struct link_event *event,
                                  struct arena *arena, ProtobufCMessage **out_answer)
{
    struct zhibao *zhibao = request->zhibao;
    struct envelope envelope = {0};
    enum status status = envelope_read(event->bytes, event->size, &envelope);
    if (status != STATUS_OK) {
        log_warning("could not read answer: %s", status_en(status));
        return STATUS_OK;
    }
    if (!request->sent || envelope.request != request->id) {
        log_debug("passed over an answer: not asked for request=%" PRIu64, envelope.request);
        return STATUS_OK;
    }
    if (envelope.kind == ZHIBAO__KIND__KIND_ERROR)
        return digest_error(request, &envelope);
    if (envelope.kind != request->exchange->answer)
        return cause_set(zhibao, STATUS_E_KIND, "服务器答复的类型不对（%d）",
                         "the server answered with the wrong kind of message (%d)",
                         (int)envelope.kind);
    status =
        message_read(request->exchange->type, arena, envelope.body, envelope.body_size, out_answer);
    if (status != STATUS_OK)
        return cause_set(zhibao, status, "服务器的答复无法解析",
                         "cannot decode the server's answer");
    request->done = true;
    return STATUS_OK;
}

enum status request_run(struct zhibao *zhibao, Zhibao__Kind kind, const ProtobufCMessage *body,
                        struct arena *arena, ProtobufCMessage **out_answer)
{
    struct request request = {
        .zhibao = zhibao,
        .exchange = find_exchange(kind),
        .body = body,
        .backoff = {.first_ms = 200, .most_ms = 5000},
    };
    if (request.exchange == NULL)
        return cause_plain(zhibao, STATUS_INVALID);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !request.done) {
        int64_t now = clock_monotonic_ms();
        bool want_write = !request.sent && now >= request.wake_ms;
        int64_t wake = request.sent || !want_write ? request.wake_ms : INT64_MAX;
        enum session_news news = SESSION_QUIET;
        struct link_event event = {0};
        status = session_wait(zhibao, want_write, wake, &news, &event);
        if (status != STATUS_OK)
            break;
        switch (news) {
        case SESSION_MESSAGE: status = digest_message(&request, &event, arena, out_answer); break;
        case SESSION_WRITABLE: status = send_request(&request); break;
        case SESSION_LOST: request.sent = false; break;
        case SESSION_QUIET:
            if (request.sent && clock_monotonic_ms() >= request.wake_ms) {
                link_rebuild(zhibao->session.link);
                request.sent = false;
            }
            break;
        }
    }
    return status;
}

enum status zhibao_request(struct zhibao *zhibao, Zhibao__Kind kind, const ProtobufCMessage *body,
                           struct arena *arena, ProtobufCMessage **out_answer)
{
    cause_clear(zhibao);
    enum status status = session_begin(zhibao);
    if (status == STATUS_OK)
        status = request_run(zhibao, kind, body, arena, out_answer);
    if (status != STATUS_E_KEY_REVOKED || !rotation_rescue(zhibao))
        return status;
    cause_clear(zhibao);
    status = session_begin(zhibao);
    return status == STATUS_OK ? request_run(zhibao, kind, body, arena, out_answer) : status;
}
