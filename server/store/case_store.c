#include "server/store/case_store.h"

#include <string.h>

enum { STEPS_MAX = 20000 };

/* The columns of a case's clocks, in the order of struct case_clocks. */
#define CLOCK_COLUMNS "acknowledge_us, acknowledge_emergency_us, assess_us, outcome_us, review_us"

static struct case_clocks clocks_read(const PGresult *result, int row, int column)
{
    return (struct case_clocks){.acknowledge_us = db_int(result, row, column),
                                .acknowledge_emergency_us = db_int(result, row, column + 1),
                                .assess_us = db_int(result, row, column + 2),
                                .outcome_us = db_int(result, row, column + 3),
                                .review_us = db_int(result, row, column + 4)};
}

static void clocks_add(struct db_params *params, const struct case_clocks *clocks)
{
    db_add_int(params, clocks->acknowledge_us);
    db_add_int(params, clocks->acknowledge_emergency_us);
    db_add_int(params, clocks->assess_us);
    db_add_int(params, clocks->outcome_us);
    db_add_int(params, clocks->review_us);
}

static void case_params(struct db_params *params, struct arena *arena, uint64_t district,
                        const struct record_id *id)
{
    db_params_init(params, arena);
    db_add_int(params, (int64_t)district);
    db_add_bytes(params, id->bytes, RECORD_ID_BYTES);
}

static void place_add(struct db_params *params, struct case_place place, const struct task *task)
{
    db_add_int(params, place.chain);
    db_add_int(params, place.batch);
    db_add_int(params, task->index);
}

static enum status step_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct case_step_row *step = out;
    const uint8_t *reply = db_bytes(result, row, 7, &step->reply_size);
    step->unit = (uint64_t)db_int(result, row, 0);
    step->action = (enum case_action)db_int(result, row, 2);
    step->actor = (enum case_actor)db_int(result, row, 3);
    step->emergency = db_bool(result, row, 4);
    step->state = (enum case_state)db_int(result, row, 5);
    step->received_us = db_int(result, row, 6);
    step->due_us = db_int(result, row, 8);
    step->reply = arena_copy(arena, reply, step->reply_size);
    if (step->reply == NULL)
        return STATUS_NO_MEMORY;
    return db_fixed(result, row, 1, step->id.bytes, RECORD_ID_BYTES) ? STATUS_OK : STATUS_MISMATCH;
}

static enum status steps_load(struct db *db, struct arena *arena, struct case_row *row)
{
    struct db_params params;
    PGresult *result = NULL;
    void *steps = NULL;
    case_params(&params, arena, row->district, &row->id);
    db_add_int(&params, STEPS_MAX);
    enum status status =
        db_run(db,
               "select unit, id, action, actor, emergency, state, received_us, reply, due_us"
               " from zhibao.case_event where district = $1::bigint and case_id = $2"
               " order by chain, batch, leaf limit $3::bigint",
               &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof *row->steps, step_read, &steps, &row->step_count);
    if (status != STATUS_OK)
        return status;
    row->steps = steps;
    for (size_t i = 0; i < row->step_count; i++) {
        const struct case_step_row *step = &row->steps[i];
        case_course_step(&row->course, &row->clocks, step->action, step->actor, step->emergency,
                         step->received_us, step->state);
        if (step->due_us != 0 && step->action != CASE_ACTION_ADD)
            case_course_visit(&row->course, step->due_us);
    }
    return row->step_count > 0 ? STATUS_OK : STATUS_MISMATCH;
}

static enum status member_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct case_member *member = out;
    (void)arena;
    member->unit = (uint64_t)db_int(result, row, 0);
    member->role = (unsigned)db_int(result, row, 2);
    member->level = (unsigned)db_int(result, row, 3);
    return db_fixed(result, row, 1, member->holder.bytes, KEY_ID_BYTES) ? STATUS_OK
                                                                        : STATUS_MISMATCH;
}

static enum status members_load(struct db *db, struct arena *arena, struct case_row *row)
{
    struct db_params params;
    PGresult *result = NULL;
    void *members = NULL;
    case_params(&params, arena, row->district, &row->id);
    enum status status =
        db_run(db,
               "select unit, holder, role, level from ("
               " select distinct on (holder) * from zhibao.case_recipient"
               " where district = $1::bigint and case_id = $2"
               " order by holder, chain desc, batch desc, leaf desc) r where present"
               " order by level, role, unit, holder",
               &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof *row->members, member_read, &members, &row->member_count);
    if (status == STATUS_OK)
        row->members = members;
    return status;
}

/* The one case of the result, with its steps and members. */
static enum status case_load(struct db *db, struct arena *arena, PGresult *result,
                             struct case_row *out_row)
{
    struct case_row row = {0};
    bool found = PQntuples(result) == 1;
    if (found) {
        row.district = (uint64_t)db_int(result, 0, 0);
        row.clocks = clocks_read(result, 0, 2);
        row.kind = (enum case_kind_of)db_int(result, 0, 7);
        found = db_fixed(result, 0, 1, row.id.bytes, RECORD_ID_BYTES) &&
                (row.kind != CASE_KIND_KEY ||
                 db_fixed(result, 0, 8, row.register_key.bytes, HASH_BYTES));
    }
    PQclear(result);
    if (!found)
        return STATUS_NOT_FOUND;
    enum status status = steps_load(db, arena, &row);
    if (status == STATUS_OK)
        status = members_load(db, arena, &row);
    if (status == STATUS_OK)
        *out_row = row;
    return status;
}

enum status store_case(struct db *db, struct arena *arena, uint64_t district,
                       const struct record_id *id, struct case_row *out_row)
{
    struct db_params params;
    PGresult *result = NULL;
    case_params(&params, arena, district, id);
    enum status status = db_run(db,
                                "select district, id, " CLOCK_COLUMNS ", kind, register_key"
                                " from zhibao.case_report"
                                " where district = $1::bigint and id = $2",
                                &params, &result);
    return status != STATUS_OK ? status : case_load(db, arena, result, out_row);
}

enum status store_case_by_lookup(struct db *db, struct arena *arena,
                                 const struct hash *lookup_sha256, struct case_row *out_row)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_bytes(&params, lookup_sha256->bytes, HASH_BYTES);
    enum status status = db_run(db,
                                "select district, id, " CLOCK_COLUMNS ", kind, register_key"
                                " from zhibao.case_report where lookup_sha256 = $1 and kind = 0"
                                " order by chain, batch, leaf limit 1",
                                &params, &result);
    return status != STATUS_OK ? status : case_load(db, arena, result, out_row);
}

enum case_actor case_actor_of(const struct case_row *row, uint64_t unit,
                              const struct key_id *holder, int64_t now_us)
{
    struct case_course course = row->course;
    case_course_pass(&course, &row->clocks, now_us);
    for (size_t i = 0; i < row->member_count; i++) {
        const struct case_member *member = &row->members[i];
        if (member->unit == unit && memcmp(&member->holder, holder, sizeof *holder) == 0)
            return member->level <= course.level ? (enum case_actor)member->role : CASE_ACTOR_OTHER;
    }
    return CASE_ACTOR_OTHER;
}

enum status store_case_clocks(struct db *db, struct arena *arena, uint64_t district,
                              struct case_clocks *out_clocks)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)district);
    enum status status = db_run(db,
                                "select " CLOCK_COLUMNS " from zhibao.case_directory"
                                " where district = $1::bigint order by serial desc limit 1",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_clocks = PQntuples(result) == 1 ? clocks_read(result, 0, 0) : case_clocks_default();
    PQclear(result);
    return STATUS_OK;
}

enum status store_insert_case_directory(struct db *db, struct arena *arena, struct case_place place,
                                        const struct task *task,
                                        const Zhibao__CaseDirectory *directory,
                                        const struct case_clocks *clocks)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)directory->district);
    db_add_int(&params, (int64_t)directory->serial);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    clocks_add(&params, clocks);
    db_add_int(&params, task->leaf.received_us);
    place_add(&params, place, task);
    db_add_int(&params, (int64_t)task->district);
    enum status status =
        db_run(db,
               "insert into zhibao.case_directory (district, serial, unit, id, " CLOCK_COLUMNS
               ", received_us, chain, batch, leaf, author_district)"
               " select $1::bigint, $2::bigint, $3::bigint, $4,"
               " $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint,"
               " $11::smallint, $12::bigint, $13::int, $14::bigint where not exists (select from"
               " zhibao.case_directory where district = $1::bigint and serial >= $2::bigint)"
               " returning serial",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    status = PQntuples(result) == 1 ? STATUS_OK : STATUS_CONFLICT;
    PQclear(result);
    return status;
}

enum status store_insert_case(struct db *db, struct arena *arena, struct case_place place,
                              const struct task *task, const struct case_clocks *clocks,
                              const struct case_kind_row *kind)
{
    static const uint8_t nobody[HASH_BYTES]; /* no code has it */
    struct db_params params;
    case_params(&params, arena, task->district, &task->leaf.id);
    db_add_bytes(&params, kind->lookup.len == 0 ? nobody : kind->lookup.data, HASH_BYTES);
    clocks_add(&params, clocks);
    place_add(&params, place, task);
    db_add_int(&params, kind->kind);
    db_add_bytes(&params, kind->identity.len == 0 ? nobody : kind->identity.data,
                 kind->identity.len);
    db_add_bytes(&params, kind->register_key.len == 0 ? nobody : kind->register_key.data,
                 kind->register_key.len);
    return db_exec(db,
                   "insert into zhibao.case_report (district, id, lookup_sha256, " CLOCK_COLUMNS
                   ", chain, batch, leaf, kind, identity, register_key) values ($1::bigint, $2, $3,"
                   " $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::smallint,"
                   " $10::bigint, $11::int, $12::smallint, $13, $14)",
                   &params);
}

enum status store_insert_case_step(struct db *db, struct arena *arena, struct case_place place,
                                   const struct task *task, const struct case_row *row,
                                   const struct case_step_row *step)
{
    struct db_params params;
    case_params(&params, arena, row->district, &row->id);
    db_add_int(&params, (int64_t)step->unit);
    db_add_bytes(&params, step->id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, step->action);
    db_add_int(&params, step->actor);
    db_add_bool(&params, step->emergency);
    db_add_int(&params, step->state);
    db_add_int(&params, step->due_us);
    db_add_bytes(&params, step->reply, step->reply_size);
    db_add_int(&params, step->received_us);
    place_add(&params, place, task);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, step->next_us);
    return db_exec(db,
                   "insert into zhibao.case_event (district, case_id, unit, id, action, actor,"
                   " emergency, state, due_us, reply, received_us, chain, batch, leaf,"
                   " author_district, next_us) values"
                   " ($1::bigint, $2, $3::bigint, $4, $5::smallint, $6::smallint, $7::boolean,"
                   " $8::smallint, $9::bigint, $10, $11::bigint, $12::smallint, $13::bigint,"
                   " $14::int, $15::bigint, $16::bigint)",
                   &params);
}

enum status store_insert_case_member(struct db *db, struct arena *arena, struct case_place place,
                                     const struct task *task, const struct case_row *row,
                                     const struct case_member *member, bool present)
{
    struct db_params params;
    case_params(&params, arena, row->district, &row->id);
    db_add_int(&params, (int64_t)member->unit);
    db_add_bytes(&params, member->holder.bytes, KEY_ID_BYTES);
    db_add_int(&params, member->role);
    db_add_int(&params, member->level);
    db_add_bool(&params, present);
    place_add(&params, place, task);
    return db_exec(db,
                   "insert into zhibao.case_recipient (district, case_id, unit, holder, role,"
                   " level, present, chain, batch, leaf) values ($1::bigint, $2, $3::bigint, $4,"
                   " $5::smallint, $6::smallint, $7::boolean, $8::smallint, $9::bigint, $10::int)",
                   &params);
}

enum status store_insert_case_wraps(struct db *db, struct arena *arena, const struct case_row *row,
                                    const struct case_wrap_row *wraps, size_t count)
{
    struct db_params params;
    struct db_bytes *records = arena_array(arena, count, sizeof *records);
    struct db_bytes *holders = arena_array(arena, count, sizeof *holders);
    int64_t *levels = arena_array(arena, count, sizeof *levels);
    if (records == NULL || holders == NULL || levels == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        records[i] = (struct db_bytes){wraps[i].record.bytes, RECORD_ID_BYTES};
        holders[i] = (struct db_bytes){wraps[i].holder.bytes, KEY_ID_BYTES};
        levels[i] = wraps[i].level;
    }
    case_params(&params, arena, row->district, &row->id);
    db_add_bytes_array(&params, records, count);
    db_add_bytes_array(&params, holders, count);
    db_add_ints(&params, levels, count);
    return db_exec(db,
                   "insert into zhibao.case_wrap (district, case_id, record, holder, level)"
                   " select $1::bigint, $2, r, h, l::smallint"
                   " from unnest($3::bytea[], $4::bytea[], $5::bigint[]) as k (r, h, l)"
                   " on conflict do nothing",
                   &params);
}
