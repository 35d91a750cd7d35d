#include "server/store/uplink_store.h"

enum { ROWS_MAX = 1000 };

enum status uplink_store_batch(struct db *db, int64_t *out_batch)
{
    PGresult *result = NULL;
    enum status status = db_run(db,
                                "select coalesce((select max(number) from zhibao.batch), 0)"
                                " + coalesce((select max(number) from zhibao.signature_check), 0)",
                                NULL, &result);
    if (status != STATUS_OK)
        return status;
    *out_batch = db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status uplink_store_put(struct db *db, struct arena *arena, const Zhibao__UplinkRow *row)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_text(&params, row->form);
    db_add_int(&params, row->period);
    db_add_int(&params, (int64_t)row->unit);
    db_add_text(&params, row->plan);
    db_add_int(&params, row->revision);
    db_add_int(&params, row->state);
    db_add_text(&params, row->reason);
    db_add_int(&params, row->told_us);
    return db_exec(db,
                   "insert into zhibao.uplink_state (form, period, unit, plan, revision, state,"
                   " reason, told_us) values ($1, $2::smallint, $3::bigint, $4, $5::int,"
                   " $6::smallint, $7, $8::bigint) on conflict (form, period) do update"
                   " set unit = excluded.unit, plan = excluded.plan, revision = excluded.revision,"
                   " state = excluded.state, reason = excluded.reason, told_us = excluded.told_us",
                   &params);
}

static enum status row_read(const PGresult *result, int i, struct arena *arena, void *out)
{
    Zhibao__UplinkRow *row = arena_alloc(arena, sizeof *row);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    zhibao__uplink_row__init(row);
    row->form = arena_string(arena, db_text(result, i, 0));
    row->period = (uint32_t)db_int(result, i, 1);
    row->unit = (uint64_t)db_int(result, i, 2);
    row->plan = arena_string(arena, db_text(result, i, 3));
    row->revision = (uint32_t)db_int(result, i, 4);
    row->state = (Zhibao__State)db_int(result, i, 5);
    row->reason = arena_string(arena, db_text(result, i, 6));
    row->told_us = db_int(result, i, 7);
    if (!(row->form != NULL && row->plan != NULL && row->reason != NULL))
        return STATUS_NO_MEMORY;
    *(Zhibao__UplinkRow **)out = row;
    return STATUS_OK;
}

enum status uplink_store_list(struct db *db, struct arena *arena, Zhibao__UplinkRow ***out_rows,
                              size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, ROWS_MAX);
    enum status status = db_run(db,
                                "select s.form, s.period, s.unit, s.plan, s.revision::bigint,"
                                " s.state, s.reason, s.told_us from zhibao.uplink_state s"
                                " order by s.form, s.period limit $1::bigint",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(Zhibao__UplinkRow *), row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
