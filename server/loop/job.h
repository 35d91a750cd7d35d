/* What travels between the aggregator's threads: a job out, exactly one reply back.
 *
 * Pointers pass over inproc sockets; whoever receives one owns it. The loop counts the jobs it has
 * handed out and stops taking work at its limit, so every job must come back as one reply, even
 * an empty one. */
#ifndef ZHIBAO_SERVER_LOOP_JOB_H
#define ZHIBAO_SERVER_LOOP_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "envelope.pb-c.h"
#include "plan/problems.h"
#include "proof/receipt.h"
#include "server/loop/limits.h"
#include "server/trust/registry.h"

enum { ROUTING_ID_MAX = 32 };

struct address {
    bool enrol; /* which ROUTER the peer is on */
    uint8_t size;
    uint8_t bytes[ROUTING_ID_MAX];
};

struct reply;

struct job {
    struct reply *reserve; /* its reply, made with the job so that memory is never short for one;
                              NULL while it is given out */
    struct address from;
    struct registry_key key; /* of the connection; on the enrolment endpoint only its
                                transport_public is set */
    uint64_t request;        /* from the envelope, to be echoed */
    Zhibao__Kind kind;
    enum job_class class;
    int64_t received_us;
    uint8_t *bytes; /* the frame; `body` points into it */
    const uint8_t *body;
    size_t body_size;
};

enum { REPLY_SPARE_BYTES = 320 };

struct reply {
    struct address to;
    enum job_class class; /* these two as in the job, for the loop's count */
    struct key_id key;
    enum status code; /* of an error or refusal, else STATUS_OK: for counting */
    uint8_t *bytes;   /* the envelope: malloc'ed, or `spare` */
    size_t size;
    uint8_t spare[REPLY_SPARE_BYTES]; /* "try later", when there is no memory for anything else */
};

/* A job with its reply, all else 0. NULL without memory. */
struct job *job_create(void);
void job_destroy(struct job **job);

/* The answer to `job`, never NULL. A job has one reply: another is made only once the first is put
 * back. Allocates the envelope; without memory the answer is E_BUSY, "try later". */
struct reply *reply_message(struct job *job, Zhibao__Kind kind, const ProtobufCMessage *body);

/* An unsigned Error; `problems` may be NULL, else its first entry is the main one. Logged with who
 * asked for what. */
struct reply *reply_error(struct job *job, enum status status, const struct problems *problems);

/* One line for a refusal of whatever kind: the code, the kind of request, the unit and key of the
 * connection it came over, and of a record its author and kind (`leaf` may be NULL). */
void refusal_log(const struct job *job, enum status status, const struct problems *problems,
                 const struct leaf *leaf);

/* Gives a reply that is not sent back to its job, or ends one whose job is gone. */
void reply_put_back(struct job *job, struct reply **reply);
void reply_destroy(struct reply **reply);

/* Pointers over a PUSH/PULL pair. pipe_receive gives NULL when nothing waits within timeout_ms
 * (-1: for ever), when it is woken, or when the context ends. */
void *pipe_create(void *context, int type, const char *endpoint, bool bind);
MUST_CHECK enum status pipe_send(void *socket, void *pointer);
void *pipe_receive(void *socket, int timeout_ms);

/* So that a receiver need not wait out its time before it looks at its flag. A hint only: it is
 * lost where the other end is not open yet. */
void pipe_wake(void *socket);

/* The next job; NULL when `stop` is set and nothing waits. */
struct job *job_wait(void *work, const atomic_bool *stop);

#endif
