/* A small world for the tests of queries: a private PostgreSQL, the plans of deploy/plans imported,
 * and a writer that stores records as the real one does (server/ingest/batch.h), all in this
 * process. Started once by the program that includes it, torn down at its end. */
#ifndef ZHIBAO_TESTS_QUERY_WORLD_H
#define ZHIBAO_TESTS_QUERY_WORLD_H

#include "query.pb-c.h"
#include "record.pb-c.h"
#include "server/query/query.h"
#include "server/query/total.h"

enum { WORLD_RECORDS_MAX = 20000 };

/* A record that was stored, with the receipt that the writer made for it. */
struct world_record {
    uint64_t unit;
    uint8_t kind;
    struct record_id id;
    struct hash payload_sha256;
    uint8_t *receipt;
    size_t receipt_size;
};

struct world {
    struct db *db; /* of the writer */
    struct db *reader;
    struct registry *registry;
    struct server_keys keys;
    size_t record_count;
    struct world_record records[WORLD_RECORDS_MAX];
    char conninfo[1280];
};

/* The running world; fails the test when it could not be started. */
struct world *world_get(void);

/* Imports a plan of deploy/plans as its district's administrator; in each of the texts of `edits`
 * (file, from, to; ended by NULL) the first occurrence is replaced. */
void world_import(const char *name, uint64_t admin, const char *const (*edits)[3]);

/* The same for files that the edits give another code. */
void world_import_as(const char *name, const char *code, uint64_t admin,
                     const char *const (*edits)[3]);

/* One report with one figure a cell, value(cell index) by `fill`; presence 0 leaves a cell out. */
typedef void (*world_fill)(uint64_t unit, int period, const struct plan *plan,
                           const struct cell *cell, uint32_t *out_presence, double *out_value);
struct world_wanted {
    uint64_t unit;
    const char *form;
    int period, revision;
    bool real; /* not demonstration data */
    world_fill fill;
};

/* Stores all in one batch; each comes back as the index of its record. */
void world_reports(const struct world_wanted *wanted, size_t count, size_t *out_records);
size_t world_report(uint64_t unit, const char *form, int period, int revision, world_fill fill);

/* Reviews of records, in one batch. */
void world_reviews(uint64_t reviewer, const size_t *subjects, size_t count, bool accept,
                   const char *reason, size_t *out_records);
size_t world_review(uint64_t reviewer, size_t subject, bool accept, const char *reason);

/* One review as a stranger would send it, checked by the worker's rules too. The refusal, or
 * STATUS_OK and the record (out_record may be NULL). */
enum status world_try_review(uint64_t reviewer, size_t subject, Zhibao__Verdict verdict,
                             const char *reason, size_t *out_record);

/* Likewise of a report (its figures are not checked; entered_by 0: by the unit itself; explanation
 * of its first cell, NULL: none), a confirmation of the total as it stands
 * (`stale`: without its last report) and a lock. */
enum status world_try_report(const struct world_wanted *wanted, uint64_t entered_by,
                             const char *explanation, size_t *out_record);
enum status world_try_confirm(uint64_t township, const char *form, int period, bool stale,
                              size_t *out_record);
enum status world_try_lock(uint64_t statistics, const char *plan, uint64_t place, int period,
                           bool unlock, size_t *out_record);

/* The township confirms its total as it stands. */
size_t world_confirm(uint64_t township, const char *form, int period);
size_t world_lock(uint64_t statistics, const char *plan, uint64_t place, int period, bool unlock);

/* Signatures of everything stored so far were looked at; `bad` (or SIZE_MAX) is invalid. */
void world_check(size_t bad);

/* Asks as the query threads do, through the wire's encoding and limits; the answer lives until the
 * next question. NULL with *out_status for a refusal, whose first problem is world_problem(). */
const ProtobufCMessage *world_ask(uint64_t asker, Zhibao__Kind kind,
                                  const ProtobufCMessage *request, enum status *out_status);
const struct problem *world_problem(void);

/* The numbers in the one row that a statement gives. */
void world_numbers(const char *sql, int64_t *out_numbers, size_t count);
int64_t world_number(const char *sql);

#endif
