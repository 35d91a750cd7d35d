#include "server/store/escalation_store.h"

#include <string.h>

#include "server/store/db.h"

enum status escalation_known(struct apply *apply, const struct task *task,
                             const Zhibao__TaskEscalation *message, bool *out_known)
{
    struct db_params params;
    struct hash known;
    PGresult *result = NULL;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)message->task->unit);
    db_add_bytes(&params, message->task->id.data, RECORD_ID_BYTES);
    enum status status =
        db_run(apply->db,
               "select t.task_sha256 from zhibao.task_escalation t where t.district = $1::bigint"
               " and t.office = $2::bigint and t.task_id = $3 limit 1",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    bool found = PQntuples(result) == 1;
    if (found && (!db_fixed(result, 0, 0, known.bytes, HASH_BYTES) ||
                  memcmp(known.bytes, message->task->payload_sha256.data, HASH_BYTES) != 0))
        status = STATUS_E_TASK_UNKNOWN;
    PQclear(result);
    if (status == STATUS_OK)
        *out_known = found;
    return status;
}

enum status escalation_insert(struct apply *apply, const struct task *task,
                              const Zhibao__TaskEscalation *message, uint64_t told, bool *out_new)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, message->action);
    db_add_int(&params, (int64_t)message->task->unit);
    db_add_bytes(&params, message->task->id.data, RECORD_ID_BYTES);
    db_add_bytes(&params, message->task->payload_sha256.data, HASH_BYTES);
    db_add_bytes(&params, message->step->id.data, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)told);
    db_add_int(&params, (int64_t)message->addressee);
    db_add_int(&params, message->due_us);
    const char *const texts[] = {message->office_name, message->addressee_name, message->title,
                                 message->text,        message->plan,           message->duty,
                                 message->indicator};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        db_add_text(&params, texts[i]);
    db_add_int(&params, message->period);
    db_add_int(&params, message->time_us);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, apply->chain);
    db_add_int(&params, apply->batch);
    db_add_int(&params, task->index);
    enum status status =
        db_run(apply->db,
               "insert into zhibao.task_escalation (district, unit, id, action, office, task_id,"
               " task_sha256, step_id, told_unit, addressee, due_us, office_name, addressee_name,"
               " title, text, plan, duty, indicator, period, step_us, received_us, chain, batch,"
               " leaf) values ($1::bigint, $2::bigint, $3, $4::smallint, $5::bigint, $6, $7, $8,"
               " $9::bigint, $10::bigint, $11::bigint, $12, $13, $14, $15, $16, $17, $18,"
               " $19::smallint, $20::bigint, $21::bigint, $22::smallint, $23::bigint, $24::int)"
               " on conflict do nothing returning 1",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_new = PQntuples(result) == 1;
    PQclear(result);
    return STATUS_OK;
}

static enum status step_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct escalation_step read = {
        .action = (int)db_int(result, row, 0),
        .kind = (uint8_t)db_int(result, row, 1),
        .district = (uint64_t)db_int(result, row, 2),
        .unit = (uint64_t)db_int(result, row, 3),
        .due_us = db_int(result, row, 5),
        .time_us = db_int(result, row, 6),
        .text = arena_string(arena, db_text(result, row, 7)),
        .office = (uint64_t)db_int(result, row, 8),
        .addressee = (uint64_t)db_int(result, row, 10),
        .title = arena_string(arena, db_text(result, row, 12)),
        .plan = arena_string(arena, db_text(result, row, 13)),
        .duty = arena_string(arena, db_text(result, row, 14)),
        .indicator = arena_string(arena, db_text(result, row, 15)),
        .period = (int)db_int(result, row, 16),
    };
    if (read.text == NULL || read.title == NULL || read.plan == NULL || read.duty == NULL ||
        read.indicator == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 4, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 9, read.task.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 11, read.task_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    *(struct escalation_step *)out = read;
    return STATUS_OK;
}

/* begun: the first time that a task of an office between $1 and $2 escalated to an office that is
 * not here; steps: that, and what came after. The text of an escalation is that of the opening. */
static const char untold_sql[] =
    "with away as (select n.* from zhibao.task_notice n"
    "  where n.office between $1::bigint and $2::bigint and n.stage = 2 and n.told_unit <> 0"
    "  and not exists (select from zhibao.unit u where u.unit = n.told_unit)),"
    " begun as (select distinct on (a.office, a.task_id) a.office, a.task_id, a.chain, a.batch,"
    "  a.leaf from away a order by a.office, a.task_id, a.chain, a.batch, a.leaf),"
    " steps as (select 5 as action, 8 as kind, a.district, 0::bigint as unit, a.id, a.due_us,"
    "  a.made_us as time_us, null::text as text, a.office, a.task_id, a.chain, a.batch, a.leaf"
    "  from away a"
    " union all"
    "  select t.action, 11, t.district, t.unit, t.id, t.due_us, t.received_us, t.text, t.office,"
    "  t.task_id, t.chain, t.batch, t.leaf"
    "  from begun b join zhibao.task_event t on t.office = b.office and t.task_id = b.task_id"
    "  and (t.chain, t.batch, t.leaf) > (b.chain, b.batch, b.leaf))"
    " select s.action, s.kind, s.district, s.unit, s.id, s.due_us, s.time_us,"
    "  coalesce(s.text, o.text), s.office, s.task_id, o.addressee, e.payload_sha256, o.title,"
    "  o.plan, o.duty, o.indicator, o.period"
    " from steps s"
    " join zhibao.task_event o on o.office = s.office and o.task_id = s.task_id and o.action = 1"
    " join zhibao.registry_event e on e.district = o.district and e.unit = o.unit"
    "  and e.kind = 11 and e.id = o.id"
    " where not exists (select from zhibao.uplink_task k where k.step_id = s.id)"
    " order by s.chain, s.batch, s.leaf limit $3::bigint";

enum status escalation_untold(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                              size_t limit, struct escalation_step **out_steps, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, untold_sql, &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct escalation_step), step_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_steps = rows;
    return status;
}

enum status escalation_put(struct db *db, struct arena *arena, const struct escalation_step *step,
                           int64_t now_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_bytes(&params, step->id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)step->office);
    db_add_bytes(&params, step->task.bytes, RECORD_ID_BYTES);
    db_add_int(&params, step->action);
    db_add_int(&params, now_us);
    return db_exec(db,
                   "insert into zhibao.uplink_task (step_id, office, task_id, action, state,"
                   " put_us, settled_us) values ($1, $2::bigint, $3, $4::smallint, 0::smallint,"
                   " $5::bigint, 0::bigint) on conflict do nothing",
                   &params);
}

static enum status id_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    (void)arena;
    return db_fixed(result, row, 0, ((struct record_id *)out)->bytes, RECORD_ID_BYTES)
               ? STATUS_OK
               : STATUS_MISMATCH;
}

enum status escalation_waiting(struct db *db, struct arena *arena, size_t limit,
                               struct record_id **out_ids, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db,
                                "select k.step_id from zhibao.uplink_task k where k.state = 0"
                                " order by k.put_us limit $1::bigint",
                                &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(struct record_id), id_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_ids = rows;
    return status;
}

enum status escalation_settle(struct db *db, struct arena *arena, const struct record_id *id,
                              bool stored, int64_t settled_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    db_add_int(&params, stored ? 1 : 2);
    db_add_int(&params, settled_us);
    return db_exec(db,
                   "update zhibao.uplink_task k set state = $2::smallint, settled_us = $3::bigint"
                   " where k.step_id = $1 and k.state = 0",
                   &params);
}
