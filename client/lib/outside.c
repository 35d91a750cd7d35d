#include "lib/outside.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/handle.h"
#include "lib/link.h"

enum { ANSWER_MS = 5000, ATTEMPTS_MAX = 3 };

enum status zhibao_outside_of(const struct zhibao *zhibao, struct zhibao_outside *out_outside)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    const uint8_t *server = home_server_transport(zhibao->home);
    if (identity == NULL || server == NULL || identity->enrol_endpoint[0] == '\0')
        return STATUS_NOT_FOUND;
    memcpy(out_outside->endpoint, identity->enrol_endpoint, sizeof out_outside->endpoint);
    memcpy(out_outside->server_public, server, sizeof out_outside->server_public);
    return STATUS_OK;
}

struct asking {
    struct link *link;
    Zhibao__Kind kind, answer_kind;
    const ProtobufCMessage *body;
    const ProtobufCMessageDescriptor *answer_type;
    struct arena *arena;
    uint64_t request;
    int64_t deadline_ms, silent_ms; /* when silence is taken for a dead line */
    bool sent, done;
    unsigned failed;
};

static enum status question_send(struct asking *asking)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    random_bytes(&asking->request, sizeof asking->request);
    enum status status =
        envelope_write(asking->request, asking->kind, ANSWER_MS, asking->body, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    asking->sent = link_send(asking->link, bytes, size) == STATUS_OK;
    asking->silent_ms = clock_monotonic_ms() + ANSWER_MS;
    free(bytes);
    return STATUS_OK;
}

static enum status answer_take(struct asking *asking, const struct link_event *event,
                               ProtobufCMessage **out_answer)
{
    struct envelope envelope = {0};
    ProtobufCMessage *message = NULL;
    enum status status = envelope_read(event->bytes, event->size, &envelope);
    if (status != STATUS_OK || !asking->sent || envelope.request != asking->request)
        return STATUS_OK; /* of nothing that was asked */
    asking->done = true;
    if (envelope.kind == asking->answer_kind)
        return message_read(asking->answer_type, asking->arena, envelope.body, envelope.body_size,
                            out_answer);
    if (envelope.kind != ZHIBAO__KIND__KIND_ERROR)
        return STATUS_E_KIND;
    status = message_read(&zhibao__error__descriptor, asking->arena, envelope.body,
                          envelope.body_size, &message);
    if (status != STATUS_OK)
        return status;
    const Zhibao__Problem *problem = ((const Zhibao__Error *)message)->problem;
    bool known = problem != NULL && problem->code >= STATUS_E_VERSION &&
                 strcmp(status_name((enum status)problem->code), "UNKNOWN") != 0;
    return known ? (enum status)problem->code : STATUS_E_INTERNAL;
}

static enum status event_take(struct asking *asking, const struct link_event *event,
                              ProtobufCMessage **out_answer)
{
    switch (event->kind) {
    case LINK_MESSAGE: return answer_take(asking, event, out_answer);
    case LINK_WRITABLE: return asking->sent ? STATUS_OK : question_send(asking);
    case LINK_DOWN: asking->sent = false; return STATUS_OK;
    case LINK_DENIED: return STATUS_UNREACHABLE;
    case LINK_FAILED:
    case LINK_HUNG_UP: return ++asking->failed >= ATTEMPTS_MAX ? STATUS_UNREACHABLE : STATUS_OK;
    default: break;
    }
    if (asking->sent && clock_monotonic_ms() >= asking->silent_ms) {
        link_rebuild(asking->link);
        asking->sent = false;
    }
    return STATUS_OK;
}

enum status zhibao_ask_outside(const struct zhibao_outside *outside, uint32_t timeout_ms,
                               Zhibao__Kind kind, const ProtobufCMessage *body,
                               Zhibao__Kind answer_kind,
                               const ProtobufCMessageDescriptor *answer_type, struct arena *arena,
                               ProtobufCMessage **out_answer)
{
    uint8_t public_key[LINK_KEY_BYTES], secret_key[LINK_KEY_BYTES];
    struct asking asking = {.kind = kind,
                            .answer_kind = answer_kind,
                            .body = body,
                            .answer_type = answer_type,
                            .arena = arena,
                            .deadline_ms = clock_monotonic_ms() + timeout_ms};
    crypto_box_keypair(public_key, secret_key); /* CURVE's keys are X25519's */
    const struct link_config config = {outside->endpoint, outside->server_public, public_key,
                                       secret_key};
    enum status status = link_create(&config, &asking.link);
    while (status == STATUS_OK && !asking.done) {
        struct link_event event = {0};
        int64_t left = asking.deadline_ms - clock_monotonic_ms();
        status = left <= 0 ? STATUS_TIMEOUT
                           : link_wait(asking.link, left < ANSWER_MS ? left : ANSWER_MS,
                                       !asking.sent, &event);
        if (status == STATUS_OK)
            status = event_take(&asking, &event, out_answer);
    }
    link_destroy(&asking.link);
    sodium_memzero(secret_key, sizeof secret_key);
    return status;
}
