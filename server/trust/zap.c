#include "server/trust/zap.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"

/* Frames of a request (RFC 27) with CURVE's one credential. */
enum frame {
    FRAME_VERSION,
    FRAME_REQUEST,
    FRAME_DOMAIN,
    FRAME_ADDRESS,
    FRAME_ROUTING_ID,
    FRAME_MECHANISM,
    FRAME_CREDENTIALS,
    FRAME_COUNT,
};

enum {
    FRAME_BYTES = 256, /* longer ones are cut, which makes them invalid */
    CURVE_KEY_BYTES = 32,
    USER_ID_BYTES = 2 * CURVE_KEY_BYTES + 1,
    LOG_EVERY_MS = 10 * 1000,
};

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

struct zap {
    void *context;
    struct registry *registry;
    void *control; /* the starter's end of a pair; anything sent means stop */
    char control_endpoint[64];
    pthread_t thread;
    int64_t logged_ms; /* the handler's: when a refusal was last logged */
    unsigned unlogged;
};

struct zap_request {
    size_t count; /* of frames that came */
    size_t sizes[FRAME_COUNT];
    uint8_t frames[FRAME_COUNT][FRAME_BYTES];
};

struct zap_answer {
    const char *code, *text;
    char user_id[USER_ID_BYTES];
};

static bool frame_is(const struct zap_request *request, enum frame frame, const char *text)
{
    return request->sizes[frame] == strlen(text) &&
           memcmp(request->frames[frame], text, request->sizes[frame]) == 0;
}

/* Reads one whole request, however many frames it has. False when there is none. */
static bool request_read(void *socket, struct zap_request *out_request)
{
    int more = 1;
    size_t more_len = sizeof more;
    memset(out_request, 0, sizeof *out_request);
    for (size_t i = 0; more != 0; i++) {
        uint8_t spare[1];
        bool kept = i < FRAME_COUNT;
        int size = kept ? zmq_recv(socket, out_request->frames[i], FRAME_BYTES, 0)
                        : zmq_recv(socket, spare, sizeof spare, 0);
        if (size < 0 && errno == EINTR) {
            i--;
            continue;
        }
        if (size < 0)
            return false;
        if (kept)
            out_request->sizes[i] = (size_t)size;
        out_request->count = i + 1;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_len) != 0)
            return false;
    }
    return true;
}

static bool answer_send(void *socket, const struct zap_request *request,
                        const struct zap_answer *answer)
{
    size_t id = request->sizes[FRAME_REQUEST] <= FRAME_BYTES ? request->sizes[FRAME_REQUEST] : 0;
    return zmq_send(socket, "1.0", 3, ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, request->frames[FRAME_REQUEST], id, ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, answer->code, strlen(answer->code), ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, answer->text, strlen(answer->text), ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, answer->user_id, strlen(answer->user_id), ZMQ_SNDMORE) >= 0 &&
           zmq_send(socket, "", 0, 0) >= 0;
}

/* At most one line in LOG_EVERY_MS: whoever knocks with wrong keys does not fill the disk. */
static void refusal_log(struct zap *zap, const struct zap_request *request, const char *why,
                        const struct registry_key *known)
{
    int64_t now = clock_monotonic_ms();
    if (zap->logged_ms != 0 && now - zap->logged_ms < LOG_EVERY_MS) {
        zap->unlogged++;
        return;
    }
    char key[2 * CURVE_KEY_BYTES + 1] = "";
    if (request->sizes[FRAME_CREDENTIALS] == CURVE_KEY_BYTES)
        hex_encode(request->frames[FRAME_CREDENTIALS], CURVE_KEY_BYTES, key);
    char unit[UNIT_TEXT_BYTES];
    log_warning("connection refused: %s unit=%s peer=%.*s transport_key=%s since_last=%u", why,
                known == NULL ? "unknown" : unit_format(known->unit, unit),
                (int)(request->sizes[FRAME_ADDRESS] < 64 ? request->sizes[FRAME_ADDRESS] : 64),
                (const char *)request->frames[FRAME_ADDRESS], key, zap->unlogged);
    zap->logged_ms = now;
    zap->unlogged = 0;
}

static struct zap_answer refuse(struct zap *zap, const struct zap_request *request,
                                const char *code, const char *why, const struct registry_key *known)
{
    refusal_log(zap, request, why, known);
    return (struct zap_answer){.code = code, .text = why};
}

/* 300 makes the peer try again by itself, 400 never again with this socket. */
static struct zap_answer decide(struct zap *zap, const struct zap_request *request)
{
    struct zap_answer let_in = {.code = "200", .text = "OK"};
    struct registry_key key;
    const uint8_t *transport = request->frames[FRAME_CREDENTIALS];
    if (request->count != FRAME_COUNT || !frame_is(request, FRAME_VERSION, "1.0") ||
        !frame_is(request, FRAME_MECHANISM, "CURVE") ||
        request->sizes[FRAME_CREDENTIALS] != CURVE_KEY_BYTES)
        return refuse(zap, request, "400", "CURVE required", NULL);
    if (frame_is(request, FRAME_DOMAIN, ZAP_DOMAIN_ENROL)) {
        hex_encode(transport, CURVE_KEY_BYTES, let_in.user_id);
        return let_in;
    }
    if (!frame_is(request, FRAME_DOMAIN, ZAP_DOMAIN_MAIN))
        return refuse(zap, request, "400", "unknown domain", NULL);
    if (!registry_key_by_transport(zap->registry, transport, &key))
        return refuse(zap, request, "300", "key not registered", NULL);
    if (key.status == KEY_PENDING)
        return refuse(zap, request, "300", "key awaits approval", &key);
    if (key.status != KEY_ACTIVE)
        return refuse(zap, request, "400", "key revoked", &key);
    hex_encode(key.id.bytes, sizeof key.id.bytes, let_in.user_id);
    return let_in;
}

/* Answers until told to stop or the context ends. */
static void serve(struct zap *zap, void *handler, void *control)
{
    zmq_pollitem_t items[] = {
        {.socket = handler, .events = ZMQ_POLLIN},
        {.socket = control, .events = ZMQ_POLLIN},
    };
    for (;;) {
        struct zap_request request;
        if (zmq_poll(items, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return;
        }
        if ((items[1].revents & ZMQ_POLLIN) != 0)
            return;
        if ((items[0].revents & ZMQ_POLLIN) == 0)
            continue;
        if (!request_read(handler, &request)) {
            if (errno == ETERM)
                return;
            continue;
        }
        struct zap_answer answer = decide(zap, &request);
        if (!answer_send(handler, &request, &answer) && errno == ETERM)
            return;
    }
}

static void *zap_body(void *argument)
{
    struct zap *zap = argument;
    int linger = 0;
    void *control = zmq_socket(zap->context, ZMQ_PAIR);
    void *handler = zmq_socket(zap->context, ZMQ_REP);
    if (control == NULL || zmq_connect(control, zap->control_endpoint) != 0) {
        log_error("could not start the authentication handler: %s", zmq_strerror(errno));
    } else {
        bool bound = handler != NULL && zmq_bind(handler, ZAP_ENDPOINT) == 0;
        if (!bound)
            log_error("could not start the authentication handler: %s", zmq_strerror(errno));
        zmq_send(control, bound ? "1" : "0", 1, 0);
        if (bound)
            serve(zap, handler, control);
    }
    if (handler != NULL)
        zmq_setsockopt(handler, ZMQ_LINGER, &linger, sizeof linger);
    if (handler != NULL)
        zmq_close(handler);
    if (control != NULL)
        zmq_setsockopt(control, ZMQ_LINGER, &linger, sizeof linger);
    if (control != NULL)
        zmq_close(control);
    return NULL;
}

/* The starter's end of the pair, bound under a name no other zap of this context has. */
static bool control_bind(struct zap *zap)
{
    int linger = 0;
    int wait_ms = 10 * 1000; /* for the thread to say that it is ready */
    zap->control = zmq_socket(zap->context, ZMQ_PAIR);
    snprintf(zap->control_endpoint, sizeof zap->control_endpoint, "inproc://zap-control-%p",
             (void *)zap);
    return zap->control != NULL &&
           zmq_setsockopt(zap->control, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_setsockopt(zap->control, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms) == 0 &&
           zmq_bind(zap->control, zap->control_endpoint) == 0;
}

static void zap_free(struct zap *zap)
{
    if (zap->control != NULL)
        zmq_close(zap->control);
    free(zap);
}

enum status zap_start(void *zmq_context, struct registry *registry, struct zap **out_zap)
{
    char ready[1] = {'0'};
    struct zap *zap = calloc(1, sizeof *zap);
    if (zap == NULL)
        return STATUS_NO_MEMORY;
    zap->context = zmq_context;
    zap->registry = registry;
    if (!control_bind(zap) || pthread_create(&zap->thread, NULL, zap_body, zap) != 0) {
        log_error("could not start the authentication handler: %s", zmq_strerror(errno));
        zap_free(zap);
        return STATUS_IO;
    }
    if (zmq_recv(zap->control, ready, sizeof ready, 0) != 1 || ready[0] != '1') {
        pthread_join(zap->thread, NULL);
        zap_free(zap);
        return STATUS_IO;
    }
    *out_zap = zap;
    return STATUS_OK;
}

void zap_stop(struct zap **zap)
{
    if (*zap == NULL)
        return;
    if (zmq_send((*zap)->control, "", 0, 0) < 0)
        log_warning("could not stop the authentication handler: %s", zmq_strerror(errno));
    pthread_join((*zap)->thread, NULL);
    zap_free(*zap);
    *zap = NULL;
}
