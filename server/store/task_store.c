#include "server/store/task_store.h"

#include <string.h>

enum { EVENTS_MAX = 500 };

#define TASK_COLUMNS                                                                      \
    "t.chain, t.batch, t.leaf, t.office, t.addressee, t.id, t.last_id, e.payload_sha256," \
    " t.state, t.due_us, t.plan, t.duty, t.indicator, t.title, t.period"                  \
    " from zhibao.task_state t join zhibao.registry_event e on e.district = t.district"   \
    " and e.unit = t.office and e.kind = 11 and e.id = t.id"

static enum task_state state_of(const char *state)
{
    return strcmp(state, "answered") == 0 ? TASK_STATE_ANSWERED
           : strcmp(state, "closed") == 0 ? TASK_STATE_CLOSED
                                          : TASK_STATE_OPEN;
}

static enum status task_read(const PGresult *result, int row, struct arena *arena, void *out_row)
{
    struct task_row read = {
        .chain = db_int(result, row, 0),
        .batch = db_int(result, row, 1),
        .leaf = db_int(result, row, 2),
        .office = (uint64_t)db_int(result, row, 3),
        .addressee = (uint64_t)db_int(result, row, 4),
        .state = state_of(db_text(result, row, 8)),
        .due_us = db_int(result, row, 9),
        .plan = arena_string(arena, db_text(result, row, 10)),
        .duty = arena_string(arena, db_text(result, row, 11)),
        .indicator = arena_string(arena, db_text(result, row, 12)),
        .title = arena_string(arena, db_text(result, row, 13)),
        .period = (int)db_int(result, row, 14),
    };
    if (read.plan == NULL || read.duty == NULL || read.indicator == NULL || read.title == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 5, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 6, read.last.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 7, read.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    *(struct task_row *)out_row = read;
    return STATUS_OK;
}

enum status store_task(struct db *db, struct arena *arena, uint64_t office,
                       const struct record_id *id, struct task_row *out_row)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)office);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    enum status status = db_run(
        db, "select " TASK_COLUMNS " where t.office = $1::bigint and t.id = $2", &params, &result);
    if (status != STATUS_OK)
        return status;
    status = PQntuples(result) == 1 ? task_read(result, 0, arena, out_row) : STATUS_NOT_FOUND;
    PQclear(result);
    return status;
}

enum status store_insert_task_event(struct db *db, struct arena *arena, int16_t chain,
                                    int64_t batch, const struct task *task, uint64_t office,
                                    const struct record_id *id, uint64_t addressee)
{
    const Zhibao__Task *message = (const Zhibao__Task *)task->message;
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, message->action);
    db_add_int(&params, (int64_t)office);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)addressee);
    db_add_int(&params, message->due_us);
    const char *const texts[] = {message->title, message->text, message->plan, message->duty,
                                 message->indicator};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        db_add_text(&params, texts[i]);
    db_add_int(&params, message->period);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, chain);
    db_add_int(&params, batch);
    db_add_int(&params, task->index);
    return db_exec(db,
                   "insert into zhibao.task_event (district, unit, id, action, office, task_id,"
                   " addressee, due_us, title, text, plan, duty, indicator, period, received_us,"
                   " chain, batch, leaf) values ($1::bigint, $2::bigint, $3, $4::smallint,"
                   " $5::bigint, $6, $7::bigint, $8::bigint, $9, $10, $11, $12, $13,"
                   " $14::smallint, $15::bigint, $16::smallint, $17::bigint, $18::int)",
                   &params);
}

#define LISTED_COLUMNS                                                                    \
    "t.chain, t.batch, t.leaf, t.office, t.addressee, t.id, t.last_id, t.payload_sha256," \
    " t.state, t.due_us, t.plan, t.duty, t.indicator, t.title, t.period, t.told_by,"      \
    " t.told_unit, t.office_name, t.addressee_name, t.told_above_us"

static const char tasks_sql[] =
    "select " LISTED_COLUMNS
    " from zhibao.task_listed t where (t.office = $1::bigint or t.addressee = $1::bigint"
    "  or t.addressee between $2::bigint and $3::bigint"
    "   and (not $4::boolean or t.state = 'open' and t.due_us <= $5::bigint))"
    " and (not $6::boolean or t.state <> 'closed')"
    " and (not $7::boolean or t.state = 'open' and t.due_us <= $5::bigint)"
    " and ($8::bigint = 0 or t.addressee = $8::bigint)"
    " and ($9::bytea is null or t.id = $9::bytea)"
    " and (t.chain, t.batch, t.leaf) > ($10::bigint, $11::bigint, $12::bigint)"
    " order by t.chain, t.batch, t.leaf limit $13::bigint";

static enum status listed_read(const PGresult *result, int row, struct arena *arena, void *out_row)
{
    struct task_row read;
    enum status status = task_read(result, row, arena, &read);
    if (status != STATUS_OK)
        return status;
    read.told_by = (uint64_t)db_int(result, row, 15);
    read.told = (uint64_t)db_int(result, row, 16);
    read.office_name = arena_string(arena, db_text(result, row, 17));
    read.addressee_name = arena_string(arena, db_text(result, row, 18));
    read.told_above_us = db_int(result, row, 19);
    if (read.office_name == NULL || read.addressee_name == NULL)
        return STATUS_NO_MEMORY;
    *(struct task_row *)out_row = read;
    return STATUS_OK;
}

enum status query_tasks(struct db *db, struct arena *arena, const struct task_filter *filter,
                        size_t limit, struct task_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)filter->unit);
    db_add_int(&params, (int64_t)filter->first);
    db_add_int(&params, (int64_t)filter->last);
    db_add_bool(&params, filter->below_overdue);
    db_add_int(&params, filter->now_us);
    db_add_bool(&params, filter->unfinished);
    db_add_bool(&params, filter->overdue);
    db_add_int(&params, (int64_t)filter->addressee);
    if (filter->id == NULL)
        db_add_null(&params);
    else
        db_add_bytes(&params, filter->id->bytes, RECORD_ID_BYTES);
    for (int i = 0; i < 3; i++)
        db_add_int(&params, filter->after[i]);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, tasks_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(struct task_row), listed_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

enum status query_task_events(struct db *db, struct arena *arena, uint64_t office,
                              const struct record_id *id, struct task_event_row **out_rows,
                              size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)office);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    db_add_int(&params, EVENTS_MAX);
    enum status status =
        db_run(db,
               "select t.action, t.unit, t.id, t.step_us, t.due_us, t.text, t.unit_name"
               " from zhibao.task_step t where t.office = $1::bigint and t.task_id = $2"
               " order by t.chain, t.batch, t.leaf limit $3::bigint",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct task_event_row *rows = arena_array(arena, count, sizeof *rows);
    if (rows == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int row = (int)i;
        rows[i] =
            (struct task_event_row){.action = (int)db_int(result, row, 0),
                                    .unit = (uint64_t)db_int(result, row, 1),
                                    .time_us = db_int(result, row, 3),
                                    .due_us = db_int(result, row, 4),
                                    .text = arena_string(arena, db_text(result, row, 5)),
                                    .unit_name = arena_string(arena, db_text(result, row, 6))};
        if (rows[i].text == NULL || rows[i].unit_name == NULL)
            status = STATUS_NO_MEMORY;
        else if (!db_fixed(result, row, 2, rows[i].id.bytes, RECORD_ID_BYTES))
            status = STATUS_MISMATCH;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}
