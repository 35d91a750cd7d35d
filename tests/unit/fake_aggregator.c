#include "fake_aggregator.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "enrol.pb-c.h"
#include "lib/verify.h"
#include "wire/codec.h"

struct fake_aggregator {
    void *context;
    pthread_t thread;
    atomic_bool stop;
    atomic_int mode;
    atomic_uint submits, enrolments;
    uint8_t transport_public[32], transport_secret[32];
    struct sign_public sign_public, foreign_public;
    struct sign_secret sign_secret, foreign_secret;
    char endpoint[128];
    pthread_mutex_t lock;
    struct hash last_enrolment;
    struct receipt any; /* of some earlier record */
    bool has_any;
    void *router, *zap;
};

static void answer_zap(struct fake_aggregator *fake)
{
    char frames[16][256];
    size_t sizes[16] = {0}, count = 0;
    int more = 1;
    while (more != 0 && count < 16) {
        int size = zmq_recv(fake->zap, frames[count], sizeof frames[0], 0);
        sizes[count++] = size < 0 ? 0 : (size_t)size;
        size_t length = sizeof more;
        zmq_getsockopt(fake->zap, ZMQ_RCVMORE, &more, &length);
    }
    int mode = atomic_load(&fake->mode);
    const char *status = mode == FAKE_REVOKED ? "400" : mode == FAKE_PENDING ? "300" : "200";
    zmq_send(fake->zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(fake->zap, frames[1], sizes[1], ZMQ_SNDMORE);
    zmq_send(fake->zap, status, 3, ZMQ_SNDMORE);
    zmq_send(fake->zap, "", 0, ZMQ_SNDMORE);
    zmq_send(fake->zap, "someone", 7, ZMQ_SNDMORE);
    zmq_send(fake->zap, "", 0, 0);
}

static struct receipt make_receipt(struct fake_aggregator *fake, const Zhibao__Record *record,
                                   bool foreign)
{
    struct receipt receipt;
    struct record_head head = {0};
    memset(&receipt, 0, sizeof receipt);
    if (record_head_read(record->payload.data, record->payload.len, &head) != STATUS_OK)
        abort();
    receipt.leaf.kind = (uint8_t)record->kind;
    receipt.leaf.unit = head.unit;
    receipt.leaf.id = head.id;
    receipt.leaf.received_us = clock_now_us();
    receipt.leaf.algorithm = (uint8_t)record->algorithm;
    receipt.leaf.payload_sha256 = hash_bytes(record->payload.data, record->payload.len);
    receipt.leaf.signature_sha256 = hash_bytes(record->signature.data, record->signature.len);
    memcpy(receipt.leaf.key.bytes, record->key.data, KEY_ID_BYTES);
    receipt.header.number = 1;
    receipt.header.time_us = receipt.leaf.received_us;
    receipt.header.leaf_count = 1;
    receipt.header.root = leaf_hash(&receipt.leaf);
    receipt.algorithm = SIGN_ED25519;
    receipt.key = sign_key_id(foreign ? &fake->foreign_public : &fake->sign_public);
    receipt.signature =
        batch_header_sign(&receipt.header, foreign ? &fake->foreign_secret : &fake->sign_secret);
    return receipt;
}

static void reply(struct fake_aggregator *fake, const uint8_t *identity, size_t identity_size,
                  uint64_t request, Zhibao__Kind kind, const ProtobufCMessage *body)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (envelope_write(request, kind, 0, body, &bytes, &size) != STATUS_OK)
        abort();
    zmq_send(fake->router, identity, identity_size, ZMQ_SNDMORE);
    zmq_send(fake->router, bytes, size, 0);
    free(bytes);
}

static void make_error(Zhibao__Error *error, Zhibao__Problem *problem, enum status code)
{
    zhibao__error__init(error);
    zhibao__problem__init(problem);
    problem->code = (uint32_t)code;
    problem->name = (char *)status_name(code);
    problem->zh = (char *)status_zh(code);
    problem->en = (char *)status_en(code);
    error->problem = problem;
    error->retry = status_retry(code);
}

static void answer_refusal(struct fake_aggregator *fake, const uint8_t *identity,
                           size_t identity_size, uint64_t request, const Zhibao__Record *record,
                           int mode)
{
    Zhibao__Error error;
    Zhibao__Problem problem;
    uint8_t bytes[1024], sealed[REFUSAL_BYTES];
    make_error(&error, &problem, STATUS_E_PERIOD);
    size_t size = zhibao__error__pack(&error, bytes);
    struct refusal refusal = {.kind = (uint8_t)record->kind, .time_us = 1, .code = STATUS_E_PERIOD};
    struct record_head head = {0};
    if (record_head_read(record->payload.data, record->payload.len, &head) != STATUS_OK)
        abort();
    refusal.unit = head.unit;
    refusal.id = head.id;
    refusal.payload_sha256 = hash_bytes(record->payload.data, record->payload.len);
    refusal.error_sha256 = hash_bytes(bytes, size);
    refusal_seal(&refusal, mode == FAKE_REFUSE_FOREIGN ? &fake->foreign_secret : &fake->sign_secret,
                 sealed);
    if (mode == FAKE_REFUSE_SWAPPED) {
        make_error(&error, &problem, STATUS_E_RANGE);
        size = zhibao__error__pack(&error, bytes);
    }
    Zhibao__RefusalReply body = ZHIBAO__REFUSAL_REPLY__INIT;
    body.refusal = (ProtobufCBinaryData){sizeof sealed, sealed};
    body.error = (ProtobufCBinaryData){size, bytes};
    reply(fake, identity, identity_size, request, ZHIBAO__KIND__KIND_REFUSAL, &body.base);
}

static void answer_error(struct fake_aggregator *fake, const uint8_t *identity,
                         size_t identity_size, uint64_t request, enum status code)
{
    Zhibao__Error error;
    Zhibao__Problem problem;
    make_error(&error, &problem, code);
    reply(fake, identity, identity_size, request, ZHIBAO__KIND__KIND_ERROR, &error.base);
}

static void send_garbage(struct fake_aggregator *fake, const uint8_t *identity, size_t size)
{
    zmq_send(fake->router, identity, size, ZMQ_SNDMORE);
    zmq_send(fake->router, "\xff\xff garbage", 10, 0);
    zmq_send(fake->router, identity, size, ZMQ_SNDMORE);
    zmq_send(fake->router, "one", 3, ZMQ_SNDMORE);
    zmq_send(fake->router, "two", 3, 0);
}

static void answer_submit(struct fake_aggregator *fake, const uint8_t *identity,
                          size_t identity_size, uint64_t request, const Zhibao__Record *record)
{
    int mode = atomic_load(&fake->mode);
    unsigned count = atomic_fetch_add(&fake->submits, 1) + 1;
    if (mode == FAKE_REFUSE || mode == FAKE_REFUSE_FOREIGN || mode == FAKE_REFUSE_SWAPPED) {
        answer_refusal(fake, identity, identity_size, request, record, mode);
        return;
    }
    if (mode == FAKE_STUCK || (mode == FAKE_BUSY_TWICE && count <= 2)) {
        answer_error(fake, identity, identity_size, request,
                     mode == FAKE_STUCK ? STATUS_E_MALFORMED : STATUS_E_BUSY);
        return;
    }
    if (mode == FAKE_DEAF_ONCE && count == 1)
        return;
    if (mode == FAKE_GARBAGE)
        send_garbage(fake, identity, identity_size);
    uint8_t bytes[RECEIPT_MAX_BYTES];
    bool foreign = mode == FAKE_FOREIGN_KEY || mode == FAKE_BORROWED_ID;
    struct receipt receipt = make_receipt(fake, record, foreign);
    if (mode == FAKE_BORROWED_ID)
        receipt.key = sign_key_id(&fake->sign_public);
    if (mode == FAKE_OTHER_RECORD && fake->has_any)
        receipt = fake->any;
    fake->any = receipt;
    fake->has_any = true;
    Zhibao__ReceiptReply body = ZHIBAO__RECEIPT_REPLY__INIT;
    body.receipt = (ProtobufCBinaryData){receipt_encode(&receipt, bytes), bytes};
    if (mode == FAKE_FLIPPED)
        bytes[body.receipt.len / 2] ^= 1;
    reply(fake, identity, identity_size, request, ZHIBAO__KIND__KIND_RECEIPT, &body.base);
}

static void answer_enrol(struct fake_aggregator *fake, const uint8_t *identity,
                         size_t identity_size, uint64_t request, const Zhibao__Enrol *enrol)
{
    uint8_t bytes[RECEIPT_MAX_BYTES];
    int mode = atomic_load(&fake->mode);
    atomic_fetch_add(&fake->enrolments, 1);
    pthread_mutex_lock(&fake->lock);
    fake->last_enrolment = hash_two(enrol->record->payload.data, enrol->record->payload.len,
                                    enrol->record->signature.data, enrol->record->signature.len);
    pthread_mutex_unlock(&fake->lock);
    if (mode == FAKE_DEAF_ONCE && atomic_load(&fake->enrolments) == 1)
        return;
    struct receipt receipt = make_receipt(fake, enrol->record, mode == FAKE_FOREIGN_KEY);
    struct key_id id = sign_key_id(&fake->sign_public);
    Zhibao__ServerKey key = ZHIBAO__SERVER_KEY__INIT, *keys = &key;
    key.key = (ProtobufCBinaryData){sizeof id.bytes, id.bytes};
    key.sign_public = (ProtobufCBinaryData){32, fake->sign_public.bytes};
    char name[] = "测试村", role[] = "village";
    Zhibao__Enrolled body = ZHIBAO__ENROLLED__INIT;
    body.unit = enrol->unit;
    body.name_zh = name;
    body.role = role;
    body.endpoint = fake->endpoint;
    body.transport_public = (ProtobufCBinaryData){32, fake->transport_public};
    body.n_keys = 1;
    body.keys = &keys;
    body.receipt = (ProtobufCBinaryData){receipt_encode(&receipt, bytes), bytes};
    reply(fake, identity, identity_size, request, ZHIBAO__KIND__KIND_ENROLLED, &body.base);
}

static void answer(struct fake_aggregator *fake)
{
    uint8_t identity[256];
    static _Thread_local uint8_t bytes[WIRE_MESSAGE_MAX];
    int identity_size = zmq_recv(fake->router, identity, sizeof identity, 0);
    int size = zmq_recv(fake->router, bytes, sizeof bytes, 0);
    struct envelope envelope;
    ProtobufCMessage *message = NULL;
    if (identity_size < 0 || size < 0 || envelope_read(bytes, (size_t)size, &envelope) != STATUS_OK)
        abort();
    struct arena *arena = arena_create(16 * 1024 * 1024);
    if (envelope.kind == ZHIBAO__KIND__KIND_SUBMIT &&
        message_read(&zhibao__submit__descriptor, arena, envelope.body, envelope.body_size,
                     &message) == STATUS_OK)
        answer_submit(fake, identity, (size_t)identity_size, envelope.request,
                      ((Zhibao__Submit *)message)->record);
    else if (envelope.kind == ZHIBAO__KIND__KIND_ENROL &&
             message_read(&zhibao__enrol__descriptor, arena, envelope.body, envelope.body_size,
                          &message) == STATUS_OK)
        answer_enrol(fake, identity, (size_t)identity_size, envelope.request,
                     (Zhibao__Enrol *)message);
    else if (envelope.kind == ZHIBAO__KIND__KIND_PING) {
        Zhibao__Pong pong = ZHIBAO__PONG__INIT;
        pong.unit = 7;
        reply(fake, identity, (size_t)identity_size, envelope.request, ZHIBAO__KIND__KIND_PONG,
              &pong.base);
    } else {
        answer_error(fake, identity, (size_t)identity_size, envelope.request, STATUS_E_KIND);
    }
    arena_destroy(&arena);
}

static void *run(void *argument)
{
    struct fake_aggregator *fake = argument;
    while (!atomic_load(&fake->stop)) {
        zmq_pollitem_t items[] = {
            {fake->zap,    0, ZMQ_POLLIN, 0},
            {fake->router, 0, ZMQ_POLLIN, 0}
        };
        zmq_poll(items, 2, 10);
        if (items[0].revents != 0)
            answer_zap(fake);
        if (items[1].revents != 0)
            answer(fake);
    }
    zmq_close(fake->router);
    zmq_close(fake->zap);
    return NULL;
}

struct fake_aggregator *fake_start(void)
{
    struct fake_aggregator *fake = calloc(1, sizeof *fake);
    int one = 1, zero = 0;
    size_t size = sizeof fake->endpoint;
    if (fake == NULL || sign_init() != STATUS_OK)
        abort();
    pthread_mutex_init(&fake->lock, NULL);
    crypto_box_keypair(fake->transport_public, fake->transport_secret);
    sign_generate(&fake->sign_public, &fake->sign_secret);
    sign_generate(&fake->foreign_public, &fake->foreign_secret);
    fake->context = zmq_ctx_new();
    fake->zap = zmq_socket(fake->context, ZMQ_REP);
    fake->router = zmq_socket(fake->context, ZMQ_ROUTER);
    zmq_setsockopt(fake->zap, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(fake->router, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(fake->router, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt(fake->router, ZMQ_CURVE_SECRETKEY, fake->transport_secret, 32);
    zmq_setsockopt(fake->router, ZMQ_ZAP_DOMAIN, "zhibao", 6);
    if (zmq_bind(fake->zap, "inproc://zeromq.zap.01") != 0 ||
        zmq_bind(fake->router, "tcp://127.0.0.1:*") != 0 ||
        zmq_getsockopt(fake->router, ZMQ_LAST_ENDPOINT, fake->endpoint, &size) != 0 ||
        pthread_create(&fake->thread, NULL, run, fake) != 0)
        abort();
    return fake;
}

void fake_stop(struct fake_aggregator **fake)
{
    atomic_store(&(*fake)->stop, true);
    pthread_join((*fake)->thread, NULL);
    zmq_ctx_term((*fake)->context);
    pthread_mutex_destroy(&(*fake)->lock);
    free(*fake);
    *fake = NULL;
}

void fake_set_mode(struct fake_aggregator *fake, enum fake_mode mode)
{
    atomic_store(&fake->mode, (int)mode);
}

char *fake_code(const struct fake_aggregator *fake, uint64_t unit, uint8_t salt)
{
    struct enrol_code code;
    memset(&code, 0, sizeof code);
    memcpy(code.transport_public, fake->transport_public, 32);
    code.sign_public = fake->sign_public;
    code.unit = unit;
    memset(code.id, salt, sizeof code.id);
    memset(code.secret, salt, sizeof code.secret);
    memcpy(code.endpoint, fake->endpoint, strlen(fake->endpoint) + 1);
    return enrol_code_text(&code);
}

const char *fake_endpoint(const struct fake_aggregator *fake)
{
    return fake->endpoint;
}

const struct sign_public *fake_key(const struct fake_aggregator *fake)
{
    return &fake->sign_public;
}

unsigned fake_submits(const struct fake_aggregator *fake)
{
    return atomic_load(&fake->submits);
}

unsigned fake_enrolments(const struct fake_aggregator *fake)
{
    return atomic_load(&fake->enrolments);
}

struct hash fake_last_enrolment(const struct fake_aggregator *fake)
{
    return fake->last_enrolment;
}
