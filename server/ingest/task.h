/* One piece of work for the writer, made by a worker and answered exactly once.
 *
 * Owns its job and its arena; everything a pointer here leads to lives in that arena or in the
 * job's bytes. Handed from worker to writer through a pipe; never shared. */
#ifndef ZHIBAO_SERVER_INGEST_TASK_H
#define ZHIBAO_SERVER_INGEST_TASK_H

#include "base/arena.h"
#include "enrol.pb-c.h"
#include "plan/explanation.h"
#include "plan/soft_check.h"
#include "proof/receipt.h"
#include "record.pb-c.h"
#include "server/loop/job.h"

enum task_type {
    TASK_RECORD,  /* a signed record to be stored */
    TASK_ENROL,   /* a record (KeyChange) with the one-time code that allows it */
    TASK_CODES,   /* one-time codes to be issued */
    TASK_CHECKED, /* from the verifier, no job: signatures checked up to a batch */
    TASK_CLOCK,   /* from the clock, no job: its mark and the notices that have come due */
};

enum task_outcome {
    TASK_WAITING,
    TASK_STORED,    /* has a leaf in this batch: receipt after COMMIT */
    TASK_DUPLICATE, /* stored earlier, or by `same` in this batch */
    TASK_REFUSED,   /* `refusal` says why; answered with a signed refusal */
    TASK_FAILED,    /* `refusal` says why; answered with an unsigned error */
    TASK_ANSWERED,  /* `answer` is ready */
};

/* A report whose client signature does not verify. */
struct bad_signature {
    uint64_t district, unit;
    struct record_id id;
};

/* What a report's unit reported in earlier years; in the batch's arena. */
struct task_before {
    size_t year_count;
    struct soft_year years[SOFT_YEARS_MAX]; /* stored ones, the newest first */
    size_t said_count;
    const struct explanation_key *said; /* last year's explanations */
};
struct clock_work; /* server/clock/clock_work.h */

struct task {
    enum task_type type;
    enum task_outcome outcome;
    struct job *job;
    struct arena *arena;

    /* TASK_RECORD, TASK_ENROL */
    struct leaf leaf;
    uint64_t district; /* home district of the author */
    uint64_t carrier;  /* unit of the connection */
    struct registry_unit author;
    const uint8_t *payload, *signature;
    size_t payload_size, signature_size;
    const ProtobufCMessage *message; /* the payload, decoded */
    enum status refusal;             /* found before the writer; a duplicate outranks it */
    struct problems problems;
    enum status judged; /* refusal and problems as the worker left them, for a second try */
    size_t judged_problems;

    /* reports */
    struct registry_form form;
    const Zhibao__Report *report;
    int known_revision; /* the latest stored one of this unit, form and period */
    struct explanation_key *explanation_keys; /* parallel to report->explanations */
    uint32_t *explained;                      /* likewise: the cells */
    struct task_before before;

    /* enrolment */
    const Zhibao__Enrol *enrol;
    const Zhibao__EnrolCodes *codes;

    /* TASK_CHECKED */
    int64_t checked_batch;
    struct bad_signature *bad;
    size_t bad_count;

    /* TASK_CLOCK */
    const struct clock_work *clock;

    /* the writer's */
    uint32_t index; /* of the leaf */
    struct task *same;
    const uint8_t *receipt; /* TASK_DUPLICATE of an earlier batch */
    size_t receipt_size;
    struct reply *answer;
};

/* `job` is taken (NULL for TASK_CHECKED and TASK_CLOCK). NULL without memory; the job is then the
 * caller's. */
struct task *task_create(enum task_type type, struct job *job, size_t arena_ceiling);
void task_destroy(struct task **task);

/* Marks as refused (definite) or failed (may be retried) by status_retry(status). */
void task_refuse(struct task *task, enum status status);

/* The same, adding the problem with its field and sentences (NULL: the code's own). */
void task_problem(struct task *task, enum status status, const char *field, const char *zh,
                  const char *en);

/* A problem of report->explanations[index]: "第12项" and the sentence's rest. */
void explanation_problem(struct task *task, enum status status, size_t index, const char *zh,
                         const char *en);

#endif
