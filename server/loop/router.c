#include "server/loop/router.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/clock/now.h"
#include "server/documents/upload_thread.h"
#include "server/query/query.h"
#include "wire/codec.h"

enum {
    TURN_MESSAGES = 256,  /* read from one socket before looking at the others */
    POLL_MS = 100,        /* how soon a stop is noticed */
    STOP_WAIT_MS = 10000, /* for the jobs in flight */
    LINGER_MS = 2000,     /* for answers that are on their way when the socket closes */
    HIGH_WATER = 1000,    /* messages queued for one peer */
    USER_ID_KEY = 2 * KEY_ID_BYTES,
    USER_ID_ENROL = 2 * 32,
};

struct router {
    const struct options *options;
    struct registry *registry;
    struct contacts *contacts;
    struct vitals *vitals;
    void *main, *enrol;                  /* ROUTER */
    void *work, *query, *upload, *reply; /* pipes */
    void *monitor;                       /* of main; NULL: nobody wants to know */
    struct limits *limits;               /* what is in hand, and how fast it comes */
    struct rate_peers *enrolling;        /* attempts by address */
    struct job *spare;                   /* for turning away when memory is short */
    int64_t enrol_minute;                /* the rate limit's current window */
    unsigned enrol_count;
    atomic_bool stop;
};

/* A message as received: routing id, one body frame, or the reason it is not acceptable. */
struct incoming {
    struct address from;
    zmq_msg_t body;
    bool extra_frames;
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static void *listen_create(void *context, const struct router *router,
                           const struct server_keys *keys, const char *domain, const char *endpoint)
{
    const struct options *options = router->options;
    /* twice the limit: what is a little too large gets an answer, the rest is cut off */
    int64_t largest = (int64_t)options->max_message_kb * 1024 * 2;
    void *socket = zmq_socket(context, ZMQ_ROUTER);
    bool good =
        socket != NULL && set_number(socket, ZMQ_ROUTER_MANDATORY, 1) &&
        set_number(socket, ZMQ_LINGER, LINGER_MS) && set_number(socket, ZMQ_CURVE_SERVER, 1) &&
        set_number(socket, ZMQ_SNDHWM, HIGH_WATER) && set_number(socket, ZMQ_RCVHWM, HIGH_WATER) &&
        set_number(socket, ZMQ_HANDSHAKE_IVL, options->handshake_ms) &&
        set_number(socket, ZMQ_HEARTBEAT_IVL, options->heartbeat_ms) &&
        set_number(socket, ZMQ_HEARTBEAT_TIMEOUT, 2 * options->heartbeat_ms) &&
        set_number(socket, ZMQ_BACKLOG, options->backlog) &&
        /* the kernel gives up a peer whose window stays shut, and all that waits for it */
        set_number(socket, ZMQ_TCP_MAXRT, options->slow_reader_ms) &&
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->transport_secret, 32) == 0 &&
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0 &&
        zmq_bind(socket, endpoint) == 0;
    if (good)
        return socket;
    log_error("could not listen: %s endpoint=%s", zmq_strerror(errno), endpoint);
    if (socket != NULL)
        zmq_close(socket);
    return NULL;
}

/* NULL, logged, when that does not work: then connections are not counted. */
static void *monitor_create(void *context, void *socket)
{
    static const char endpoint[] = "inproc://monitor";
    int unlimited = 0;
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    if (monitor != NULL && zmq_setsockopt(monitor, ZMQ_RCVHWM, &unlimited, sizeof unlimited) == 0 &&
        zmq_socket_monitor(
            socket, endpoint,
            ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) == 0 &&
        zmq_connect(monitor, endpoint) == 0)
        return monitor;
    log_warning("could not count connections: %s", zmq_strerror(errno));
    if (monitor != NULL)
        zmq_close(monitor);
    return NULL;
}

static void limits_make(struct router *router)
{
    const struct options *options = router->options;
    struct limits_most most = {
        .in_hand = (size_t)options->queue_max,
        .key_messages = {options->key_rate_per_second,          1000                   },
        .key_answers = {(int64_t)options->key_answer_mb << 20, options->slow_reader_ms},
    };
    struct rate enrolling = {options->enrol_peer_per_minute, 60 * 1000};
    router->limits = limits_create(&most);
    router->enrolling = rate_peers_create(&enrolling);
}

enum status router_create(void *context, const struct options *options, struct registry *registry,
                          const struct server_keys *keys, struct contacts *contacts,
                          struct vitals *vitals, struct router **out_router)
{
    struct router *router = calloc(1, sizeof *router);
    if (router == NULL)
        return STATUS_NO_MEMORY;
    router->options = options;
    router->registry = registry;
    limits_make(router);
    router->contacts = contacts;
    router->vitals = vitals;
    vitals->in_hand_most = (uint32_t)options->queue_max;
    router->spare = job_create();
    router->work = pipe_create(context, ZMQ_PUSH, PIPE_WORK, true);
    router->query = pipe_create(context, ZMQ_PUSH, PIPE_QUERY, true);
    router->upload = pipe_create(context, ZMQ_PUSH, PIPE_UPLOAD, true);
    router->reply = pipe_create(context, ZMQ_PULL, PIPE_REPLY, true);
    router->main = listen_create(context, router, keys, "zhibao", options->listen);
    if (router->main != NULL && options->metrics_port != 0)
        router->monitor = monitor_create(context, router->main);
    router->enrol = listen_create(context, router, keys, "enrol", options->listen_enrol);
    if (!router->limits || !router->enrolling || !router->spare || !router->work ||
        !router->query || !router->upload || !router->reply || !router->main || !router->enrol) {
        router_destroy(&router);
        return STATUS_IO;
    }
    *out_router = router;
    return STATUS_OK;
}

void router_destroy(struct router **router)
{
    if (router == NULL || *router == NULL)
        return;
    void *sockets[] = {(*router)->work, (*router)->query, (*router)->upload, (*router)->reply,
                       (*router)->main, (*router)->enrol, (*router)->monitor};
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
        if (sockets[i] != NULL)
            zmq_close(sockets[i]);
    limits_destroy(&(*router)->limits);
    rate_peers_destroy(&(*router)->enrolling);
    job_destroy(&(*router)->spare);
    free(*router);
    *router = NULL;
}

/* Drops the rest of a message, frame by frame, so that a many-framed one costs no more memory. */
static bool drop_rest(void *socket)
{
    bool dropped = false;
    int more = 0;
    size_t size = sizeof more;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0)
            more = 0;
        zmq_msg_close(&frame);
        dropped = true;
    }
    return dropped;
}

/* False when nothing waits. On true the caller closes body. */
static bool receive(void *socket, bool enrol, struct incoming *out)
{
    memset(&out->from, 0, sizeof out->from);
    out->from.enrol = enrol;
    int size = zmq_recv(socket, out->from.bytes, ROUTING_ID_MAX, ZMQ_DONTWAIT);
    if (size < 0)
        return false;
    zmq_msg_init(&out->body);
    int more = 0;
    size_t length = sizeof more;
    zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &length);
    if (size > ROUTING_ID_MAX) /* libzmq's own are 5 bytes; nobody may choose theirs */
        out->from.size = 0;
    else
        out->from.size = (uint8_t)size;
    out->extra_frames = !more || zmq_msg_recv(&out->body, socket, ZMQ_DONTWAIT) < 0;
    out->extra_frames = drop_rest(socket) || out->extra_frames;
    return true;
}

/* Non-blocking: a peer that is gone or does not read loses the reply and asks again. */
static void send_reply(struct router *router, struct reply *reply)
{
    void *socket = reply->to.enrol ? router->enrol : router->main;
    if (reply->bytes == NULL || reply->to.size == 0)
        return;
    if (zmq_send(socket, reply->to.bytes, reply->to.size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
        zmq_send(socket, reply->bytes, reply->size, ZMQ_DONTWAIT) < 0) {
        atomic_fetch_add(&router->vitals->unsent, 1);
        log_debug("could not reply: %s", zmq_strerror(errno));
    } else if (!reply->to.enrol) {
        limits_sent(router->limits, &reply->key, reply->size);
    }
}

static void count_code(const struct router *router, const struct reply *reply)
{
    if (reply->code != STATUS_OK && (unsigned)reply->code < VITALS_CODES)
        atomic_fetch_add(&router->vitals->refused[reply->code], 1);
}

static void answer_error(struct router *router, struct job *job, enum status status)
{
    struct reply *reply = reply_error(job, status, NULL);
    send_reply(router, reply);
    count_code(router, reply);
    reply_destroy(&reply);
}

/* The key behind the connection, looked up for every message: User-Id is what ZAP set, read from
 * the body frame (on the first frame libzmq 4.3.4 gives NULL after a poll). */
static enum status identify(struct router *router, struct incoming *incoming, struct job *job)
{
    const char *user = zmq_msg_gets(&incoming->body, "User-Id");
    if (user == NULL)
        return STATUS_E_KEY_UNKNOWN;
    if (job->from.enrol)
        return strlen(user) == USER_ID_ENROL &&
                       hex_decode(user, job->key.transport_public, 32) == STATUS_OK
                   ? STATUS_OK
                   : STATUS_E_KEY_UNKNOWN;
    struct key_id id = {0};
    if (strlen(user) != USER_ID_KEY || hex_decode(user, id.bytes, sizeof id.bytes) != STATUS_OK)
        return STATUS_E_KEY_UNKNOWN;
    job->key.id = id; /* an unknown one is logged too */
    if (!registry_key_by_id(router->registry, &id, &job->key))
        return STATUS_E_KEY_UNKNOWN;
    switch (job->key.status) {
    case KEY_ACTIVE: return STATUS_OK;
    case KEY_PENDING: return STATUS_E_KEY_PENDING;
    case KEY_REVOKED: return STATUS_E_KEY_REVOKED;
    }
    return STATUS_E_KEY_UNKNOWN;
}

static enum status over_rate(struct router *router, enum status status)
{
    atomic_fetch_add(&router->vitals->over_rate, 1);
    return status;
}

/* One address cannot use up what all have together. */
static enum status enrol_allowed(struct router *router, struct incoming *incoming)
{
    const char *address = zmq_msg_gets(&incoming->body, "Peer-Address");
    int64_t now_ms = clock_monotonic_ms(), minute = now_ms / 60000;
    if (!rate_peers_take(router->enrolling, address, now_ms))
        return over_rate(router, STATUS_E_ENROL_RATE);
    if (minute != router->enrol_minute) {
        router->enrol_minute = minute;
        router->enrol_count = 0;
    }
    return ++router->enrol_count > (unsigned)router->options->enrol_rate_per_minute
               ? STATUS_E_ENROL_RATE
               : STATUS_OK;
}

static bool is_query(Zhibao__Kind kind)
{
    for (const struct query_entry *entry = query_table; entry->kind != 0; entry++)
        if (entry->kind == kind)
            return true;
    return false;
}

/* What class a kind is of; false when it is not taken on this endpoint. */
static bool classify(struct job *job)
{
    bool is_record = job->from.enrol ? job->kind == ZHIBAO__KIND__KIND_ENROL
                                     : job->kind == ZHIBAO__KIND__KIND_SUBMIT ||
                                           job->kind == ZHIBAO__KIND__KIND_ENROL_CODES;
    if (is_record)
        job->class = JOB_RECORD;
    else if (job->from.enrol && job->kind == ZHIBAO__KIND__KIND_ASK_CASE_STATE)
        job->class = JOB_QUERY; /* a reporter needs no account: CASES.md section 7 */
    else if (job->from.enrol)
        return false;
    else if (job->kind == ZHIBAO__KIND__KIND_PUT_CHUNK)
        job->class = JOB_UPLOAD;
    else if (is_query(job->kind))
        job->class = JOB_QUERY;
    else
        return false;
    return true;
}

static void *pipe_of(struct router *router, enum job_class class)
{
    return class == JOB_RECORD ? router->work : class == JOB_QUERY ? router->query : router->upload;
}

static void answer_ping(struct router *router, struct job *job)
{
    Zhibao__Pong pong = ZHIBAO__PONG__INIT;
    char software[] = "zhibaod " ZHIBAO_VERSION;
    pong.time_us = server_now_us();
    pong.software = software;
    pong.unit = job->key.unit;
    struct reply *reply = reply_message(job, ZHIBAO__KIND__KIND_PONG, &pong.base);
    send_reply(router, reply);
    reply_destroy(&reply);
}

/* Everything that needs no thread: STATUS_OK means the job may be handed out. */
static enum status admit(struct router *router, struct incoming *incoming, struct job *job)
{
    /* read first, so that every answer names its request; judged after who is asking */
    struct envelope envelope = {0};
    enum status decoded =
        envelope_read(zmq_msg_data(&incoming->body), zmq_msg_size(&incoming->body), &envelope);
    job->request = envelope.request;
    job->kind = envelope.kind;
    enum status status = identify(router, incoming, job);
    if (status != STATUS_OK)
        return status;
    if (!job->from.enrol) {
        contacts_note(router->contacts, job->key.unit, job->received_us);
        if (limits_pass(router->limits, &job->key.id, clock_monotonic_ms()) != STATUS_OK)
            return over_rate(router, STATUS_E_BUSY);
    }
    if (incoming->extra_frames)
        return STATUS_E_FRAMES;
    if (zmq_msg_size(&incoming->body) > (size_t)router->options->max_message_kb * 1024)
        return STATUS_E_TOO_LARGE;
    if (decoded != STATUS_OK)
        return decoded;
    if (job->from.enrol && (status = enrol_allowed(router, incoming)) != STATUS_OK)
        return status;
    if (job->kind == ZHIBAO__KIND__KIND_PING && !job->from.enrol)
        return STATUS_OK;
    if (!classify(job))
        return STATUS_E_KIND;
    size_t size = zmq_msg_size(&incoming->body);
    if (job->class == JOB_UPLOAD && size > CHUNK_MESSAGE_BYTES)
        return STATUS_E_TOO_LARGE;
    if (limits_take(router->limits, job->class, &job->key.id) != STATUS_OK) {
        atomic_fetch_add(&router->vitals->turned_away, 1);
        return STATUS_E_BUSY;
    }
    job->bytes = malloc(size > 0 ? size : 1);
    if (job->bytes == NULL) {
        limits_give(router->limits, job->class, &job->key.id);
        return STATUS_E_BUSY;
    }
    memcpy(job->bytes, zmq_msg_data(&incoming->body), size);
    job->body = envelope.body == NULL
                    ? job->bytes
                    : job->bytes + (envelope.body - (uint8_t *)zmq_msg_data(&incoming->body));
    job->body_size = envelope.body_size;
    return STATUS_OK;
}

/* Without memory for a job: "try later", with what was put by for that at the start. */
static void turn_away(struct router *router, struct incoming *incoming)
{
    struct envelope envelope = {0};
    struct job *job = router->spare;
    if (envelope_read(zmq_msg_data(&incoming->body), zmq_msg_size(&incoming->body), &envelope) !=
        STATUS_OK)
        envelope.kind = ZHIBAO__KIND__KIND_UNSPECIFIED;
    job->from = incoming->from;
    job->request = envelope.request;
    job->kind = envelope.kind;
    memset(&job->key, 0, sizeof job->key);
    (void)identify(router, incoming, job);
    struct reply *reply = reply_error(job, STATUS_E_BUSY, NULL);
    send_reply(router, reply);
    reply_put_back(job, &reply);
}

static void handle(struct router *router, struct incoming *incoming)
{
    struct job *job = job_create();
    if (job == NULL) {
        turn_away(router, incoming);
        return;
    }
    job->from = incoming->from;
    job->received_us = server_now_us();
    enum status status = admit(router, incoming, job);
    if (status == STATUS_OK && job->bytes == NULL) {
        answer_ping(router, job);
    } else if (status == STATUS_OK) {
        enum job_class class = job->class;
        struct key_id key = job->key.id;
        atomic_store(&router->vitals->in_hand, (unsigned)limits_in_hand(router->limits));
        if (pipe_send(pipe_of(router, class), job) == STATUS_OK)
            return; /* the job is theirs now */
        limits_give(router->limits, class, &key);
    } else {
        answer_error(router, job, status);
    }
    job_destroy(&job);
}

static void read_turn(struct router *router, void *socket, bool enrol)
{
    for (int i = 0; i < TURN_MESSAGES; i++) {
        struct incoming incoming;
        if (!receive(socket, enrol, &incoming))
            return;
        handle(router, &incoming);
        zmq_msg_close(&incoming.body);
    }
}

static void reply_turn(struct router *router)
{
    struct reply *reply = NULL;
    while ((reply = pipe_receive(router->reply, 0)) != NULL) {
        limits_give(router->limits, reply->class, &reply->key);
        atomic_store(&router->vitals->in_hand, (unsigned)limits_in_hand(router->limits));
        atomic_fetch_add(&router->vitals->answered, 1);
        send_reply(router, reply);
        count_code(router, reply);
        reply_destroy(&reply);
    }
}

/* What libzmq says of the connections to `main`: two frames, a number first. */
static void monitor_turn(struct router *router)
{
    struct vitals *vitals = router->vitals;
    for (;;) {
        uint8_t event[6];
        int size = zmq_recv(router->monitor, event, sizeof event, ZMQ_DONTWAIT);
        if (size < 0)
            return;
        drop_rest(router->monitor);
        uint16_t number = 0;
        memcpy(&number, event, sizeof number);
        if (number == ZMQ_EVENT_ACCEPTED)
            atomic_fetch_add(&vitals->connected, 1);
        else if (number == ZMQ_EVENT_DISCONNECTED)
            atomic_fetch_sub(&vitals->connected, 1);
        else if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            atomic_fetch_add(&vitals->handshakes, 1);
        else
            atomic_fetch_add(&vitals->handshakes_failed, 1);
    }
}

void router_run(struct router *router)
{
    zmq_pollitem_t items[] = {
        {.socket = router->reply,   .events = ZMQ_POLLIN},
        {.socket = router->main,    .events = ZMQ_POLLIN},
        {.socket = router->enrol,   .events = ZMQ_POLLIN},
        {.socket = router->monitor, .events = ZMQ_POLLIN}
    };
    while (!atomic_load(&router->stop)) {
        zmq_poll(items, router->monitor == NULL ? 3 : 4, POLL_MS);
        atomic_store(&router->vitals->loop_ms, clock_monotonic_ms());
        if (router->monitor != NULL)
            monitor_turn(router);
        reply_turn(router);
        if (items[1].revents)
            read_turn(router, router->main, false);
        if (items[2].revents)
            read_turn(router, router->enrol, true);
    }
    int64_t deadline = clock_monotonic_ms() + STOP_WAIT_MS;
    while (limits_in_hand(router->limits) > 0 && clock_monotonic_ms() < deadline) {
        zmq_poll(items, 1, POLL_MS);
        reply_turn(router);
    }
    if (limits_in_hand(router->limits) > 0)
        log_warning("stopped with unanswered work: jobs=%zu", limits_in_hand(router->limits));
}

void router_stop(struct router *router)
{
    atomic_store(&router->stop, true);
}

void router_wake(struct router *router, int workers, int queries)
{
    for (int i = 0; i < workers; i++)
        pipe_wake(router->work);
    for (int i = 0; i < queries; i++)
        pipe_wake(router->query);
    pipe_wake(router->upload);
}
