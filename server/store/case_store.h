/* Cases in the database: who handles them, their steps and clocks. Nothing of what they say. */
#ifndef ZHIBAO_SERVER_STORE_CASE_STORE_H
#define ZHIBAO_SERVER_STORE_CASE_STORE_H

#include "case.pb-c.h"
#include "case/case_rules.h"
#include "server/clock/found_notice.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

/* A holder who handles a case. */
struct case_member {
    uint64_t unit;
    struct key_id holder;
    unsigned role, level; /* enum CaseRole */
};

struct case_step_row {
    uint64_t unit;
    struct record_id id;
    enum case_action action;
    enum case_actor actor;
    bool emergency;
    enum case_state state;
    int64_t received_us;
    const uint8_t *reply;
    size_t reply_size;
    int64_t due_us, next_us; /* written only: of a member's part; case_course_next after it */
};

/* What a case is, or a file of the register. */
enum case_kind_of { CASE_KIND_CASE, CASE_KIND_FILE, CASE_KIND_KEY };

/* A case as it stands, in an arena. */
struct case_row {
    uint64_t district;
    struct record_id id;
    struct case_clocks clocks;
    struct case_step_row *steps; /* oldest first; never empty */
    size_t step_count;
    struct case_member *members;
    size_t member_count;
    enum case_kind_of kind;
    struct hash register_key;  /* of the key file */
    struct case_course course; /* after the last step */
};

/* What a holder is to the case at a moment; a supervisor only of a level that it has escalated to.
 * CASE_ACTOR_OTHER: nothing. */
enum case_actor case_actor_of(const struct case_row *row, uint64_t unit,
                              const struct key_id *holder, int64_t now_us);

/* Where a record stands: the writer's. */
struct case_place {
    int16_t chain;
    int64_t batch;
};

/* STATUS_NOT_FOUND. Any connection. */
MUST_CHECK enum status store_case(struct db *db, struct arena *arena, uint64_t district,
                                  const struct record_id *id, struct case_row *out_row);
MUST_CHECK enum status store_case_by_lookup(struct db *db, struct arena *arena,
                                            const struct hash *lookup_sha256,
                                            struct case_row *out_row);

/* The clocks of the newest directory of a district; the defaults when there is none. */
MUST_CHECK enum status store_case_clocks(struct db *db, struct arena *arena, uint64_t district,
                                         struct case_clocks *out_clocks);

/* The writer's, each inside its transaction. store_insert_case_directory: STATUS_CONFLICT when its
 * serial is not higher than every one before. */
MUST_CHECK enum status store_insert_case_directory(struct db *db, struct arena *arena,
                                                   struct case_place place, const struct task *task,
                                                   const Zhibao__CaseDirectory *directory,
                                                   const struct case_clocks *clocks);
struct case_kind_row {
    enum case_kind_of kind;
    ProtobufCBinaryData lookup;       /* a case's: 32 bytes; else empty */
    ProtobufCBinaryData identity;     /* a file's: 32 bytes or empty */
    ProtobufCBinaryData register_key; /* a file's with an identity, the key file's: 32 bytes */
};
MUST_CHECK enum status store_insert_case(struct db *db, struct arena *arena,
                                         struct case_place place, const struct task *task,
                                         const struct case_clocks *clocks,
                                         const struct case_kind_row *kind);
MUST_CHECK enum status store_insert_case_step(struct db *db, struct arena *arena,
                                              struct case_place place, const struct task *task,
                                              const struct case_row *row,
                                              const struct case_step_row *step);
MUST_CHECK enum status store_insert_case_member(struct db *db, struct arena *arena,
                                                struct case_place place, const struct task *task,
                                                const struct case_row *row,
                                                const struct case_member *member, bool present);
/* For whom a record is wrapped. One that is there already is passed over. */
struct case_wrap_row {
    struct record_id record;
    struct key_id holder;
    unsigned level;
};
MUST_CHECK enum status store_insert_case_wraps(struct db *db, struct arena *arena,
                                               const struct case_row *row,
                                               const struct case_wrap_row *wraps, size_t count);
MUST_CHECK enum status store_insert_case_read(struct db *db, struct arena *arena,
                                              struct case_place place, const struct task *task,
                                              const Zhibao__CaseRead *reading);

/* What is to be told of cases now and was not yet: the clock's. */
MUST_CHECK enum status case_notices_find(struct db *db, struct arena *arena, int64_t now_us,
                                         size_t limit, struct case_notice **out_notices,
                                         size_t *out_count);

/* Pieces of attachments (case_piece_store.c). `id` has 16 bytes. */
MUST_CHECK enum status store_case_has_piece(struct db *db, struct arena *arena,
                                            const struct case_row *row, const uint8_t *id,
                                            bool *out_has);
/* How many there are, and the key that signed the report. */
MUST_CHECK enum status store_case_pieces(struct db *db, struct arena *arena,
                                         const struct case_row *row, size_t *out_count,
                                         struct key_id *out_report_key);
MUST_CHECK enum status store_insert_case_piece(struct db *db, struct arena *arena,
                                               struct case_place place, const struct task *task,
                                               const struct case_row *row, const uint8_t *record);

/* The district's key file: its key's id. STATUS_NOT_FOUND. */
MUST_CHECK enum status store_register_key(struct db *db, struct arena *arena, uint64_t district,
                                          struct hash *out_key);
/* The file of this identity that has not left the register. STATUS_NOT_FOUND. */
MUST_CHECK enum status store_register_find(struct db *db, struct arena *arena, uint64_t district,
                                           const ProtobufCBinaryData *identity,
                                           struct record_id *out_id);

MUST_CHECK enum status store_insert_case_key_end(struct db *db, struct arena *arena,
                                                 struct case_place place, const struct task *task,
                                                 const Zhibao__CaseKeyEnd *end);

/* --- questions --- */

/* Keys that were destroyed in a district, oldest first, after a place in the chain. */
struct case_key_end_row {
    uint64_t unit;
    struct key_id holder, key;
    int year;
    int64_t received_us;
    int64_t at[3]; /* chain, batch, leaf */
};
MUST_CHECK enum status query_case_key_ends(struct db *db, struct arena *arena, uint64_t district,
                                           const int64_t after[3], size_t limit,
                                           struct case_key_end_row **out_rows, size_t *out_count);

/* Cases in which the holder takes part or stands by, newest first, before a place in the chain. */
struct case_key {
    uint64_t district;
    struct record_id id;
    int64_t chain, batch, leaf;
};
MUST_CHECK enum status query_case_keys(struct db *db, struct arena *arena,
                                       const struct key_id *holder, bool files,
                                       const int64_t before[3], size_t limit,
                                       struct case_key **out_keys, size_t *out_count);

/* When the holder last said that it reads the case; 0: never. */
MUST_CHECK enum status query_case_read_us(struct db *db, struct arena *arena, uint64_t district,
                                          const struct record_id *id, const struct key_id *holder,
                                          int64_t *out_us);

/* The records of a case that are wrapped for the holder up to a level, oldest first, after one. */
struct case_stored {
    uint8_t kind, algorithm;
    uint64_t unit;
    int64_t received_us;
    struct key_id key;
    const uint8_t *payload, *signature;
    size_t payload_size, signature_size;
};
MUST_CHECK enum status query_case_records(struct db *db, struct arena *arena, uint64_t district,
                                          const struct record_id *id, const struct key_id *holder,
                                          unsigned level, const struct record_id *after,
                                          size_t limit, struct case_stored **out_rows,
                                          size_t *out_count);

/* Of these pieces those whose records are wrapped for the holder up to a level, in the order asked
 * for. */
MUST_CHECK enum status query_case_pieces(struct db *db, struct arena *arena,
                                         const struct case_row *row, const struct key_id *holder,
                                         unsigned level, const ProtobufCBinaryData *ids,
                                         size_t count, struct case_stored **out_rows,
                                         size_t *out_count);
MUST_CHECK enum status case_stored_read(const PGresult *result, int row, struct arena *arena,
                                        void *out);

/* The newest directory's record. STATUS_NOT_FOUND. */
MUST_CHECK enum status query_case_directory(struct db *db, struct arena *arena, uint64_t district,
                                            struct case_stored *out_row);

/* Readings of cases that the holder leads or supervises, oldest first. */
struct case_read_row {
    struct record_id case_id, id;
    uint64_t unit;
    struct key_id holder;
    int purpose;
    int64_t received_us;
    int64_t at[3]; /* chain, batch, leaf */
};
MUST_CHECK enum status query_case_reads(struct db *db, struct arena *arena, uint64_t district,
                                        const struct record_id *case_id, const struct key_id *asker,
                                        const int64_t after[3], size_t limit,
                                        struct case_read_row **out_rows, size_t *out_count);

#endif
