#include "server/store/calendar_store.h"

static enum status default_row(struct db *db, struct arena *arena, const struct plan *plan,
                               const struct form *form, enum cutoff_level level, int period)
{
    struct db_params params;
    int64_t opens_us = 0, due_us = 0;
    if (!cutoff_default(form, level, period, &opens_us, &due_us))
        return STATUS_OK;
    db_params_init(&params, arena);
    db_add_text(&params, plan->code);
    db_add_text(&params, form->code);
    db_add_int(&params, level);
    db_add_int(&params, period);
    db_add_int(&params, opens_us);
    db_add_int(&params, due_us);
    return db_exec(db,
                   "insert into zhibao.cutoff_default (plan, form, level, period, opens_us, due_us)"
                   " values ($1, $2, $3::smallint, $4::smallint, $5::bigint, $6::bigint)",
                   &params);
}

enum status store_cutoff_defaults(struct db *db, struct arena *arena, const struct plan *plan)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_text(&params, plan->code);
    enum status status = db_exec(db, "delete from zhibao.cutoff_default where plan = $1", &params);
    for (size_t i = 0; i < plan->form_count && status == STATUS_OK; i++)
        for (int period = plan->first_year; period <= plan->last_year && status == STATUS_OK;
             period++) {
            status = default_row(db, arena, plan, &plan->forms[i], LEVEL_UNIT, period);
            if (status == STATUS_OK)
                status = default_row(db, arena, plan, &plan->forms[i], LEVEL_TOTAL, period);
        }
    return status;
}

/* Where the record is, as the last parameters. */
static void add_position(struct db_params *params, const struct apply *apply,
                         const struct task *task)
{
    db_add_bytes(params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(params, apply->chain);
    db_add_int(params, apply->batch);
    db_add_int(params, task->index);
}

enum status store_calendar_entry(struct apply *apply, const struct task *task,
                                 const Zhibao__Calendar *calendar, const struct cutoff_entry *entry)
{
    struct db_params params;
    int64_t days[CUTOFF_REMINDERS_MAX];
    for (size_t i = 0; i < entry->days.reminder_count; i++)
        days[i] = entry->days.reminders[i];
    db_params_init(&params, apply->arena);
    db_add_text(&params, calendar->plan);
    db_add_int(&params, calendar->period);
    db_add_text(&params, entry->form);
    db_add_int(&params, entry->level);
    db_add_int(&params, (int64_t)entry->place);
    db_add_int(&params, entry->opens_us);
    db_add_int(&params, entry->due_us);
    db_add_ints(&params, days, entry->days.reminder_count);
    db_add_int(&params, entry->days.escalation);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, (int64_t)task->leaf.unit);
    add_position(&params, apply, task);
    return db_exec(apply->db,
                   "insert into zhibao.calendar_entry (plan, period, form, level, place, opens_us,"
                   " due_us, reminder_days, escalation_days, received_us, unit, id, chain, batch,"
                   " leaf) values ($1, $2::smallint, $3, $4::smallint, $5::bigint, $6::bigint,"
                   " $7::bigint, $8::bigint[], $9::smallint, $10::bigint, $11::bigint, $12,"
                   " $13::smallint, $14::bigint, $15::int)",
                   &params);
}

enum status store_extension(struct apply *apply, const struct task *task,
                            const Zhibao__Extension *extension, uint64_t unit, uint64_t district)
{
    struct db_params params;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, (int64_t)unit);
    db_add_text(&params, extension->plan);
    db_add_int(&params, extension->period);
    db_add_text(&params, extension->form);
    db_add_int(&params, extension->level);
    db_add_int(&params, extension->until_us);
    db_add_text(&params, extension->reason);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, (int64_t)task->leaf.unit);
    add_position(&params, apply, task);
    return db_exec(apply->db,
                   "insert into zhibao.extension (district, about_unit, plan, period, form, level,"
                   " until_us, reason, received_us, unit, id, chain, batch, leaf) values"
                   " ($1::bigint, $2::bigint, $3, $4::smallint, $5, $6::smallint, $7::bigint, $8,"
                   " $9::bigint, $10::bigint, $11, $12::smallint, $13::bigint, $14::int)",
                   &params);
}

enum status store_cutoff_notice(struct apply *apply, const struct task *task,
                                const struct cutoff_notice *notice, bool *out_new)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)notice->district);
    db_add_text(&params, cutoff_notice_word(notice->kind));
    db_add_text(&params, notice->plan);
    db_add_int(&params, notice->period);
    db_add_text(&params, notice->form);
    db_add_int(&params, notice->level);
    db_add_int(&params, (int64_t)notice->unit);
    db_add_int(&params, (int64_t)notice->told);
    db_add_int(&params, notice->due_us);
    db_add_int(&params, notice->days);
    db_add_int(&params, notice->until_us);
    db_add_int(&params, notice->outage.from_us);
    db_add_int(&params, apply->now_us);
    add_position(&params, apply, task);
    enum status status = db_run(
        apply->db,
        "insert into zhibao.cutoff_notice (district, notice, plan, period, form, level, about_unit,"
        " told_unit, due_us, days, until_us, outage_us, made_us, id, chain, batch, leaf) values"
        " ($1::bigint, $2, $3, $4::smallint, $5, $6::smallint, $7::bigint, $8::bigint, $9::bigint,"
        " $10::smallint, $11::bigint, $12::bigint, $13::bigint, $14, $15::smallint, $16::bigint,"
        " $17::int) on conflict do nothing returning 1",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_new = PQntuples(result) == 1;
    PQclear(result);
    return STATUS_OK;
}

static enum status outage_insert(struct apply *apply, const struct outage *outage)
{
    struct db_params params;
    db_params_init(&params, apply->arena);
    db_add_int(&params, apply->chain);
    db_add_int(&params, outage->from_us);
    db_add_int(&params, outage->to_us);
    return db_exec(apply->db,
                   "insert into zhibao.outage (chain, from_us, to_us) values ($1::smallint,"
                   " $2::bigint, $3::bigint) on conflict do nothing",
                   &params);
}

static enum status contacts_upsert(struct apply *apply, const struct clock_work *work)
{
    struct db_params params;
    db_params_init(&params, apply->arena);
    db_add_ints(&params, work->seen_units, work->seen_count);
    db_add_ints(&params, work->seen_us, work->seen_count);
    return db_exec(apply->db,
                   "insert into zhibao.unit_seen (unit, seen_us)"
                   " select u, s from unnest($1::bigint[], $2::bigint[]) as k (u, s)"
                   " on conflict (unit) do update set seen_us = excluded.seen_us",
                   &params);
}

enum status store_clock_marks(struct apply *apply, const struct clock_work *work)
{
    struct db_params params;
    enum status status = STATUS_OK;
    if (work->outage.to_us != 0)
        status = outage_insert(apply, &work->outage);
    if (status == STATUS_OK && work->seen_count > 0)
        status = contacts_upsert(apply, work);
    if (status != STATUS_OK)
        return status;
    db_params_init(&params, apply->arena);
    db_add_int(&params, apply->chain);
    db_add_int(&params, work->mark_us);
    return db_exec(apply->db,
                   "insert into zhibao.service_mark (chain, seen_us) values ($1::smallint,"
                   " $2::bigint) on conflict (chain) do update set seen_us = excluded.seen_us",
                   &params);
}
