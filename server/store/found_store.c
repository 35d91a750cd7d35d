#include "server/store/found_store.h"

#include "server/chain/task_rules.h"

static enum status task_row_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct task_notice read = {
        .district = (uint64_t)db_int(result, row, 0),
        .office = (uint64_t)db_int(result, row, 1),
        .addressee = (uint64_t)db_int(result, row, 2),
        .due_us = db_int(result, row, 5),
        .stage = (int)db_int(result, row, 6),
    };
    (void)arena;
    if (!db_fixed(result, row, 3, read.task.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 4, read.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    *(struct task_notice *)out = read;
    return STATUS_OK;
}

enum status query_tasks_overdue(struct db *db, struct arena *arena, int64_t now_us,
                                int64_t since_us, size_t limit, struct task_notice **out_rows,
                                size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, now_us);
    db_add_int(&params, now_us - since_us);
    db_add_int(&params, TASK_PATIENCE_US);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(
        db,
        "select t.district, t.office, t.addressee, t.id, e.payload_sha256, t.due_us, g.stage::int"
        " from (select distinct d.office, d.task_id from zhibao.task_event d where d.due_us <> 0"
        "  and d.due_us <= $1::bigint and d.due_us > $2::bigint) k"
        " join zhibao.task_state t on t.office = k.office and t.id = k.task_id"
        " join zhibao.registry_event e on e.district = t.district and e.unit = t.office"
        "  and e.kind = 11 and e.id = t.id"
        " cross join lateral (select case when $1::bigint - t.due_us >= $3::bigint then 2 else 1"
        "  end as stage) g"
        " where t.state = 'open' and t.due_us <= $1::bigint and t.due_us > $2::bigint"
        " and not exists (select from zhibao.task_notice n where n.office = t.office"
        "  and n.task_id = t.id and n.due_us = t.due_us and n.stage >= g.stage)"
        " order by t.due_us, t.office, t.id limit $4::bigint",
        &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct task_notice), task_row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

static enum status step_row_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct uplink_notice read = {
        .unit = (uint64_t)db_int(result, row, 0),
        .plan = arena_string(arena, db_text(result, row, 3)),
        .form = arena_string(arena, db_text(result, row, 4)),
        .period = (int)db_int(result, row, 5),
        .revision = (int)db_int(result, row, 6),
        .state = (int)db_int(result, row, 7),
        .actor = (uint64_t)db_int(result, row, 8),
        .actor_name = arena_string(arena, db_text(result, row, 9)),
        .reason = arena_string(arena, db_text(result, row, 10)),
        .time_us = db_int(result, row, 11),
    };
    const uint8_t *receipt = db_bytes(result, row, 12, &read.receipt_size);
    read.receipt = arena_copy(arena, receipt, read.receipt_size);
    read.district = place_ancestor(unit_place(read.unit), PLACE_DISTRICT);
    if (read.plan == NULL || read.form == NULL || read.actor_name == NULL || read.reason == NULL ||
        read.receipt == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 1, read.report.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 2, read.step.bytes, RECORD_ID_BYTES))
        return STATUS_MISMATCH;
    *(struct uplink_notice *)out = read;
    return STATUS_OK;
}

enum status query_uplink_steps(struct db *db, struct arena *arena, size_t limit,
                               struct uplink_notice **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(
        db,
        "select s.unit, s.report_id, s.step_id, s.plan, s.form, s.period, s.revision, s.state,"
        " s.actor, s.actor_name, s.reason, s.time_us, s.receipt from zhibao.uplink_step s"
        " where not exists (select from zhibao.uplink_notice n where n.unit = s.unit"
        "  and n.report_id = s.report_id and n.step_id = s.step_id)"
        " order by s.time_us, s.step_id limit $1::bigint",
        &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct uplink_notice), step_row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

/* Where the notice's record is, as the last parameters. */
static enum status notice_insert(struct apply *apply, const struct task *task, const char *sql,
                                 struct db_params *params, bool *out_new)
{
    PGresult *result = NULL;
    db_add_int(params, apply->now_us);
    db_add_bytes(params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(params, apply->chain);
    db_add_int(params, apply->batch);
    db_add_int(params, task->index);
    enum status status = db_run(apply->db, sql, params, &result);
    if (status != STATUS_OK)
        return status;
    *out_new = PQntuples(result) == 1;
    PQclear(result);
    return STATUS_OK;
}

enum status store_task_notice(struct apply *apply, const struct task *task,
                              const struct task_notice *notice, bool *out_new)
{
    struct db_params params;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)notice->district);
    db_add_int(&params, (int64_t)notice->office);
    db_add_bytes(&params, notice->task.bytes, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)notice->addressee);
    db_add_int(&params, notice->due_us);
    db_add_int(&params, notice->stage);
    db_add_int(&params, (int64_t)notice->told);
    return notice_insert(apply, task,
                         "insert into zhibao.task_notice (district, office, task_id, addressee,"
                         " due_us, stage, told_unit, made_us, id, chain, batch, leaf) values"
                         " ($1::bigint, $2::bigint, $3, $4::bigint, $5::bigint, $6::smallint,"
                         " $7::bigint, $8::bigint, $9, $10::smallint, $11::bigint, $12::int)"
                         " on conflict do nothing returning 1",
                         &params, out_new);
}

enum status store_uplink_notice(struct apply *apply, const struct task *task,
                                const struct uplink_notice *notice, bool *out_new)
{
    struct db_params params;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)notice->district);
    db_add_int(&params, (int64_t)notice->unit);
    db_add_bytes(&params, notice->report.bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, notice->step.bytes, RECORD_ID_BYTES);
    db_add_text(&params, notice->plan);
    db_add_text(&params, notice->form);
    db_add_int(&params, notice->period);
    db_add_int(&params, notice->state);
    db_add_int(&params, (int64_t)notice->actor);
    return notice_insert(apply, task,
                         "insert into zhibao.uplink_notice (district, unit, report_id, step_id,"
                         " plan, form, period, state, actor, made_us, id, chain, batch, leaf)"
                         " values ($1::bigint, $2::bigint, $3, $4, $5, $6, $7::smallint,"
                         " $8::smallint, $9::bigint, $10::bigint, $11, $12::smallint, $13::bigint,"
                         " $14::int) on conflict do nothing returning 1",
                         &params, out_new);
}

enum status store_uplink_step(struct db *db, struct arena *arena, const struct uplink_notice *step)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)step->unit);
    db_add_bytes(&params, step->report.bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, step->step.bytes, RECORD_ID_BYTES);
    db_add_text(&params, step->plan);
    db_add_text(&params, step->form);
    db_add_int(&params, step->period);
    db_add_int(&params, step->revision);
    db_add_int(&params, step->state);
    db_add_int(&params, (int64_t)step->actor);
    db_add_text(&params, step->actor_name);
    db_add_text(&params, step->reason);
    db_add_int(&params, step->time_us);
    db_add_bytes(&params, step->receipt, step->receipt_size);
    return db_exec(db,
                   "insert into zhibao.uplink_step (unit, report_id, step_id, plan, form, period,"
                   " revision, state, actor, actor_name, reason, time_us, receipt) values"
                   " ($1::bigint, $2, $3, $4, $5, $6::smallint, $7::int, $8::smallint, $9::bigint,"
                   " $10, $11, $12::bigint, $13) on conflict do nothing",
                   &params);
}
