/* One HTTP request and its answer, on its way through the gateway.
 *
 * A handler runs in one of the HTTP threads. It either answers, or calls exchange_ask or
 * exchange_work once and returns: the connection then sleeps, and the named continuation runs in
 * the same HTTP thread when the aggregator or the desk has answered. Nothing is ever waited for. */
#ifndef ZHIBAO_WEB_EXCHANGE_H
#define ZHIBAO_WEB_EXCHANGE_H

#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>

#include "web/accounts.h"
#include "web/assets.h"
#include "web/books.h"
#include "web/desk.h"
#include "web/options.h"
#include "web/pool.h"
#include "web/progress.h"
#include "web/rate.h"
#include "web/sessions.h"

enum { EXCHANGE_BODY_MAX = 1024 * 1024, EXCHANGE_ARENA_BYTES = 32 * 1024 * 1024 };

struct guard;

/* What all requests share. `site` is guarded by `lock`. */
struct gateway {
    const struct options *options;
    struct accounts *accounts; /* the desk's thread only */
    struct assets *assets;
    struct sessions *sessions;
    struct pool *pool;
    struct desk *desk;   /* whose thread has the accounts' file */
    struct desk *sheets; /* spreadsheets: no login waits for one */
    struct books *books; /* yearbooks that are made */
    struct guard *guard; /* guard.h: ends connections that dawdle */
    uint8_t secret[32];  /* of this gateway: transport keys and decoy salts are derived from it */
    struct rate *rate;   /* of tokens of the API */
    struct progress *progress; /* of long answers */
    pthread_mutex_t lock;
    struct site site;
    int64_t started_us;
};

struct exchange;
typedef void (*exchange_step)(struct exchange *exchange);

struct route {
    const char *method, *path; /* a path that ends in '/' also serves what is below it */
    exchange_step handle;
    bool needs_session, takes_json;
    size_t body_max;
};

struct exchange {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    const struct route *route;
    const char *rest; /* of the path, behind the route's */
    char path[200];
    uint8_t *body;
    size_t body_size;
    json_t *json; /* the body, for routes that take JSON */
    struct arena *arena;
    bool begun, has_session, answered;
    struct session session;

    /* while the connection sleeps, and when it wakes */
    exchange_step next;
    exchange_step work; /* what the desk does */
    enum status status; /* of the desk's work or of the question */
    Zhibao__Kind kind;  /* of the aggregator's answer, with its body */
    uint8_t *answer;
    size_t answer_size;

    void *state; /* the handler's own, in the arena: passed from step to step */
    char cookie[200];
    uint32_t retry_after_s; /* goes with the answer, unless 0 */
    exchange_step abandon; /* frees what `state` holds outside the arena, at the end; may be NULL */
};

/* Asks the aggregator as `peer`; `next` finds status, kind and answer. */
void exchange_ask(struct exchange *exchange, const struct pool_peer *peer, Zhibao__Kind kind,
                  const uint8_t *body, size_t size, exchange_step next);

/* Has a desk run `work`, which sets status; then `next` runs. */
enum errand {
    ERRAND_LOOK_UP, /* in the accounts' file: quick */
    ERRAND_HASH,    /* the same with argon2id */
    ERRAND_SHEET,   /* a spreadsheet; not in the accounts' file */
};
void exchange_work(struct exchange *exchange, enum errand errand, exchange_step work,
                   exchange_step next);

/* Answers with JSON, which is taken over. NULL: out of memory. */
void exchange_reply(struct exchange *exchange, unsigned code, json_t *json);

/* Answers with a response made by the handler, which is taken over. NULL: out of memory. `size`:
 * the bytes that are there to be taken, by which the reader's time is measured. */
void exchange_send(struct exchange *exchange, unsigned code, struct MHD_Response *response,
                   size_t size, const char *type);

/* Answers with {"error": Error} of these sentences; `field` names the field at fault or is "". */
void exchange_fail(struct exchange *exchange, unsigned code, const char *name, const char *zh,
                   const char *en, const char *field);

/* The same from a status: 503 for what may be tried again, 502 unreachable, 504 silent. */
void exchange_fail_status(struct exchange *exchange, enum status status);

/* A text of at most `limit` bytes in the request's JSON; NULL after answering that it is missing.
 */
const char *exchange_text(struct exchange *exchange, const char *name, size_t limit);

/* The cookie that opens (or, with "", closes) a session. */
void exchange_set_cookie(struct exchange *exchange, const char *token);

/* The token of the request's cookie; false without one. */
bool exchange_token(const struct exchange *exchange, char out_token[SESSION_TOKEN_BYTES]);

#endif
