/* Inside libzhibao: what a handle holds. Used by client/lib only. */
#ifndef ZHIBAO_LIB_HANDLE_H
#define ZHIBAO_LIB_HANDLE_H

#include "lib/home.h"
#include "lib/outbox.h"
#include "lib/session.h"
#include "lib/zhibao.h"

struct zhibao {
    struct home *home;
    struct outbox *outbox;
    struct session session;
    char server[ZHIBAO_TEXT_BYTES]; /* "": the enrolled endpoint */
    uint32_t timeout_ms;
    bool patient, without_network;
    uint64_t last_request;
    zhibao_progress *progress; /* NULL: nobody listens */
    void *progress_context;
    struct zhibao_cause cause;
    struct arena *cause_arena;
};

/* Forgets the last cause; every public function that can fail begins with it. */
void cause_clear(struct zhibao *zhibao);

/* Sets the cause and returns its status. The plain form uses the status's own sentences. */
enum status cause_plain(struct zhibao *zhibao, enum status status);
enum status cause_set(struct zhibao *zhibao, enum status status, const char *zh_format,
                      const char *en_format, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* Adds to the sentences of the cause that is set. */
void cause_add(struct zhibao *zhibao, const char *zh, const char *en);

/* The same, followed by the status's own sentence. */
enum status cause_because(struct zhibao *zhibao, enum status status, const char *zh_format,
                          const char *en_format, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* Says why a file that the user named was not written. */
enum status cause_save(struct zhibao *zhibao, enum status status, const char *path);

/* Says that the outbox failed, unless the status is STATUS_OK. */
enum status cause_outbox(struct zhibao *zhibao, enum status status);

/* Takes over a serialised Error of the server; returns its code, STATUS_E_INTERNAL for one that
 * this version does not know. `error` stays borrowed by nobody. */
enum status cause_error(struct zhibao *zhibao, const uint8_t *error, size_t size);

/* The endpoint that requests go to. */
const char *zhibao_endpoint(const struct zhibao *zhibao);

/* Carries a renewal that is decided to its end (renewal.h): the outbox, the key files, the home as
 * the handle knows it. */
MUST_CHECK enum status zhibao_renew(struct zhibao *zhibao, size_t *out_resigned);

/* A request id that no other request in flight has. */
uint64_t zhibao_next_request(struct zhibao *zhibao);

#endif
